/** A run: how it stands and why, and its parts: timeline, graph, tasks, log, values, changes, events. */

import { Link, go, pathOf } from "../address.js";
import { useAnswer } from "../api.js";
import { ApprovalBanner } from "../approvals/banner.js";
import { Counts, Meter } from "../counts.js";
import { Command } from "../copy.js";
import { Graph } from "../graph/graph.js";
import { html, useEffect, useMemo } from "../html.js";
import { useKeys } from "../keyboard.js";
import { Loading } from "../loading.js";
import { Log } from "../log/log.js";
import { lookAt } from "../looked_at.js";
import { Moment, durationOf, numberOf } from "../moments.js";
import { remainingOf, usualOf } from "../remaining.js";
import { Actions } from "../run/actions.js";
import { Cause } from "../run/cause.js";
import { Changes } from "../run/changes.js";
import { Events } from "../run/events.js";
import { Tasks } from "../run/tasks.js";
import { Timeline } from "../run/timeline.js";
import { Values } from "../run/values.js";
import { RunModel } from "../run_model.js";
import { secondsOfRun } from "../run_table.js";
import { useSignal } from "../signal.js";
import { State } from "../states.js";
import { useNews } from "../stream.js";
import { Tabs } from "../tabs.js";
import { useTicks } from "../ticker.js";
import { useTitle } from "../title.js";

const TABS = [["timeline", "Timeline"], ["graph", "Graph"], ["tasks", "Tasks"], ["log", "Log"], ["values", "Values"], ["changes", "Changes"], ["events", "Events"]];

/** A run that is kept up to date as long as a part is shown that asks for it. */
export function useRun(id) {
  const model = useMemo(() => new RunModel(id), [id]);
  const version = useSignal(model.changed);
  useEffect(() => {
    model.load();
  }, [model]);
  const hear = (news) => {
    const isBack = news.some(([kind, data]) => kind === "hello" && !data.first);
    if (model.take(news) || isBack) model.load();
  };
  useNews(model.hasTasks ? id : null, hear, model.seq);
  return { model, version };
}

function RunGraph({ model }) {
  const { answer, problem, again } = useAnswer(`/runs/${encodeURIComponent(model.id)}/graph`);
  if (!answer) return html`<${Loading} problem=${problem} again=${again} />`;
  const critical = model.run.critical_path ?? [];
  return html`<section class="panel" aria-label="Graph"><${Graph} graph=${answer} taskOf=${(name) => model.task(name)} toOf=${(name) => pathOf("runs", model.id, "tasks", name)} critical=${critical} /></section>`;
}

function Head({ run }) {
  useTicks(run.is_live);
  const parts = [
    html`<${Moment} at=${run.started} seconds />`,
    html`<span class="number">${durationOf(secondsOfRun(run))}</span>`,
    remainingOf(run),
    usualOf(run),
    `${numberOf(run.tasks)} tasks`,
    [/^\d*$/.test(run.user ?? "") ? "" : run.user, run.host && `on ${run.host}`].filter(Boolean).join(" "),
    run.trigger && `by ${run.trigger}`,
    run.restart_of && html`continues <${Link} to=${pathOf("runs", run.restart_of)} class="mono">${run.restart_of}<//>`,
    run.exit_status !== null && `exit status ${run.exit_status}`,
    ...Object.entries(run.labels ?? {}).map(([key, value]) => html`<span class="tag">${key}=${value}</span>`),
  ].filter(Boolean);
  return html`<div><nav class="crumbs" aria-label="Above this page"><${Link} to="/runs">Runs<//><${Link} to=${pathOf("jobs", run.job)}>${run.job}<//></nav>
      <div class="headline"><h1>${run.job} <span class="mono run-id">${run.id}</span></h1><${State} word=${run.status} pill /><div class="actions buttons"><${Actions} run=${run} /></div></div>
      <p class="facts-line">${parts.map((part, index) => html`<span key=${index}>${part}</span>`)}</p></div>
    <div class="run-counts"><${Meter} counts=${run.counts} /><${Counts} counts=${run.counts} /></div>`;
}

function Said({ run }) {
  return html`${run.status === "interrupted" && html`<p class="notice interrupted">The process of this run is gone and nobody said how it ended. What had finished is kept.</p>`}
    ${run.notices?.map((notice) => html`<p key=${notice} class="notice">${notice}</p>`)}
    ${run.status === "stopped" && !run.cause && run.verdict && html`<p class="notice stopped">${run.verdict}</p>`}
    ${run.cause && html`<${Cause} run=${run.id} cause=${run.cause} />`}
    ${!run.is_live && run.can_restart && run.continue_command && html`<div class="continue"><span class="soft">Continue in a terminal</span><${Command} text=${run.continue_command} /></div>`}`;
}

function Tab({ tab, model, version }) {
  const { run } = model;
  const names = useMemo(() => model.tasks.filter((task) => task.has_log).map((task) => task.name), [run.is_live ? model.tasks.length : version]);
  if (tab === "graph") return html`<${RunGraph} model=${model} />`;
  if (tab === "log") return html`<${Log} run=${run.id} names=${names} grown=${model.logGrew} isLive=${run.is_live} />`;
  if (tab === "values") return html`<${Values} run=${run.id} />`;
  if (tab === "changes") return html`<${Changes} run=${run.id} />`;
  if (tab === "events") return html`<${Events} run=${run.id} version=${version} isLive=${run.is_live} />`;
  if (!model.hasTasks) return html`<${Loading} problem=${model.problem} again=${() => model.load()} />`;
  if (tab === "tasks") return html`<${Tasks} model=${model} version=${version} />`;
  return html`<${Timeline} model=${model} version=${version} />`;
}

export function RunPage({ id, tab }) {
  const { model, version } = useRun(id);
  const { run } = model;
  useTitle(run ? `${run.status} · ${run.job} ${run.id}` : id);
  useKeys({
    ...Object.fromEntries(TABS.map(([key, says], index) => [String(index + 1), [says, () => go(pathOf("runs", id, key), { keepScroll: true })]])),
    l: ["the log", () => go(pathOf("runs", id, "log"), { keepScroll: true })],
    t: ["the timeline", () => go(pathOf("runs", id), { keepScroll: true })],
  });
  useEffect(() => {
    if (run && !run.is_live) lookAt(run.id);
  }, [run?.is_live]);
  if (!run) return html`<${Loading} problem=${model.problem} again=${() => model.load()} />`;
  const at = TABS.some(([key]) => key === tab) ? tab : "timeline";
  return html`<div class="stack run-page"><${Head} run=${run} /><${ApprovalBanner} run=${run} tasks=${model.tasks} />${at === "timeline" && html`<${Said} run=${run} />`}
    <${Tabs} tabs=${TABS.map(([key, says]) => [key, says, key === "tasks" ? numberOf(run.tasks) : undefined])} at=${at} to=${(key) => pathOf("runs", run.id, ...(key === "timeline" ? [] : [key]))} />
    <${Tab} tab=${at} model=${model} version=${version} /></div>`;
}
