// The evaluation's dialogues with simulated users, turn by turn.
import * as api from './api.js';
import {h, during, facetChips, pager, personOf} from './dom.js';

const LIMIT = 10;
const OUTCOMES = [['all', 'All'], ['found', 'Target found'], ['not_found', 'Not found']];
const newList = () => ({offset: 0, outcome: 'all'});

function turnOf(turn, target) {
  return [
    h('p', {class: 'said'}, turn.user, turn.gives_title_away && h('span', {class: 'note bad'}, ' (gives the title away)')),
    h('div', {class: 'answer plain'}, facetChips(turn.features),
      h('ol', {class: 'titles-only'}, turn.shown.map((item) =>
        h('li', {class: item.id === target ? 'hit' : ''}, item.title, item.id === target && ' ✓ the target')))),
  ];
}

function dialogueCard(dialogue) {
  const outcome = dialogue.success_turn ? `found in turn ${dialogue.success_turn}` : dialogue.missing_reply ? 'fell silent' : 'not found';
  return h('details', {class: 'card dialogue'},
    h('summary', {}, h('span', {}, `User ${personOf(dialogue.user)} wants ${dialogue.target_title}`),
      h('span', {class: dialogue.success_turn ? 'good' : 'bad'}, outcome)),
    dialogue.turns.map((turn) => turnOf(turn, dialogue.target)));
}

export async function dialoguesView(main, app) {
  const list = app.keep('dialogues', newList);
  const cards = h('div', {class: 'cards'});
  const pages = h('div', {});
  const choice = h('select', {id: 'outcome', onchange: () => { list.outcome = choice.value; load(0); }},
    OUTCOMES.map(([value, text]) => h('option', {value, selected: value === list.outcome}, text)));
  main.replaceChildren(
    h('p', {class: 'line'}, h('label', {for: 'outcome'}, 'Dialogues of simulated users'), choice),
    cards, pages);

  async function load(offset) {
    list.offset = offset;
    const found = await during(null, () => api.dialogues(app.run.id, offset, LIMIT, list.outcome));
    if (!found) return;
    cards.replaceChildren(...found.dialogues.map(dialogueCard));
    cards.firstElementChild?.setAttribute('open', '');
    pages.replaceChildren(pager(offset, LIMIT, found.total, load));
  }

  await load(list.offset);
}
