/** The tasks that are chosen in the table, and the dialog that runs them again. */

import { html, useState } from "../html.js";
import { RestartDialog } from "./restart.js";

const MOST = 200;
const EXTENTS = [["only", "just these"], ["from", "these, and all that comes after them"]];

export function Again({ run, names, onClear }) {
  const [extent, setExtent] = useState("");
  const number = `${names.length} ${names.length === 1 ? "task" : "tasks"}`;
  if (names.length > MOST) return html`<p class="chosen-tasks">At most ${MOST} tasks can be chosen. <button type="button" class="button bare" onClick=${onClear}>Choose none</button></p>`;
  return html`<p class="chosen-tasks" role="status"><span class="strong">${number} chosen</span> <button type="button" class="button main" onClick=${() => setExtent("only")}>Run again…</button> <button type="button" class="button bare" onClick=${onClear}>Choose none</button></p>
    ${extent && html`<${RestartDialog} run=${run} title=${`Run ${number} again`} says="Run again" asked=${{ [extent]: names }} onDone=${onClear} onClose=${() => setExtent("")}>
      <fieldset class="extent"><legend class="unseen">What is run again</legend>${EXTENTS.map(([key, says]) => html`<label key=${key} class="check"><input type="radio" name="extent" checked=${key === extent} onChange=${() => setExtent(key)} /> ${says}</label>`)}</fieldset><//>`}`;
}
