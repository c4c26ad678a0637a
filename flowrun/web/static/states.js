/** States: a sign and a word for where a task or run stands. */

import { html } from "./html.js";

const WORDS = {
  INIT: "waiting", PENDING: "waiting", RUNNING: "running", COMPLETED: "completed", FAILED: "failed",
  DEFAULTED: "blocked", ABORTED: "stopped", SKIP: "skipped", RETRYING: "retrying",
};

/** The word for a state of the engine or a status of a run. */
export const wordOf = (state) => WORDS[state] ?? String(state ?? "").toLowerCase();

/** States that end a task. */
export const TERMINAL = new Set(["COMPLETED", "FAILED", "DEFAULTED", "ABORTED", "SKIP"]);

/** Worst first, as lists of tasks are sorted. */
export const URGENCY = ["failed", "stopped", "interrupted", "blocked", "retrying", "running", "stopping", "waiting", "skipped", "completed"];

const ring = html`<circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-width="1.5" />`;
const disc = html`<circle cx="8" cy="8" r="7" fill="currentColor" />`;
const line = (d) => html`<path d=${d} fill="none" stroke="var(--panel)" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />`;
const thin = (d) => html`<path d=${d} fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" />`;
const arc = html`<g class="turn"><circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-opacity=".25" stroke-width="2" />
  <path d="M8 1.75a6.25 6.25 0 0 1 6.25 6.25" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" /></g>`;

const SIGNS = {
  completed: () => [disc, line("M4.8 8.3l2.2 2.2 4.2-4.6")],
  failed: () => [disc, line("M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8")],
  running: () => [arc],
  stopping: () => [arc],
  retrying: () => [thin("M13.2 8A5.2 5.2 0 1 1 11.4 4.1"), thin("M11.6 1.6v2.8h-2.8")],
  blocked: () => [ring, thin("M3.8 12.2l8.4-8.4")],
  stopped: () => [disc, line("M5.6 5.6h4.8v4.8h-4.8z")],
  interrupted: () => [disc, line("M5.6 5.6h4.8v4.8h-4.8z")],
  skipped: () => [ring, thin("M5.2 8h5.6")],
  waiting: () => [ring],
};

/** The sign alone; say the word beside it. */
export function Sign({ word }) {
  return html`<svg viewBox="0 0 16 16" aria-hidden="true">${(SIGNS[word] ?? SIGNS.waiting)()}</svg>`;
}

/** A sign with its word. */
export function State({ word, pill = false, says }) {
  return html`<span class=${`state ${word}${pill ? " pill" : ""}`}><${Sign} word=${word} />${says ?? word}</span>`;
}
