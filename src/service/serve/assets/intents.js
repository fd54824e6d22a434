// The map of the intents: users as dots, intents as circles that one can point at or reach with the keyboard.
import * as api from './api.js';
import {h, svg, during, percent} from './dom.js';

const WIDTH = 720, HEIGHT = 520, EDGE = 26;
const COLOURS = 8;

/** Places on the page for places in the plane; the few farthest points do not decide the scale. */
function scaleOf(points) {
  const range = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const at = (share) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
    return [at(0.005), at(0.995)];
  };
  const [left, right] = range(points.map((point) => point.x));
  const [low, high] = range(points.map((point) => point.y));
  const clamp = (value, most) => Math.min(Math.max(value, EDGE), most - EDGE);
  return {
    x: (x) => clamp(EDGE + (x - left) / (right - left || 1) * (WIDTH - 2 * EDGE), WIDTH),
    y: (y) => clamp(HEIGHT - EDGE - (y - low) / (high - low || 1) * (HEIGHT - 2 * EDGE), HEIGHT),
  };
}

const titleList = (intent) => intent.items.map((item) => item.title).join(', ');

function describe(intent) {
  return [h('h2', {}, `Intent ${intent.intent}`),
    h('p', {class: 'note'}, `${intent.users.toLocaleString('en')} users, ${percent(intent.share)} of all`),
    h('h3', {}, 'Nearest items'),
    h('ol', {}, intent.items.map((item) => h('li', {}, item.title)))];
}

export async function intentsView(main, app) {
  main.replaceChildren(h('p', {class: 'note'}, 'Reading the map …'));
  const map = await during(null, async () => app.keep('intents', () => null) ?? await api.intents(app.run.id));
  if (!map) return main.replaceChildren();
  app.kept[`intents ${app.run.id}`] = map;
  const {x, y} = scaleOf([...map.users, ...map.intents]);
  const order = new Map(map.intents.map((intent, i) => [intent.intent, i]));
  const kind = (intent) => (order.get(intent) < COLOURS ? `c${order.get(intent)}` : 'rest');
  const largest = map.intents[0]?.users || 1;
  const panel = h('div', {class: 'card about', 'aria-live': 'polite'});
  const shapes = new Map(), entries = new Map();

  function choose(intent) {
    for (const [id, shape] of shapes) shape.classList.toggle('chosen', id === intent.intent);
    for (const [id, entry] of entries) entry.setAttribute('aria-pressed', String(id === intent.intent));
    panel.replaceChildren(...describe(intent));
  }

  const circles = [...map.intents].reverse().map((intent) => {
    const shape = svg('circle', {cx: x(intent.x), cy: y(intent.y), r: 4 + 17 * Math.sqrt(intent.users / largest),
      class: `intent ${kind(intent.intent)}`, onpointerenter: () => choose(intent), onclick: () => choose(intent)},
    svg('title', {}, `Intent ${intent.intent}: ${titleList(intent)}`));
    shapes.set(intent.intent, shape);
    return shape;
  });
  const list = h('ul', {class: 'intent-list', 'aria-label': 'Intents, the largest first'}, map.intents.map((intent) => {
    const entry = h('button', {'aria-pressed': 'false', onclick: () => choose(intent), onfocus: () => choose(intent),
      onpointerenter: () => choose(intent)},
    h('span', {class: `dot ${kind(intent.intent)}`, 'aria-hidden': 'true'}), h('span', {class: 'titles'}, titleList(intent) || `Intent ${intent.intent}`),
    h('span', {class: 'share'}, percent(intent.share)));
    entries.set(intent.intent, entry);
    return h('li', {}, entry);
  }));
  main.replaceChildren(
    h('section', {class: 'card map', 'aria-label': 'Map'},
      h('p', {class: 'note'}, `Users (dots) and intents (circles, by their users) in the plane of largest variance: ${map.axes.map(percent).join(' and ')} of it.`),
      svg('svg', {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': 'Map of users and intents; the list beside it says the same'},
        svg('g', {class: 'dots'}, map.users.map((user) => svg('circle', {cx: x(user.x).toFixed(1), cy: y(user.y).toFixed(1), r: 1.4, class: kind(user.intent)}))),
        svg('g', {}, circles))),
    h('div', {class: 'beside'}, panel, h('div', {class: 'card'}, h('h2', {}, `${map.intents.length} intents`), list)));
  if (map.intents.length) choose(map.intents[0]);
}
