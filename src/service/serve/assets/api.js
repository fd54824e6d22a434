// The server's JSON interface (openapi.json).

/** The token that a server on an open address asks for: it comes behind # in the address that the server printed. */
function token() {
  const given = location.hash.match(/^#token=(.+)$/);
  if (given) {
    sessionStorage.setItem('token', decodeURIComponent(given[1]));
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem('token');
}

async function ask(method, path, body) {
  const headers = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (token()) headers.Authorization = `Bearer ${token()}`;
  let reply;
  try {
    reply = await fetch(`/api/v1${path}`, {method, headers, body: body === undefined ? undefined : JSON.stringify(body)});
  } catch {
    throw new Error('The server does not answer. Is it still running?');
  }
  if (!reply.ok) {
    const fault = await reply.json().catch(() => null);
    const wrong = new Error(fault?.error?.message ?? `The server answered ${reply.status}.`);
    wrong.status = reply.status;
    throw wrong;
  }
  return reply;
}

const json = async (method, path, body) => (await ask(method, path, body)).json();
const get = (path) => json('GET', path);
const query = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value !== '')).toString();
const of = (run) => `/runs/${encodeURIComponent(run)}`;
const path = (id) => `/sessions/${id}`;

export const hasToken = () => Boolean(token());
export const setToken = (text) => sessionStorage.setItem('token', text);

export const runs = async () => (await get('/runs')).runs;
export const figures = (run) => get(`${of(run)}/figures`);
export const users = (run, offset, limit, q) => get(`${of(run)}/users?${query({offset, limit, q})}`);
export const user = (run, id) => get(`${of(run)}/users/${encodeURIComponent(id)}`);
export const intents = (run) => get(`${of(run)}/intents`);
export const dialogues = (run, offset, limit, outcome) => get(`${of(run)}/dialogues?${query({offset, limit, outcome})}`);

export const begin = (request) => json('POST', '/sessions', request);
export const session = (id) => get(`/sessions/${id}`);
export const say = (id, text) => json('POST', `${path(id)}/say`, {text});
export const criticise = (id, criticism) => json('POST', `${path(id)}/criticise`, criticism);
export const accept = (id, item) => json('POST', `${path(id)}/accept`, {item});
export const undo = (id) => json('POST', `${path(id)}/undo`);
export const why = (id, item) => get(`${path(id)}/why/${item}`);
export const dialogue = async (id) => (await ask('GET', `${path(id)}/dialogue`)).text();
