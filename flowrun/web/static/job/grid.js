/** The grid of a job: a column for each run, a row for each task; one glance shows which task flaps. */

import { Link, pathOf } from "../address.js";
import { useAnswer } from "../api.js";
import { html, useLayoutEffect, useRef } from "../html.js";
import { Loading } from "../loading.js";
import { durationOf, fullOf, secondsOf } from "../moments.js";
import { wordOf } from "../states.js";
import { heightOf } from "../ticks.js";

const RUNS = 40;
const MOST_TASKS = 300;
const HIGHEST = 44;

function Cell({ task, run, state }) {
  if (!state) return html`<td></td>`;
  const word = wordOf(state);
  return html`<td><${Link} to=${pathOf("runs", run.id, "tasks", task)} class=${`cell ${word}`} tabindex="-1" title=${`${task} ${word} in run ${run.id}, ${fullOf(secondsOf(run.started))}`}><span class="unseen">${word}</span><//></td>`;
}

function Head({ runs }) {
  const longest = Math.max(...runs.map((run) => run.seconds ?? 0));
  return html`<thead><tr><th scope="col"><span class="grid-scale faint">${durationOf(longest)}</span></th>${runs.map((run) => {
    const says = `Run ${run.id}: ${wordOf(run.status)}, ${fullOf(secondsOf(run.started))}, ${durationOf(run.seconds)}`;
    return html`<th key=${run.id} scope="col"><${Link} to=${pathOf("runs", run.id)} class=${`column ${wordOf(run.status)}`} title=${says} aria-label=${says}><i style=${{ height: `${heightOf(run.seconds, longest, HIGHEST)}px` }}></i><//></th>`;
  })}</tr></thead>`;
}

/** How often a task failed in the runs that are shown. */
function failuresOf(cells) {
  return cells.filter((state) => state === "FAILED").length;
}

export function Grid({ job }) {
  const { answer, problem, again } = useAnswer(`/jobs/${encodeURIComponent(job)}/grid?runs=${RUNS}`);
  const box = useRef();
  useLayoutEffect(() => {
    if (box.current) box.current.scrollLeft = box.current.scrollWidth;
  }, [answer]);
  if (!answer) return html`<${Loading} problem=${problem} again=${again} />`;
  if (!answer.runs.length) return html`<p class="nothing">This job has not run yet.</p>`;
  const tasks = answer.tasks.slice(0, MOST_TASKS);
  return html`<div class="scroll" ref=${box} tabindex="0" role="group" aria-label="Tasks of the last runs"><table class="grid">
      <${Head} runs=${answer.runs} />
      <tbody>${tasks.map((task) => {
        const failed = failuresOf(answer.cells[task]);
        return html`<tr key=${task}><th scope="row"><${Link} to=${pathOf("runs", answer.runs.at(-1).id, "tasks", task)}>${task}<//>${failed > 0 && html`<span class="wrongly" title=${`failed in ${failed} of these runs`}> ${failed}×</span>`}</th>
          ${answer.cells[task].map((state, index) => html`<${Cell} key=${answer.runs[index].id} task=${task} run=${answer.runs[index]} state=${state} />`)}</tr>`;
      })}</tbody></table></div>
    <footer class="legend">${["completed", "failed", "blocked", "stopped", "skipped", "running", "waiting"].map((word) => html`<span key=${word}><i class=${`cell ${word}`}></i>${word}</span>`)}
      ${answer.tasks.length > MOST_TASKS && html`<span>the first ${MOST_TASKS} of ${answer.tasks.length} tasks are shown</span>`}</footer>`;
}
