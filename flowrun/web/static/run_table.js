/** A table of runs, as the pages show it that list some. */

import { Link, go, pathOf } from "./address.js";
import { showRow, useChosen } from "./chosen.js";
import { Meter } from "./counts.js";
import { html } from "./html.js";
import { Moment, durationOf, now, secondsOf } from "./moments.js";
import { State } from "./states.js";

/** How long a run has taken so far. */
export const secondsOfRun = (run) => (run.is_live ? Math.max(0, now() - secondsOf(run.started)) : run.seconds);

function Row({ run, withJob, isChosen }) {
  return html`<tr data-row class=${isChosen ? "at" : ""}>
    <td><${State} word=${run.status} /></td>
    <td><${Link} to=${pathOf("runs", run.id)} class="mono">${run.id}<//></td>
    ${withJob && html`<td class="nowrap"><${Link} to=${pathOf("jobs", run.job)}>${run.job}<//></td>`}
    <td class="said">${run.cause ? html`<span class="strong">${run.cause.task}</span> <span class="soft">${run.cause.message}</span>` : html`<span class="meter-cell"><${Meter} counts=${run.counts} /></span>`}</td>
    <td class="wide-only soft">${[run.trigger, ...Object.entries(run.labels ?? {}).map(([key, value]) => `${key}=${value}`)].filter(Boolean).join(" · ")}</td>
    <td><${Moment} at=${run.started} /></td>
    <td class="number">${durationOf(secondsOfRun(run))}</td>
  </tr>`;
}

export function RunTable({ runs, withJob = true, withKeys = true }) {
  const at = useChosen(withKeys ? runs.length : 0, (index) => go(pathOf("runs", runs[index].id)), showRow);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Runs"><table class="runs">
    <thead><tr><th scope="col">Status</th><th scope="col">Run</th>${withJob && html`<th scope="col">Job</th>`}<th scope="col">What happened</th>
      <th scope="col" class="wide-only">Trigger, labels</th><th scope="col">Started</th><th scope="col" class="number">Took</th></tr></thead>
    <tbody>${runs.map((run, index) => html`<${Row} key=${run.id} run=${run} withJob=${withJob} isChosen=${index === at} />`)}</tbody>
  </table></div>`;
}
