// Test users of the evaluation: their history, what they said, and where the target stands.
import * as api from './api.js';
import {h, during, facetChips, meter, nameWithYear, pager, personOf} from './dom.js';
import {talkAs} from './talk.js';

const LIMIT = 20;
const FIRST = ['with text', 'without text', 'sequence only', 'text only', 'popularity'];
const newList = () => ({offset: 0, q: ''});

/** The scores that the target has a rank under, the most telling ones first. */
const scoresOf = (user) => [...FIRST.filter((score) => score in user.ranks), ...Object.keys(user.ranks).filter((score) => !FIRST.includes(score))];

/** A rank on a scale that gives the first places most of the room. */
function rankBar(label, rank, items) {
  const share = rank ? Math.max(0.015, 1 - Math.log(rank) / Math.log(Math.max(items, 2))) : 0;
  return h('div', {class: 'rank'}, h('dt', {}, label),
    h('dd', {}, meter(share), h('b', {}, rank ? rank.toLocaleString('en') : 'no rank')));
}

function userCard(app, user) {
  return h('article', {class: 'card user', 'aria-labelledby': 'user-name'},
    h('h2', {id: 'user-name', tabindex: -1}, `User ${personOf(user.user)}`),
    h('p', {class: 'said'}, user.utterance || 'This user said nothing.'),
    user.gives_title_away && h('p', {class: 'note bad'}, 'The words give the title of the target away.'),
    h('h3', {}, 'The target, held out from training'),
    h('p', {class: 'target'}, nameWithYear(user.target), ' ', facetChips(user.target.facets)),
    h('h3', {}, `Its place among ${app.run.items.toLocaleString('en')} ${app.run.item_noun}`),
    h('dl', {class: 'ranks'}, scoresOf(user).map((score) => rankBar(score, user.ranks[score], app.run.items))),
    h('p', {}, h('button', {class: 'main', id: 'talk-as', onclick: () => talkAs(app, user.history.map((item) => item.id), user.utterance)},
      'Talk as this user')),
    h('h3', {}, `History, newest first (${user.history.length})`),
    h('ol', {class: 'history', tabindex: 0, 'aria-label': 'History, newest first'},
      [...user.history].reverse().map((item) => h('li', {}, nameWithYear(item), ' ', facetChips(item.facets)))));
}

export async function usersView(main, app) {
  const list = app.keep('users', newList);
  const rows = h('tbody', {});
  const pages = h('div', {});
  const detail = h('div', {class: 'detail', 'aria-live': 'polite'});
  const search = h('input', {id: 'user-search', type: 'search', value: list.q, maxlength: 200});
  main.replaceChildren(
    h('section', {class: 'list', 'aria-label': 'Test users'},
      h('form', {class: 'line', role: 'search', onsubmit: (event) => { event.preventDefault(); load(0); }},
        h('label', {for: 'user-search', class: 'unseen'}, 'User or title of the target'), search, h('button', {}, 'Find')),
      h('table', {}, h('caption', {class: 'unseen'}, 'Test users and the places of their targets'),
        h('thead', {}, h('tr', {}, ['User', 'Target', 'With text', 'Without'].map((name, i) => h('th', {scope: 'col', class: i > 1 ? 'number' : ''}, name)))),
        rows),
      pages),
    detail);
  if (!app.detail) detail.append(h('p', {class: 'note'}, 'Choose a user to see history, words and ranks.'));

  function row(user) {
    const chosen = user.id === app.detail;
    const rank = (name) => h('td', {class: 'number'}, user.ranks[name]?.toLocaleString('en') ?? '');
    return h('tr', {class: chosen ? 'chosen' : ''},
      h('th', {scope: 'row'}, h('button', {class: 'link', 'aria-current': chosen ? 'true' : null, onclick: () => app.go('users', user.id)}, personOf(user.user))),
      h('td', {class: 'clip'}, user.target_title), rank('with text'), rank('without text'));
  }

  async function load(offset) {
    list.offset = offset;
    list.q = search.value.trim();
    const found = await during(null, () => api.users(app.run.id, offset, LIMIT, list.q));
    if (!found) return;
    rows.replaceChildren(...found.users.map(row));
    pages.replaceChildren(pager(offset, LIMIT, found.total, load));
  }

  await load(list.offset);
  if (!app.detail) return;
  const user = await during(null, () => api.user(app.run.id, app.detail));
  if (!user) return;
  detail.replaceChildren(userCard(app, user));
  document.getElementById('user-name').focus({preventScroll: window.matchMedia('(min-width: 60rem)').matches});
}
