// Two runs side by side: the figures of their evaluations, and their answers to the same sentence.
import * as api from './api.js';
import {h, announce, during, featureChips, nameWithYear} from './dom.js';
import {intentList} from './talk.js';

const SCORES = ['with text', 'without text', 'sequence only', 'popularity'];
const METRICS = ['HIT@5', 'HIT@10', 'NDCG@10', 'MRR'];
const newPair = () => ({turns: null, said: '', titles: ''});

/** Rows of label and, for each run, value and half of its interval. */
function figureRows(figures) {
  const rows = [];
  const add = (label, values) => { if (values.some((value) => value !== undefined)) rows.push([label, values]); };
  for (const score of SCORES)
    for (const metric of METRICS)
      add(`${metric}, ${score}`, figures.map((one) => {
        const cell = one.one_turn?.test_seen_kept?.[score];
        return cell?.[metric] === undefined ? undefined : [cell[metric], cell[`${metric}_ci95`]];
      }));
  add('Success rate of dialogues', figures.map((one) => {
    const rates = one.multi_turn?.all?.success_rate;
    return rates?.length ? [rates.at(-1)] : undefined;
  }));
  return rows;
}

const cellText = (value) => (value === undefined ? '' : value[0].toFixed(4) + (value[1] === undefined ? '' : ` ± ${value[1].toFixed(4)}`));

function figureTable(app, figures) {
  const rows = figureRows(figures);
  if (!rows.length) return h('p', {class: 'note'}, 'The runs have no figures of an evaluation.');
  return h('div', {class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Figures'}, h('table', {},
    h('caption', {}, 'Test users, history among the candidates, with 95 % intervals'),
    h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'Score'), app.runs.map((run) => h('th', {scope: 'col', class: 'number'}, run.name)))),
    h('tbody', {}, rows.map(([label, values]) => {
      const best = Math.max(...values.map((value) => value?.[0] ?? -1));
      return h('tr', {}, h('th', {scope: 'row'}, label),
        values.map((value) => h('td', {class: value?.[0] === best ? 'number best' : 'number'}, cellText(value))));
    }))));
}

function answerOf(run, turn, other) {
  return h('section', {class: 'card', 'aria-label': run.name}, h('h2', {}, run.name),
    turn && h('ol', {class: 'items'}, turn.items.map((item) => {
      const shared = other?.items.some((one) => one.id === item.id);
      return h('li', {class: 'item'}, h('div', {class: 'head'}, h('span', {class: 'title'}, nameWithYear(item)),
        shared && h('span', {class: 'shared'}, 'in both')), featureChips(item));
    })),
    turn && intentList(turn.intents));
}

export async function compareView(main, app) {
  const pair = app.kept.pair ??= newPair();
  const [first, second] = app.runs;
  const answers = h('div', {class: 'two'});
  const said = h('input', {id: 'said-to-both', type: 'text', maxlength: 4000, value: pair.said, placeholder: 'Say it to both …', 'aria-label': 'Sentence for both runs'});
  const titles = h('input', {id: 'titles-of-both', type: 'text', value: pair.titles, placeholder: 'Titles of your history (optional)', 'aria-label': 'Titles of the history'});
  const send = h('button', {class: 'main'}, 'Say');
  const figures = h('div', {class: 'card'});
  main.replaceChildren(
    h('form', {class: 'line wide', onsubmit: (event) => { event.preventDefault(); say(); }}, titles, said, send),
    answers, figures);

  function draw() {
    const turns = pair.turns ?? [];
    answers.hidden = !turns.length;
    answers.replaceChildren(answerOf(first, turns[0], turns[1]), answerOf(second, turns[1], turns[0]));
  }

  async function say() {
    pair.said = said.value.trim();
    pair.titles = titles.value.trim();
    if (!pair.said) return;
    const turns = await during(send, () => Promise.all(app.runs.map(async (run) =>
      api.say((await api.begin({run: run.id, titles: pair.titles})).id, pair.said))));
    if (!turns) return;
    pair.turns = turns;
    draw();
    announce(app.runs.map((run, i) => `${run.name}: ${turns[i].items.map((item) => item.title).join('; ')}`).join('. '));
  }

  draw();
  const all = await during(null, () => Promise.all(app.runs.map((run) => api.figures(run.id))));
  if (all) figures.replaceChildren(figureTable(app, all));
}
