/** A job: its runs by task, its graph, its definition, its trends, and a form that starts it. */

import { Link, go, pathOf } from "../address.js";
import { useAnswer } from "../api.js";
import { Graph } from "../graph/graph.js";
import { html } from "../html.js";
import { Definition } from "../job/definition.js";
import { StartForm } from "../job/form.js";
import { Grid } from "../job/grid.js";
import { Trends } from "../job/trends.js";
import { useKeys } from "../keyboard.js";
import { Loading } from "../loading.js";
import { durationOf } from "../moments.js";
import { RunTable } from "../run_table.js";
import { State } from "../states.js";
import { useNews } from "../stream.js";
import { Tabs } from "../tabs.js";
import { useTitle } from "../title.js";
import { useRuns } from "./runs.js";

const TABS = [["runs", "Runs"], ["graph", "Graph"], ["definition", "Definition"], ["trends", "Trends"], ["start", "Run…"]];

function Problems({ problems }) {
  return html`<section class="panel"><header><h2 class="wrongly">The job file has ${problems.length === 1 ? "a mistake" : `${problems.length} mistakes`}</h2></header>
    <ul class="body">${problems.map((one) => html`<li><code>${one.code}</code> ${one.message} <span class="soft mono">${one.file}:${one.line}:${one.column}</span></li>`)}</ul></section>`;
}

function Runs({ job }) {
  const { runs, more, again } = useRuns({ job });
  useNews("", (news) => news.some(([kind, run]) => kind === "hello" || (kind === "run" && run.job === job)) && again());
  return html`<div class="stack"><section class="panel" aria-label="Tasks of the last runs"><${Grid} job=${job} /></section>
    ${runs.length > 0 && html`<section class="panel" aria-label="Runs of this job"><header><h2>Runs</h2></header><${RunTable} runs=${runs} withJob=${false} />${more && html`<footer><button type="button" class="button" onClick=${more}>Older runs</button></footer>`}</section>`}</div>`;
}

function Asked({ path, show }) {
  const { answer, problem, again } = useAnswer(path);
  return answer ? show(answer) : html`<${Loading} problem=${problem} again=${again} />`;
}

function Tab({ tab, job }) {
  const path = `/jobs/${encodeURIComponent(job)}`;
  if (tab === "graph") return html`<section class="panel" aria-label="Graph"><${Asked} path=${`${path}/graph`} show=${(graph) => html`<${Graph} graph=${graph} />`} /></section>`;
  if (tab === "definition") return html`<section class="panel" aria-label="Definition"><${Asked} path=${`${path}/definition`} show=${(answer) => html`<${Definition} answer=${answer} />`} /></section>`;
  if (tab === "trends") return html`<${Asked} path=${`${path}/grid?runs=1`} show=${(grid) => html`<${Trends} job=${job} tasks=${grid.tasks} />`} />`;
  if (tab === "start") return html`<${StartForm} job=${job} />`;
  return html`<${Runs} job=${job} />`;
}

export function JobPage({ name, tab }) {
  useTitle(name);
  const { answer: job, problem, again } = useAnswer(`/jobs/${encodeURIComponent(name)}`);
  const { answer: meta } = useAnswer("/meta");
  const canStart = job?.is_startable && meta && !meta.read_only;
  useKeys(Object.fromEntries(TABS.map(([key, says], index) => [String(index + 1), [says, () => go(pathOf("jobs", name, key))]])));
  if (!job) return html`<${Loading} problem=${problem} again=${again} />`;
  return html`<div class="stack"><div><nav class="crumbs" aria-label="Above this page"><${Link} to="/jobs">Jobs<//></nav>
      <div class="headline"><h1>${job.name}</h1>${job.last && html`<${State} word=${job.last.status} pill />`}
        <span class="soft">${[job.file, job.success_rate === null ? "" : `${Math.round(job.success_rate * 100)} % go well`, job.usual_seconds === null ? "" : `usually ${durationOf(job.usual_seconds)}`].filter(Boolean).join(" · ")}</span>
        ${canStart && tab !== "start" && html`<div class="actions"><${Link} to=${pathOf("jobs", name, "start")} class="button main">Run…<//></div>`}</div>
      ${job.description && html`<p class="soft">${job.description}</p>`}</div>
    ${job.problem_list.length > 0 && html`<${Problems} problems=${job.problem_list} />`}
    <${Tabs} tabs=${TABS.filter(([key]) => key !== "start" || canStart)} at=${tab} to=${(key) => pathOf("jobs", name, key)} />
    <${Tab} tab=${tab} job=${name} /></div>`;
}
