/** Today: what runs now, what waits for a person, what failed and nobody has looked at yet, and the last 24 hours. */

import { Link, pathOf } from "../address.js";
import { useAnswer } from "../api.js";
import { Waiting, isAboutWaiting, useWaiting } from "../approvals/waiting.js";
import { Meter, inWords } from "../counts.js";
import { html } from "../html.js";
import { Loading } from "../loading.js";
import { isLookedAt } from "../looked_at.js";
import { Moment, clockOf, durationOf, fullOf, now, secondsOf, zone } from "../moments.js";
import { remainingOf, usualOf } from "../remaining.js";
import { RunTable, secondsOfRun } from "../run_table.js";
import { State, wordOf } from "../states.js";
import { useNews } from "../stream.js";
import { useTicks } from "../ticker.js";
import { useTitle } from "../title.js";

const DAY = 86400;
const MOST_ON_STRIP = 500;

/** Runs with those of the news in place of what they were before. */
export function withNews(runs, news) {
  const changed = new Map(news.filter(([kind]) => kind === "run").map(([, run]) => [run.id, run]));
  if (!changed.size) return runs;
  const kept = runs.map((run) => changed.get(run.id) ?? run);
  const known = new Set(runs.map((run) => run.id));
  return [...[...changed.values()].filter((run) => !known.has(run.id)), ...kept];
}

function Running({ run }) {
  const left = [remainingOf(run), usualOf(run)].filter(Boolean).join(" · ");
  return html`<${Link} to=${pathOf("runs", run.id)} class="card">
    <span class="card-head"><${State} word="running" says=${run.job} /><span class="mono faint">${run.id}</span><span class="number">${durationOf(secondsOfRun(run))}</span></span>
    <${Meter} counts=${run.counts} />
    <span class="soft">${inWords(run.counts)}${left && html`<span class="faint"> · ${left}</span>`}</span>
  <//>`;
}

/** The last 24 hours: a lane for each job, a bar for each run. */
function Strip({ runs, until }) {
  const lanes = [...new Set(runs.map((run) => run.job))].sort();
  const from = until - DAY;
  const place = (seconds) => (100 * (Math.max(from, seconds) - from)) / DAY;
  const firstHour = new Date(from * 1000).setMinutes(0, 0, 0) / 1000;
  const hours = Array.from({ length: 9 }, (_, index) => firstHour + (index + 1) * 3 * 3600 - (new Date(firstHour * 1000).getHours() % 3) * 3600).filter((hour) => hour < until && hour > from);
  if (!lanes.length) return html`<p class="nothing">Nothing ran in the last 24 hours.</p>`;
  return html`<div class="strip"><div class="strip-hours" aria-hidden="true"><span></span><div>${hours.map((hour) => html`<i key=${hour} style=${{ left: `${place(hour)}%` }}>${clockOf(hour).slice(0, 5)}</i>`)}</div></div>
    ${lanes.map((job) => html`<div key=${job} class="lane"><${Link} to=${pathOf("jobs", job)}>${job}<//>
      <div>${runs.filter((run) => run.job === job).map((run) => {
        const began = secondsOf(run.started);
        const says = `${run.job} ${run.id}: ${wordOf(run.status)}, ${fullOf(began)}, ${durationOf(secondsOfRun(run))}`;
        return html`<${Link} key=${run.id} to=${pathOf("runs", run.id)} class=${`mark ${run.status}`} title=${says} aria-label=${says}
          style=${{ left: `min(${place(began)}%, 100% - 6px)`, width: `max(6px, ${(100 * secondsOfRun(run)) / DAY}%)` }} />`;
      })}</div></div>`)}
  </div>`;
}

function Start() {
  return html`<div class="panel"><div class="nothing"><h2>No run yet</h2>
    <p>Run a job in this project and it appears here: <code>flowrun -j jobs/hello.yaml</code></p></div></div>`;
}

export function TodayPage() {
  useTitle("Today");
  const since = new Date(Math.floor((now() - DAY) / 300) * 300000).toISOString();
  const runs = useAnswer(`/runs?since=${encodeURIComponent(since)}&limit=${MOST_ON_STRIP}`);
  const latest = useAnswer("/runs?limit=12");
  const waits = useWaiting();
  useNews("", (news) => {
    const isThere = runs.answer && latest.answer;
    if (!isThere || news.some(([kind]) => kind === "hello")) [runs, latest].forEach((one) => one.again());
    if (isAboutWaiting(news)) waits.again();
    if (!isThere || !news.some(([kind]) => kind === "run")) return;
    runs.put({ ...runs.answer, items: withNews(runs.answer.items, news) });
    latest.put({ ...latest.answer, items: withNews(latest.answer.items, news).slice(0, 12) });
  });
  const today = (runs.answer?.items ?? []).filter((run) => run.is_live || secondsOf(run.ended ?? run.started) > now() - DAY);
  const running = today.filter((run) => run.is_live);
  useTicks(running.length > 0);
  if (!runs.answer || !latest.answer) return html`<${Loading} problem=${runs.problem ?? latest.problem} again=${runs.again} />`;
  if (!latest.answer.items.length) return html`<${Start} />`;
  const fixed = new Map();
  for (const run of today) if (run.status === "completed" && !fixed.has(run.job)) fixed.set(run.job, secondsOf(run.started));
  const broken = today.filter((run) => ["failed", "interrupted", "stopped"].includes(run.status) && !isLookedAt(run.id)).slice(0, 6);
  return html`<div class="stack">
    <div class="headline"><h1>Today</h1><span class="soft">${running.length} running · ${today.length} runs in 24 hours · times in ${zone}</span></div>
    ${running.length > 0 && html`<section aria-labelledby="now"><h2 id="now" class="above">Running now</h2><div class="cards">${running.map((run) => html`<${Running} key=${run.id} run=${run} />`)}</div></section>`}
    ${waits.items.length > 0 && html`<section class="panel asks" aria-labelledby="waits"><header><h2 id="waits">Waiting for an approval</h2></header><${Waiting} items=${waits.items} onDone=${waits.again} /></section>`}
    ${broken.length > 0 && html`<section class="panel" aria-labelledby="broken"><header><h2 id="broken">Failed and not looked at yet</h2></header>
      <ul class="broken">${broken.map((run) => html`<li key=${run.id}><${State} word=${run.status} says=${run.status} />
        <${Link} to=${pathOf("runs", run.id)} class="nowrap"><span class="strong">${run.job}</span> <span class="mono">${run.id}</span><//>
        <p>${run.cause && html`<span class="strong">${run.cause.task}</span> <span class="soft">${run.cause.message}</span>`}</p>
        <span class="soft">${(fixed.get(run.job) ?? 0) > secondsOf(run.started) ? "completed since" : ""}</span><${Moment} at=${run.started} ago /></li>`)}</ul></section>`}
    <section class="panel" aria-labelledby="day"><header><h2 id="day">The last 24 hours</h2></header><${Strip} runs=${today} until=${now()} /></section>
    <section class="panel" aria-labelledby="latest"><header><h2 id="latest">Latest runs</h2><${Link} to="/runs">all runs<//></header><${RunTable} runs=${latest.answer.items} /></section>
  </div>`;
}
