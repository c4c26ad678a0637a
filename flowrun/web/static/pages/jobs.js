/** Jobs: each with its last runs, how often it goes well and how long it takes. */

import { Link, go, pathOf } from "../address.js";
import { useAnswer } from "../api.js";
import { showRow, useChosen } from "../chosen.js";
import { html, useState } from "../html.js";
import { Loading } from "../loading.js";
import { Moment, durationOf } from "../moments.js";
import { Search } from "../search.js";
import { State } from "../states.js";
import { useNews } from "../stream.js";
import { Ticks } from "../ticks.js";
import { useTitle } from "../title.js";

function Row({ job, isChosen }) {
  return html`<tr data-row class=${isChosen ? "at" : ""}>
    <td><${Link} to=${pathOf("jobs", job.name)} class="strong">${job.name}<//>
      <div class="soft">${job.problems ? html`<span class="wrongly">${job.problems} ${job.problems === 1 ? "problem" : "problems"} in the file</span>` : job.description || job.file || "no file of this name any more"}</div></td>
    <td>${job.runs.length ? html`<${Ticks} runs=${job.runs} />` : html`<span class="faint">never ran</span>`}</td>
    <td>${job.last && html`<${State} word=${job.last.status} />`}</td>
    <td>${job.last && html`<${Moment} at=${job.last.started} ago />`}</td>
    <td class="number">${job.success_rate === null ? "" : `${Math.round(job.success_rate * 100)} %`}</td>
    <td class="number">${durationOf(job.usual_seconds)}</td>
    <td class="number wide-only">${job.tasks ?? ""}</td>
  </tr>`;
}

export function JobsPage() {
  useTitle("Jobs");
  const { answer, problem, again } = useAnswer("/jobs");
  const [text, setText] = useState("");
  useNews("", (news) => news.some(([kind, run]) => kind === "hello" || (kind === "run" && !run.is_live)) && again());
  const jobs = (answer?.items ?? []).filter((job) => `${job.name} ${job.description}`.toLowerCase().includes(text.toLowerCase()));
  const at = useChosen(jobs.length, (index) => go(pathOf("jobs", jobs[index].name)), showRow);
  if (!answer) return html`<${Loading} problem=${problem} again=${again} />`;
  return html`<div class="stack"><div class="headline"><h1>Jobs</h1><div class="actions"><${Search} says="Search jobs" value=${text} onText=${setText} /></div></div>
    <section class="panel" aria-label="Jobs">${jobs.length ? html`<div class="scroll" tabindex="0" role="group" aria-label="Jobs"><table class="jobs">
      <thead><tr><th scope="col">Job</th><th scope="col">Last runs</th><th scope="col">Last</th><th scope="col">Started</th><th scope="col" class="number">Goes well</th><th scope="col" class="number">Usually</th><th scope="col" class="number wide-only">Tasks</th></tr></thead>
      <tbody>${jobs.map((job, index) => html`<${Row} key=${job.name} job=${job} isChosen=${index === at} />`)}</tbody></table></div>`
      : html`<p class="nothing">${text ? `No job is called “${text}”.` : html`No job here yet. <code>flowrun init</code> writes one.`}</p>`}</section></div>`;
}
