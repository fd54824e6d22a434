// Elements in one call each, and the parts that several views share.

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children.flat(3)) if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}

/** An HTML element with attributes (`onclick` and the like are listeners) and children; text is never read as markup. */
export const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/** The same for SVG. */
export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);

/** Text for screen readers only. */
export const unseen = (text) => h('span', {class: 'unseen'}, text);

/** Says something to a screen reader without moving the focus. */
export function announce(text) {
  document.getElementById('live').textContent = text;
}

export function showProblem(text) {
  const box = document.getElementById('problem');
  box.hidden = !text;
  box.replaceChildren();
  if (text) box.append(h('span', {}, text), h('button', {class: 'quiet', onclick: () => showProblem('')}, 'Close'));
}

/** Runs an action of the person's; a fault is shown, and the button cannot be pressed twice. */
export async function during(button, action) {
  if (button) button.disabled = true;
  showProblem('');
  try {
    return await action();
  } catch (fault) {
    showProblem(fault.message);
    return null;
  } finally {
    if (button) button.disabled = false;
  }
}

export const percent = (share) => `${Math.round(100 * share)} %`;

/** A bar of a share in [0, 1]; the number beside it says the same. */
export function meter(share) {
  const bar = h('span', {class: 'fill'});
  bar.style.width = `${100 * Math.min(Math.max(share, 0), 1)}%`;
  return h('span', {class: 'meter', 'aria-hidden': 'true'}, bar);
}

/** A user as the dataset names them; records add the split. */
export const personOf = (user) => user.replace(/_raw_(test|valid)$/, '');
export const titles = (items) => items.map((item) => item.title).join(', ');
export const nameWithYear = (item) =>
  item.year && !item.title.includes(String(item.year)) ? `${item.title} (${item.year})` : item.title;

/** Places before and after, as an arrow to see and a sentence to hear. */
export function placeChange(rankAlone, rank) {
  if (!rank) return null;
  const kind = !rankAlone || rankAlone === rank ? 'same' : rank < rankAlone ? 'up' : 'down';
  const seen = kind === 'same' ? `place ${rank}` : `${rankAlone.toLocaleString('en')} → ${rank.toLocaleString('en')}`;
  const heard = kind === 'same' ? `place ${rank}` : `place ${rank} with the words, ${rankAlone} by the history alone`;
  return h('span', {class: `move ${kind}`}, h('span', {'aria-hidden': 'true'}, seen), unseen(heard));
}

/** Genres or categories; those that were asked for stand out. */
export function facetChips(facets, wanted = []) {
  return h('span', {class: 'facets'}, facets.map((facet) =>
    h('span', {class: wanted.includes(facet) ? 'facet wanted' : 'facet'}, facet, wanted.includes(facet) && unseen(' (asked for)'))));
}

/** The facets of an item of a list, and the people of it who were asked for. */
export function featureChips(item) {
  const people = item.facets_wanted.filter((wanted) => !item.facets.includes(wanted));
  return facetChips([...item.facets, ...people], item.facets_wanted);
}

/** Earlier and later pages of a list. */
export function pager(offset, limit, total, go) {
  const last = Math.min(offset + limit, total);
  return h('nav', {class: 'pager', 'aria-label': 'Pages'},
    h('button', {disabled: offset === 0, onclick: () => go(Math.max(0, offset - limit))}, 'Previous'),
    h('span', {}, total ? `${offset + 1} to ${last} of ${total.toLocaleString('en')}` : 'None'),
    h('button', {disabled: last >= total, onclick: () => go(offset + limit)}, 'Next'));
}
