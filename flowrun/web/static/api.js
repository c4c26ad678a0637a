/** Questions to the server: what is read is remembered, what changes something needs the token. */

import { whole } from "./address.js";
import { useEffect, useReducer, useRef } from "./html.js";
import { askForToken, token } from "./token.js";

const BASE = whole("/api/v1");
const REMEMBERED = 40;
const PAUSE = 400;

/** What the server said no to, as a sentence for a person. */
export class Problem extends Error {
  constructor(status, said) {
    super(said.detail || said.title || `the server answered ${status}`);
    this.status = status;
    this.problems = said.problems ?? [];
  }
}

export const withToken = (headers = {}) => (token.value ? { ...headers, Authorization: `Bearer ${token.value}` } : headers);

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(BASE + path, { ...options, headers: withToken(options.headers) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { detail: "flowrun serve does not answer; is it still running?" });
  }
  if (response.ok) return response.json();
  throw new Problem(response.status, await response.json().catch(() => ({})));
}

/** Once more, as a network that changes breaks what is under way. */
async function askTwice(path, options) {
  try {
    return await ask(path, options);
  } catch (problem) {
    if (problem.status !== 0) throw problem;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    return ask(path, options);
  }
}

async function asked(path, options) {
  try {
    return await (options.method ? ask : askTwice)(path, options);
  } catch (problem) {
    if (problem.status !== 401 || !(await askForToken(token.value ? "The token was wrong." : ""))) throw problem;
    return asked(path, options);
  }
}

/** Read something; asks for the token if reading needs it. */
export const read = (path, signal) => asked(path, { signal });

/** Change something. `key` makes sure that saying it twice does it once. */
export async function change(path, body = {}, key = "") {
  if (!token.value && !(await askForToken(""))) throw new Problem(401, { detail: "nothing was done: this needs the token" });
  const headers = { "Content-Type": "application/json", ...(key && { "Idempotency-Key": key }) };
  return asked(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** A path with a query; what is empty is left away. */
export function withQuery(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

const remembered = new Map();

function remember(path, answer) {
  remembered.delete(path);
  remembered.set(path, answer);
  if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value);
}

/**
 * What the server says to a path: `{ answer, problem, again, put }`. `again()` asks anew, `put(answer)` is for who
 * knows better by now.
 * What it said before is shown at once, until it has answered anew.
 */
export function useAnswer(path) {
  const [, draw] = useReducer((count) => count + 1, 0);
  const kept = useRef({ path: null });
  if (kept.current.path !== path) {
    kept.current.stop?.();
    kept.current = { path, answer: remembered.get(path), problem: null };
  }
  const mine = kept.current;
  mine.again ??= async () => {
    if (!path) return;
    mine.stop?.();
    const stopper = new AbortController();
    mine.stop = () => stopper.abort();
    try {
      mine.answer = await read(path, stopper.signal);
      mine.problem = null;
      remember(path, mine.answer);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      mine.problem = problem;
    }
    if (kept.current === mine) draw();
  };
  mine.put ??= (answer) => {
    mine.answer = answer;
    remember(path, answer);
    draw();
  };
  useEffect(() => {
    mine.again();
  }, [path]);
  useEffect(() => () => kept.current.stop?.(), []);
  return mine;
}
