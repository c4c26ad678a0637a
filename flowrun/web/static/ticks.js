/** The last runs of a job, a tick each: colour and word for how it ended, height for how long it took. */

import { Link, pathOf } from "./address.js";
import { html } from "./html.js";
import { durationOf, fullOf, secondsOf } from "./moments.js";
import { wordOf } from "./states.js";

const LOWEST = 6;
const HIGHEST = 26;

/** The height of a tick, in pixels, beside the longest of its kind. */
export function heightOf(seconds, longest, highest = HIGHEST) {
  return Math.round(LOWEST + (highest - LOWEST) * ((seconds ?? 0) / (longest || 1)));
}

export function Ticks({ runs }) {
  const longest = Math.max(...runs.map((run) => run.seconds ?? 0));
  return html`<span class="ticks">${runs.map((run) => {
    const says = `${wordOf(run.status)}, ${durationOf(run.seconds)}, ${fullOf(secondsOf(run.started))}`;
    return html`<${Link} key=${run.id} to=${pathOf("runs", run.id)} class=${wordOf(run.status)} aria-label=${`Run ${run.id}: ${says}`} title=${says}
      style=${{ height: `${heightOf(run.seconds, longest)}px` }} />`;
  })}</span>`;
}
