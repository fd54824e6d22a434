// The page: which run, which view. Views are functions that fill the main part.
import * as api from './api.js';
import {h, showProblem, announce} from './dom.js';
import {talkView} from './talk.js';
import {usersView} from './users.js';
import {intentsView} from './intents.js';
import {dialoguesView} from './dialogues.js';
import {compareView} from './compare.js';

const VIEWS = [
  {name: 'talk', title: 'Talk', show: talkView, fits: () => true},
  {name: 'users', title: 'Test users', show: usersView, fits: (run) => run.has_users},
  {name: 'intents', title: 'Intents', show: intentsView, fits: () => true},
  {name: 'dialogues', title: 'Dialogues', show: dialoguesView, fits: (run) => run.has_dialogues},
  {name: 'compare', title: 'Side by side', show: compareView, fits: (run, all) => all.length > 1},
];

const app = {runs: [], run: null, view: 'talk', detail: '', kept: {}, go, chooseRun};

/** Opens a view; `detail` names what is open in it. What a view keeps for a run stays until the page is left. */
function go(view, detail = '') {
  const address = `#/${view}${detail ? `/${encodeURIComponent(detail)}` : ''}`;
  if (location.hash === address) show();
  else location.hash = address;
}

function chooseRun(id) {
  app.run = app.runs.find((run) => run.id === id);
  announce(`Run ${app.run.name}`);
  app.detail = '';
  const view = VIEWS.find((one) => one.name === app.view);
  go(view.fits(app.run, app.runs) ? app.view : 'talk');
}

/** What the view keeps for the run, made at the first call. */
app.keep = (key, make) => {
  const name = `${key} ${app.run.id}`;
  app.kept[name] ??= make();
  return app.kept[name];
};

function drawRuns() {
  const one = app.runs.length === 1;
  document.getElementById('brand').textContent = one ? app.run.name : 'latentcrs';
  document.getElementById('runs').replaceChildren(...(one ? [] : [
    h('div', {role: 'radiogroup', 'aria-label': 'Run', class: 'segments'}, app.runs.map((run) =>
      h('button', {role: 'radio', 'aria-checked': String(run === app.run), id: `run-${run.id}`,
        onclick: () => chooseRun(run.id)}, run.name)))]));
}

function drawTabs() {
  const tabs = VIEWS.filter((view) => view.fits(app.run, app.runs)).map((view) =>
    h('button', {role: 'tab', id: `tab-${view.name}`, 'aria-selected': String(view.name === app.view), 'aria-controls': 'view',
      tabindex: view.name === app.view ? 0 : -1, onclick: () => go(view.name)}, view.title));
  const list = document.getElementById('tabs');
  const focused = list.contains(document.activeElement);
  list.replaceChildren(...tabs);
  if (focused) document.getElementById(`tab-${app.view}`).focus();
}

/** Arrow keys go from tab to tab, as in every list of tabs. */
function moveBetweenTabs(event) {
  const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
  const tabs = [...event.currentTarget.children];
  const at = tabs.indexOf(document.activeElement);
  if (!step || at < 0) return;
  event.preventDefault();
  const next = tabs[(at + step + tabs.length) % tabs.length];
  next.focus();
  next.click();
}

async function show() {
  const [, name = '', detail = ''] = location.hash.match(/^#\/([a-z]+)(?:\/(.+))?$/) ?? [];
  const view = VIEWS.find((one) => one.name === name && one.fits(app.run, app.runs)) ?? VIEWS[0];
  app.view = view.name;
  app.detail = decodeURIComponent(detail);
  drawRuns();
  drawTabs();
  showProblem('');
  const main = document.getElementById('view');
  main.setAttribute('role', 'tabpanel');
  main.setAttribute('aria-labelledby', `tab-${view.name}`);
  main.className = `${view.name}-view`;
  document.title = `${view.title} · ${app.run.name} · latentcrs`;
  try {
    await view.show(main, app);
  } catch (fault) {
    showProblem(fault.message);
  }
}

function askToken(main) {
  const field = h('input', {id: 'token', type: 'password', autocomplete: 'off', required: true});
  main.replaceChildren(h('form', {class: 'card narrow', onsubmit: (event) => {
    event.preventDefault();
    api.setToken(field.value.trim());
    start();
  }}, h('h1', {}, 'This server asks for a token'),
  h('p', {}, 'The server printed it when it was started.'),
  h('label', {for: 'token'}, 'Token'), field, h('button', {class: 'main'}, 'Open')));
  field.focus();
}

async function start() {
  const main = document.getElementById('view');
  showProblem('');
  try {
    app.runs = await api.runs();
  } catch (fault) {
    if (fault.status === 401) askToken(main);
    else showProblem(fault.message);
    return;
  }
  app.run = app.runs[0];
  document.getElementById('tabs').addEventListener('keydown', moveBetweenTabs);
  window.addEventListener('hashchange', show);
  await show();
}

start();
