// The conversation: sentences, lists, criticism, and why.
import * as api from './api.js';
import {h, announce, during, featureChips, meter, nameWithYear, percent, placeChange, titles, unseen} from './dom.js';

const EXAMPLES = ['An animated comedy for children, with songs', 'Something dark, with detectives'];

/** What is kept of a conversation while the person looks at other views. */
const newTalk = () => ({session: null, history: [], titles: '', draft: '', open: new Map()});

export function intentList(intents, label = 'Intents behind this list') {
  if (!intents.length) return null;
  return h('section', {class: 'intents', 'aria-label': label},
    h('h3', {}, label),
    h('ul', {}, intents.map((intent) => h('li', {},
      h('span', {class: 'share'}, percent(intent.probability)), meter(intent.probability),
      h('span', {class: 'titles'}, titles(intent.items), intent.rank && ` (there it is number ${intent.rank})`)))));
}

function movedList(label, moved) {
  if (!moved.length) return null;
  return h('div', {class: 'moved'}, h('h4', {}, label),
    h('ul', {}, moved.map((one) => h('li', {}, h('span', {class: 'titles'}, nameWithYear(one.item ?? one)), placeChange(one.rank_alone, one.rank)))));
}

function reasons(why) {
  return h('div', {class: 'why'},
    h('p', {}, `Place ${why.rank || 'unknown'} with your words, ${why.rank_alone || 'unknown'} by your history alone.`),
    why.facets_wanted.length > 0 && h('p', {}, `You asked for ${why.facets_wanted.join(', ')}.`),
    why.near_history.length > 0 && h('p', {}, `Nearest in your history: ${titles(why.near_history)}.`),
    intentList(why.intents, 'Raised by'));
}

class Conversation {
  constructor(main, app) {
    this.app = app;
    this.talk = app.keep('talk', newTalk);
    this.log = h('div', {class: 'log', id: 'log', role: 'region', 'aria-label': 'Conversation'});
    this.aside = h('aside', {class: 'side', 'aria-label': 'Your items'});
    main.replaceChildren(h('div', {class: 'conversation'}, this.log, this.form()), this.aside);
    this.draw();
  }

  form() {
    this.input = h('input', {id: 'said', type: 'text', maxlength: 4000, autocomplete: 'off', enterkeyhint: 'send',
      placeholder: 'Say what you would like …', 'aria-label': 'Your sentence'});
    this.input.value = this.talk.draft;
    this.input.addEventListener('input', () => { this.talk.draft = this.input.value; });
    this.send = h('button', {class: 'main', id: 'send'}, 'Say');
    this.tools = h('div', {class: 'tools', role: 'group', 'aria-label': 'About the last list'});
    return h('form', {class: 'say', onsubmit: (event) => { event.preventDefault(); this.say(this.input.value); }},
      this.tools, h('div', {class: 'line'}, this.input, this.send));
  }

  get turns() { return this.talk.session?.turns ?? []; }

  async session() {
    this.talk.session ??= await api.begin({run: this.app.run.id, history: this.talk.history, titles: this.talk.titles});
    return this.talk.session;
  }

  /** A session that the server has ended begins anew with the same history, instead of a fault at every sentence. */
  async step(button, action) {
    const turn = await during(button, async () => {
      const session = await this.session();
      return action(session.id).catch((fault) => {
        if (fault.status !== 404) throw fault;
        this.talk.history = session.history.map((item) => item.id);
        this.talk.titles = '';
        this.talk.session = null;
        this.draw();
        throw new Error('The server had ended this conversation. Say it again to begin anew with the same items.');
      });
    });
    return turn;
  }

  async say(text) {
    if (!text.trim()) return;
    if (this.addTurn(await this.step(this.send, (id) => api.say(id, text)))) {
      this.talk.draft = this.input.value = '';
      this.input.focus();
    }
  }

  async criticise(button, criticism) {
    this.addTurn(await this.step(button, (id) => api.criticise(id, criticism)));
  }

  addTurn(turn) {
    if (!turn) return false;
    this.talk.session.turns.push(turn);
    if (turn.taken.length) this.refresh();
    this.draw();
    announce(`${turn.answer} ${turn.items.map((item, i) => `${i + 1}: ${item.title}`).join('; ')}`);
    return true;
  }

  async refresh() {
    const session = await during(null, () => api.session(this.talk.session.id));
    if (session) this.replace(session);
  }

  async accept(button, item) {
    const session = await this.step(button, (id) => api.accept(id, item.id));
    if (session) this.replace(session, `${item.title} is in your history.`);
  }

  async undo(button) {
    const session = await this.step(button, (id) => api.undo(id));
    if (session) this.replace(session, 'Taken back.');
  }

  replace(session, said) {
    this.talk.session = session;
    this.draw();
    if (said) announce(said);
  }

  async save(button) {
    const lines = await this.step(button, (id) => api.dialogue(id));
    if (!lines) return;
    const link = h('a', {href: URL.createObjectURL(new Blob([lines])), download: 'talk.jsonl'});
    link.click();
    URL.revokeObjectURL(link.href);
  }

  async why(button, item, place) {
    if (this.talk.open.has(place)) this.talk.open.delete(place);
    else {
      const why = await this.step(button, (id) => api.why(id, item.id));
      if (!why) return;
      this.talk.open.set(place, why);
    }
    this.draw(false);
    document.getElementById(`why-${place}`)?.focus();
  }

  draw(scrolls = true) {
    const last = this.turns.findLastIndex((turn) => turn.items.length > 0);
    this.log.replaceChildren(...(this.turns.length ? this.turns.map((turn, i) => this.turn(turn, i, i === last)) : [this.welcome()]));
    this.drawTools(last >= 0);
    this.drawAside();
    if (scrolls && this.turns.length) this.log.lastElementChild.scrollIntoView({block: 'start', behavior: 'auto'});
  }

  welcome() {
    const run = this.app.run;
    return h('div', {class: 'welcome'},
      h('h1', {}, `What would you like to find among ${run.items.toLocaleString('en')} ${run.item_noun}?`),
      h('p', {}, 'Say it in a sentence. The list comes from the ranking of the trained networks; nothing is made up.'),
      h('ul', {class: 'examples'}, EXAMPLES.map((text) =>
        h('li', {}, h('button', {onclick: () => this.say(text)}, text)))));
  }

  turn(turn, number, isLast) {
    return h('article', {class: 'turn', 'aria-label': `Turn ${number + 1}`},
      h('p', {class: 'said'}, unseen('You: '), turn.said),
      h('div', {class: 'answer'},
        turn.answer && h('p', {class: 'words'}, turn.answer),
        turn.items.length > 0 && h('ol', {class: 'items'}, turn.items.map((item, i) => this.item(turn, item, `${number}-${i}`, isLast))),
        turn.items.length > 0 && this.behind(turn)));
  }

  behind(turn) {
    return h('details', {class: 'behind', open: true}, h('summary', {}, 'Why these'),
      h('div', {class: 'columns'}, intentList(turn.intents),
        (turn.rose.length > 0 || turn.fell.length > 0) && h('section', {class: 'changes', 'aria-label': 'What your words changed'},
          h('h3', {}, 'What your words changed'),
          h('div', {class: 'pair'}, movedList('Rose', turn.rose), movedList('Fell', turn.fell)))));
  }

  item(turn, item, place, isLast) {
    const taken = turn.accepted.includes(item.id);
    const why = this.talk.open.get(place);
    const act = (name, label, action) => h('button', {class: name, 'aria-label': `${label}: ${item.title}`, onclick: action}, label);
    return h('li', {class: taken ? 'item taken' : 'item'},
      h('div', {class: 'head'},
        h('span', {class: 'title'}, nameWithYear(item), taken && h('span', {class: 'mark'}, ' ✓ taken')),
        placeChange(item.rank_alone, item.rank)),
      featureChips(item),
      isLast && !taken && h('div', {class: 'acts'},
        act('take', 'Take', (event) => this.accept(event.currentTarget, item)),
        act('like', 'More like this', (event) => this.criticise(event.currentTarget, {like: [item.id]})),
        act('refuse', 'Not this', (event) => this.criticise(event.currentTarget, {refuse: [item.id]})),
        h('button', {class: 'ask', id: `why-${place}`, 'aria-label': `Why ${item.title}`, 'aria-expanded': String(Boolean(why)),
          onclick: (event) => this.why(event.currentTarget, item, place)}, 'Why?')),
      why && reasons(why));
  }

  drawTools(hasList) {
    const tool = (id, label, action) => h('button', {type: 'button', id, onclick: (event) => action(event.currentTarget)}, label);
    this.tools.replaceChildren(...(hasList ? [
      tool('older', 'Older', (button) => this.criticise(button, {year: 'older'})),
      tool('newer', 'Newer', (button) => this.criticise(button, {year: 'newer'})),
      tool('others', 'None of these', (button) => this.criticise(button, {refuse_all: true})),
    ] : []), ...(this.turns.length ? [tool('undo', 'Undo', (button) => this.undo(button))] : []));
  }

  drawAside() {
    const history = this.talk.session?.history ?? [];
    const field = h('textarea', {id: 'titles', rows: 3, placeholder: 'Toy Story, Aladdin, Babe'});
    field.value = this.talk.titles;
    const unknown = this.talk.session?.unknown ?? [];
    const accepted = this.turns.some((turn) => turn.accepted.length);
    this.aside.replaceChildren(
      h('details', {class: 'card', open: window.matchMedia('(min-width: 60rem)').matches},
        h('summary', {}, h('h2', {}, `Your items (${history.length})`)),
        history.length > 0
          ? h('ol', {class: 'history', tabindex: 0, 'aria-label': 'Your items, newest first'},
            [...history].reverse().map((item) => h('li', {}, nameWithYear(item))))
          : h('p', {class: 'note'}, 'None yet: the mean user takes your place.'),
        unknown.length > 0 && h('p', {class: 'note'}, `Not in the dataset: ${unknown.join(', ')}`),
        h('form', {class: 'begin', onsubmit: (event) => { event.preventDefault(); this.begin(event.submitter, field.value); }},
          h('label', {for: 'titles'}, 'Begin anew with titles, with commas between'), field,
          h('button', {id: 'begin'}, 'Begin anew'),
          accepted && h('button', {type: 'button', id: 'save', onclick: (event) => this.save(event.currentTarget)}, 'Save the dialogue'))));
  }

  async begin(button, text) {
    Object.assign(this.talk, newTalk(), {titles: text});
    await during(button, () => this.session());
    this.draw();
    this.input.focus();
  }
}

export function talkView(main, app) {
  new Conversation(main, app);
}

/** Begins a conversation with someone's items, with their sentence ready to be said. */
export function talkAs(app, history, draft) {
  Object.assign(app.keep('talk', newTalk), newTalk(), {history, draft});
  app.go('talk');
}
