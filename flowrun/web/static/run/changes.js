/** What is different from the last good run. */

import { Link, pathOf } from "../address.js";
import { useAnswer } from "../api.js";
import { html } from "../html.js";
import { Loading } from "../loading.js";
import { durationOf } from "../moments.js";
import { State, wordOf } from "../states.js";

const LEAST_SECONDS = 0.5;
const LEAST_SHARE = 0.1;

const plain = (value) => (value === undefined || value === null ? "nothing" : typeof value === "string" ? value : JSON.stringify(value));

function Part({ title, rows, heads, row }) {
  if (!rows.length) return null;
  return html`<section class="panel" aria-label=${title}><header><h2>${title}</h2><span class="soft">${rows.length}</span></header>
    <div class="scroll" tabindex="0" role="group" aria-label=${title}><table class="changes"><thead><tr>${heads.map((head) => html`<th key=${head} scope="col">${head}</th>`)}</tr></thead><tbody>${rows.map(row)}</tbody></table></div></section>`;
}

function longer({ before, after }) {
  const by = after - before;
  const share = before ? ` (${by > 0 ? "+" : "−"}${Math.round((Math.abs(by) / before) * 100)} %)` : "";
  return `${durationOf(Math.abs(by))} ${by > 0 ? "longer" : "shorter"}${share}`;
}

export function Changes({ run }) {
  const { answer, problem, again } = useAnswer(`/runs/${encodeURIComponent(run)}/changes`);
  if (!answer) return html`<${Loading} problem=${problem} again=${again} />`;
  if (!answer.against) return html`<div class="panel"><p class="nothing">No earlier run of this job completed, so there is nothing to compare with.</p></div>`;
  const task = (name) => html`<${Link} to=${pathOf("runs", run, "tasks", name)}>${name}<//>`;
  const durations = answer.durations.filter(({ before, after }) => Math.abs(after - before) >= Math.max(LEAST_SECONDS, before * LEAST_SHARE));
  const tasks = [...answer.tasks_added.map((name) => [name, "new"]), ...answer.tasks_gone.map((name) => [name, "gone"])];
  const isSame = ![answer.definition, answer.states, durations, answer.results, tasks].some((part) => part.length);
  return html`<div class="stack"><p class="soft">Against <${Link} to=${pathOf("runs", answer.against)} class="mono">${answer.against}<//>, the last run before it that completed.</p>
    ${isSame && html`<div class="panel"><p class="nothing">Nothing is different: same definition, same states, same results.</p></div>`}
    <${Part} title="States" rows=${answer.states} heads=${["Task", "Before", "Now"]} row=${(one) => html`<tr key=${one.task}><td>${task(one.task)}</td><td>${one.before ? html`<${State} word=${wordOf(one.before)} />` : "–"}</td><td>${one.after ? html`<${State} word=${wordOf(one.after)} />` : "–"}</td></tr>`} />
    <${Part} title="Definition" rows=${answer.definition} heads=${["Where", "Before", "Now"]} row=${(one) => html`<tr key=${one.path}><td class="mono">${one.path}</td><td><del>${plain(one.before)}</del></td><td><ins>${plain(one.after)}</ins></td></tr>`} />
    <${Part} title="Tasks" rows=${tasks} heads=${["Task", "Is"]} row=${([name, is]) => html`<tr key=${name}><td>${is === "new" ? task(name) : name}</td><td>${is}</td></tr>`} />
    <${Part} title="Durations" rows=${durations} heads=${["Task", "Before", "Now", "Difference"]} row=${(one) => html`<tr key=${one.task}><td>${task(one.task)}</td><td class="nowrap">${durationOf(one.before)}</td><td class="nowrap">${durationOf(one.after)}</td><td class="soft nowrap">${longer(one)}</td></tr>`} />
    <${Part} title="Results" rows=${answer.results} heads=${["Task", "Before", "Now"]} row=${(one) => html`<tr key=${one.task}><td>${task(one.task)}</td><td class="mono"><del>${plain(one.before)}</del></td><td class="mono"><ins>${plain(one.after)}</ins></td></tr>`} /></div>`;
}
