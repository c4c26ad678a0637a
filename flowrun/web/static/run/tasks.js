/** The tasks of a run in a table, however many they are. */

import { Link, go, pathOf, setQuery, usePlace } from "../address.js";
import { useChosen } from "../chosen.js";
import { html, useMemo, useRef } from "../html.js";
import { durationOf, now, numberOf, Moment } from "../moments.js";
import { Search } from "../search.js";
import { State, URGENCY } from "../states.js";
import { useTicks } from "../ticker.js";
import { Windowed } from "../windowed.js";

const ROW = 34;

const taken = (task) => (task.began === null ? -1 : (task.stopped ?? now()) - task.began);

/** Columns that one can sort by. */
const SORTS = {
  "": null,
  name: (a, b) => a.name.localeCompare(b.name),
  state: (a, b) => URGENCY.indexOf(a.word) - URGENCY.indexOf(b.word),
  start: (a, b) => (a.began ?? Infinity) - (b.began ?? Infinity),
  took: (a, b) => taken(b) - taken(a),
  attempts: (a, b) => b.tries.length - a.tries.length,
};

function Row({ task, run, isChosen }) {
  return html`<div class=${`row${isChosen ? " at" : ""}`} role="row">
    <span role="cell"><${State} word=${task.word} /></span>
    <span role="cell" class="cut"><${Link} to=${pathOf("runs", run, "tasks", task.name)} title=${task.name}>${task.name}<//>${task.is_critical && html` <span class="tag" title="on the critical path">critical</span>`}${task.kept && html` <span class="tag">kept</span>`}</span>
    <span role="cell" class="cut soft wide-only">${task.task}</span>
    <span role="cell" class="cut soft" title=${task.message || task.why}>${task.message || task.why || (task.waits_for ? `waits for ${task.waits_for}` : "")}</span>
    <span role="cell" class="number">${task.tries.length > 1 || task.max_attempts > 1 ? `${task.tries.length} of ${task.max_attempts}` : task.tries.length || ""}</span>
    <span role="cell" class="wide-only">${task.began !== null && html`<${Moment} at=${task.began} seconds />`}</span>
    <span role="cell" class="number">${task.began === null ? "" : durationOf(taken(task))}</span></div>`;
}

function Heads({ sort }) {
  const head = (key, says, more = "") => html`<span role="columnheader" class=${more} aria-sort=${sort === key ? "ascending" : "none"}><button type="button" class="sort" aria-pressed=${sort === key} onClick=${() => setQuery({ sort: sort === key ? "" : key })}>${says}${sort === key ? " ↓" : ""}</button></span>`;
  return html`<div class="row heads" role="row">${head("state", "State")}${head("name", "Task")}<span role="columnheader" class="wide-only">Class</span><span role="columnheader">What happened</span>
    ${head("attempts", "Attempts", "number")}${head("start", "Started", "wide-only")}${head("took", "Took", "number")}</div>`;
}

export function Tasks({ model, version }) {
  const { query } = usePlace();
  const { run } = model;
  const sort = query.get("sort") ?? "";
  const state = query.get("state") ?? "";
  const text = (query.get("text") ?? "").toLowerCase();
  const list = useRef();
  useTicks(run.is_live);
  const tasks = useMemo(() => model.tasks.filter((task) => task.kind !== "group"), [version]);
  const counts = useMemo(() => {
    const found = new Map();
    for (const task of tasks) found.set(task.word, (found.get(task.word) ?? 0) + 1);
    return URGENCY.filter((word) => found.has(word)).map((word) => [word, found.get(word)]);
  }, [tasks]);
  const rows = useMemo(() => {
    const wanted = tasks.filter((task) => (!state || task.word === state) && (!text || `${task.name} ${task.task} ${task.message}`.toLowerCase().includes(text)));
    return SORTS[sort] ? wanted.sort(SORTS[sort]) : wanted;
  }, [tasks, sort, state, text]);
  const chosen = useChosen(rows.length, (index) => go(pathOf("runs", run.id, "tasks", rows[index].name)), (index) => list.current?.show(index));
  return html`<section class="panel tasks" aria-label="Tasks"><div class="filters"><${Search} says="Search tasks, classes, messages" value=${query.get("text") ?? ""} onText=${(value) => setQuery({ text: value })} />
      ${counts.map(([word, number]) => html`<button key=${word} type="button" class="button bare" aria-pressed=${state === word ? "true" : "false"} onClick=${() => setQuery({ state: state === word ? "" : word })}><${State} word=${word} says=${`${numberOf(number)} ${word}`} /></button>`)}
      <span class="soft push">${numberOf(rows.length)} of ${numberOf(tasks.length)}</span></div>
    <div role="table" aria-label="Tasks" aria-rowcount=${rows.length + 1}><div role="rowgroup"><${Heads} sort=${sort} /></div>
      <${Windowed} count=${rows.length} height=${ROW} api=${list} role="rowgroup" row=${(index) => html`<${Row} key=${rows[index].name} task=${rows[index]} run=${run.id} isChosen=${index === chosen} />`} /></div>
    ${!rows.length && html`<p class="nothing">No task is like that.</p>`}</section>`;
}
