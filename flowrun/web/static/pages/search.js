/** Search: jobs, runs, tasks and lines of logs that have a text. */

import { Link, pathOf, setQuery, usePlace } from "../address.js";
import { useAnswer, withQuery } from "../api.js";
import { html } from "../html.js";
import { Loading } from "../loading.js";
import { Fragments } from "../log/fragments.js";
import { Moment } from "../moments.js";
import { Search } from "../search.js";
import { State, wordOf } from "../states.js";
import { useTitle } from "../title.js";
import { useTyped } from "../typed.js";

function Group({ title, items, row }) {
  if (!items.length) return null;
  return html`<section class="panel" aria-label=${title}><header><h2>${title}</h2><span class="soft">${items.length}</span></header><ul class="found">${items.map(row)}</ul></section>`;
}

function Found({ answer, text }) {
  const { jobs, runs, tasks, lines } = answer;
  const isNothing = ![jobs, runs, tasks, lines].some((items) => items.length);
  return html`<${Group} title="Jobs" items=${jobs} row=${(job) => html`<li key=${job.name}><${Link} to=${pathOf("jobs", job.name)} class="strong">${job.name}<//></li>`} />
    <${Group} title="Runs" items=${runs} row=${(run) => html`<li key=${run.id}><${State} word=${wordOf(run.state)} /><${Link} to=${pathOf("runs", run.id)}>${run.job} <span class="mono">${run.id}</span><//><span class="soft"><${Moment} at=${run.started} /></span></li>`} />
    <${Group} title="Tasks" items=${tasks} row=${(task) => html`<li key=${`${task.job} ${task.name}`}><${State} word=${wordOf(task.last_state)} /><${Link} to=${pathOf("runs", task.last_run, "tasks", task.name)}>${task.name}<//><span class="soft">${task.job}, last in run <span class="mono">${task.last_run}</span></span></li>`} />
    <${Group} title="Lines of logs" items=${lines} row=${(line, index) => html`<li key=${index} class="found-line"><${Link} to=${`${pathOf("runs", line.run, "log")}?task=${encodeURIComponent(line.task)}#B${line.at}`}>${line.job} <span class="mono">${line.run}</span> ${line.task}<//> <span class="faint">${line.attempt > 1 && `attempt ${line.attempt}, `}line ${line.line}</span><pre><${Fragments} text=${line.text} wanted=${text.toLowerCase()} /></pre></li>`} />
    ${isNothing && html`<div class="panel"><p class="nothing">Nothing here has “${text}”${answer.is_cut ? ", as far as there was time to look" : ""}.</p></div>`}
    ${!isNothing && answer.is_cut && html`<p class="soft">There is more than is shown: only the newest runs were looked through. A longer text finds less.</p>`}`;
}

export function SearchPage() {
  const text = usePlace().query.get("q") ?? "";
  useTitle(text ? `“${text}”` : "Search");
  const [typed, type] = useTyped(text, (q) => setQuery({ q: q.trim() }));
  const { answer, problem, again } = useAnswer(text ? withQuery("/search", { q: text }) : null);
  return html`<div class="stack"><div class="headline"><h1>Search</h1></div>
    <div class="seek"><${Search} says="Search jobs, runs, tasks and logs" value=${typed} onText=${type} /></div>
    ${!text && html`<p class="soft">Names of jobs and tasks, ids, labels and messages of runs, and what the newest runs have said.</p>`}
    ${text && (answer ? html`<${Found} answer=${answer} text=${text} />` : html`<${Loading} problem=${problem} again=${again} />`)}</div>`;
}
