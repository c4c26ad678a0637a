/** How many tasks stand where: as a bar and in words. */

import { html } from "./html.js";
import { numberOf } from "./moments.js";
import { State, wordOf } from "./states.js";

const ORDER = ["completed", "skipped", "running", "retrying", "failed", "stopped", "blocked", "waiting"];

/** Pairs of word and number, in the order of a bar. */
export function byWord(counts) {
  const found = new Map();
  for (const [state, number] of Object.entries(counts ?? {})) {
    if (number) found.set(wordOf(state), (found.get(wordOf(state)) ?? 0) + number);
  }
  return ORDER.filter((word) => found.has(word)).map((word) => [word, found.get(word)]);
}

export const inWords = (counts) => byWord(counts).map(([word, number]) => `${numberOf(number)} ${word}`).join(", ");

/** How many items a task has, and how many of them have not begun; nothing of a task without. */
export function itemsOf(task) {
  if (task.items_count === null) return "";
  const all = `${numberOf(task.items_count)} items`;
  return task.items_waiting ? `${numberOf(task.items_count - task.items_waiting)} of ${all}, ${numberOf(task.items_waiting)} not begun` : all;
}

export function Meter({ counts }) {
  return html`<div class="meter" role="img" aria-label=${inWords(counts) || "nothing yet"}>
    ${byWord(counts).map(([word, number]) => html`<i key=${word} class=${word} style=${{ flexGrow: number }}></i>`)}
  </div>`;
}

export function Counts({ counts }) {
  return html`<div class="counts">${byWord(counts).map(([word, number]) => html`<${State} key=${word} word=${word} says=${`${numberOf(number)} ${word}`} />`)}</div>`;
}
