/** Why a run did not complete: the task, the sentence, the place in the code, the last lines. */

import { Link, pathOf } from "../address.js";
import { html } from "../html.js";
import { State } from "../states.js";

const MOST_LINES = 8;

/** Without the space that is before every line, and without empty lines at the end. */
function trimmed(lines) {
  const last = lines.findLastIndex((one) => one.text.trim());
  const some = lines.slice(0, last + 1);
  const indent = Math.min(...some.filter((one) => one.text.trim()).map((one) => one.text.search(/\S/)));
  return some.map((one) => ({ ...one, text: one.text.slice(indent) }));
}

export function Excerpt({ place, lines }) {
  return html`<figure class="code"><figcaption class="mono">${place.file}:${place.line}</figcaption>
    <pre tabindex="0">${trimmed(lines).map((one) => html`<span key=${one.line} class=${one.line === place.line ? "here" : ""}><i>${one.line}</i>${one.text}\n</span>`)}</pre></figure>`;
}

/** The last lines that are not the traceback, which is told above them in other words. */
function saidOf(cause) {
  const traceback = new Set((cause.traceback ?? "").split("\n"));
  return (cause.last_lines ?? []).filter((line) => !traceback.has(line)).slice(-MOST_LINES);
}

export function Cause({ run, cause }) {
  const said = saidOf(cause);
  return html`<section class="panel cause" aria-labelledby="cause"><header><h2 id="cause"><${State} word="failed" says="Root cause" /></h2>
      <span><${Link} to=${pathOf("runs", run, "tasks", cause.task)} class="strong">${cause.task}<//> <span class="soft">attempt ${cause.attempt} of ${cause.max_attempts} · ${cause.reason}</span></span>
      <${Link} to=${`${pathOf("runs", run, "log")}?task=${encodeURIComponent(cause.task)}&level=ERROR`} class="push">its errors in the log<//></header>
    <div class="body"><p class="message">${cause.message}</p>
      <div class="sides">${cause.place && cause.excerpt?.length > 0 && html`<${Excerpt} place=${cause.place} lines=${cause.excerpt} />`}
      ${cause.place && !cause.excerpt?.length && html`<p class="mono soft">${cause.place.file}:${cause.place.line}</p>`}
      ${said.length > 0 && html`<figure class="code"><figcaption>Last output</figcaption><pre class="said" tabindex="0">${said.join("\n")}</pre></figure>`}</div></div></section>`;
}
