/** The tasks of a run in a table, however many they are. */

import { Link, go, pathOf, setQuery, usePlace } from "../address.js";
import { useAnswer } from "../api.js";
import { useChosen } from "../chosen.js";
import { itemsOf } from "../counts.js";
import { html, useMemo, useRef, useState } from "../html.js";
import { durationOf, now, numberOf, Moment } from "../moments.js";
import { Progress } from "../progress.js";
import { usualOf } from "../remaining.js";
import { Search } from "../search.js";
import { State, URGENCY } from "../states.js";
import { useTicks } from "../ticker.js";
import { Windowed } from "../windowed.js";
import { useKeys } from "../keyboard.js";
import { Again } from "./again.js";

const ROW = 34;

const taken = (task) => (task.began === null ? -1 : (task.stopped ?? now()) - task.began);

const letters = new Intl.Collator();

/** Ways to sort, by column. States come in groups, as thousands of tasks may change theirs in every second. */
const SORTS = {
  name: (tasks) => tasks.sort((a, b) => letters.compare(a.name, b.name)),
  state: (tasks) => {
    const alike = Map.groupBy(tasks, (task) => task.word);
    return URGENCY.flatMap((word) => alike.get(word) ?? []);
  },
  start: (tasks) => tasks.sort((a, b) => (a.began ?? Infinity) - (b.began ?? Infinity)),
  took: (tasks) => tasks.sort((a, b) => taken(b) - taken(a)),
  attempts: (tasks) => tasks.sort((a, b) => b.tries.length - a.tries.length),
};

/** What is to be said of a task beside its state. */
function What({ task }) {
  if (!task.isOver && task.progress) return html`<${Progress} progress=${task.progress} />`;
  const said = task.message || task.why || (task.waits_for ? `waits for ${task.waits_for}` : task.word === "running" ? usualOf(task) : "");
  return [itemsOf(task), said].filter(Boolean).join(" · ");
}

function Row({ task, run, isChosen, picked, onPick }) {
  return html`<div class=${`row${isChosen ? " at" : ""}`} role="row">
    <span role="cell">${onPick && html`<input type="checkbox" aria-label=${`Choose ${task.name}`} checked=${picked.has(task.name)} onChange=${() => onPick([task.name])} />`}<${State} word=${task.word} /></span>
    <span role="cell" class="cut"><${Link} to=${pathOf("runs", run, "tasks", task.name)} title=${task.name}>${task.name}<//>${task.is_critical && html` <span class="tag" title="on the critical path">critical</span>`}${task.kept && html` <span class="tag">kept</span>`}</span>
    <span role="cell" class="cut soft wide-only">${task.task}</span>
    <span role="cell" class="cut soft" title=${task.message || task.why}><${What} task=${task} /></span>
    <span role="cell" class="number">${task.tries.length > 1 || task.max_attempts > 1 ? `${task.tries.length} of ${task.max_attempts}` : task.tries.length || ""}</span>
    <span role="cell" class="wide-only">${task.began !== null && html`<${Moment} at=${task.began} seconds />`}</span>
    <span role="cell" class="number">${task.began === null ? "" : durationOf(taken(task))}</span></div>`;
}

function Heads({ sort, rows, picked, onPick }) {
  const head = (key, says, more = "", before = "") => html`<span role="columnheader" class=${more} aria-sort=${sort === key ? "ascending" : "none"}>${before}<button type="button" class="sort" aria-pressed=${sort === key} onClick=${() => setQuery({ sort: sort === key ? "" : key })}>${says}${sort === key ? " ↓" : ""}</button></span>`;
  return html`<div class="row heads" role="row">${head("state", "State", "", onPick && html`<input type="checkbox" aria-label="Choose all that are shown" checked=${rows.length > 0 && rows.every((task) => picked.has(task.name))} onChange=${() => onPick(rows.map((task) => task.name))} />`)}${head("name", "Task")}<span role="columnheader" class="wide-only">Class</span><span role="columnheader">What happened</span>
    ${head("attempts", "Attempts", "number")}${head("start", "Started", "wide-only")}${head("took", "Took", "number")}</div>`;
}

/** As the server counts: items, and not what they are items of. */
const isCounted = (task) => task.kind !== "items" || task.items_count === null;

export function Tasks({ model, version }) {
  const { query } = usePlace();
  const { run } = model;
  const sort = query.get("sort") ?? "";
  const state = query.get("state") ?? "";
  const text = (query.get("text") ?? "").toLowerCase();
  const list = useRef();
  const { answer: meta } = useAnswer("/meta");
  const [picked, setPicked] = useState(() => new Set());
  useTicks(run.is_live);
  const tasks = useMemo(() => model.tasks.filter((task) => task.kind !== "group"), [version]);
  const counts = useMemo(() => {
    const found = new Map();
    for (const task of tasks.filter(isCounted)) found.set(task.word, (found.get(task.word) ?? 0) + 1);
    return URGENCY.filter((word) => found.has(word)).map((word) => [word, found.get(word)]);
  }, [tasks]);
  const rows = useMemo(() => {
    const wanted = tasks.filter((task) => (!state || task.word === state) && (!text || `${task.name} ${task.task} ${task.message}`.toLowerCase().includes(text)));
    return SORTS[sort]?.(wanted) ?? wanted;
  }, [tasks, sort, state, text]);
  const chosen = useChosen(rows.length, (index) => go(pathOf("runs", run.id, "tasks", rows[index].name)), (index) => list.current?.show(index));
  const pick = (names) => setPicked((before) => (names.every((name) => before.has(name)) ? before.difference(new Set(names)) : before.union(new Set(names))));
  const onPick = run.can_restart && meta && !meta.read_only ? pick : null;
  useKeys(onPick ? { x: ["choose the row", () => chosen >= 0 && pick([rows[chosen].name])] } : {});
  return html`<section class=${`panel tasks${onPick ? " picks" : ""}`} aria-label="Tasks"><div class="filters"><${Search} says="Search tasks, classes, messages" value=${query.get("text") ?? ""} onText=${(value) => setQuery({ text: value })} />
      ${counts.map(([word, number]) => html`<button key=${word} type="button" class="button bare" aria-pressed=${state === word ? "true" : "false"} onClick=${() => setQuery({ state: state === word ? "" : word })}><${State} word=${word} says=${`${numberOf(number)} ${word}`} /></button>`)}
      <span class="soft push">${numberOf(rows.filter(isCounted).length)} of ${numberOf(tasks.filter(isCounted).length)}</span></div>
    ${onPick && picked.size > 0 && html`<${Again} run=${run} names=${[...picked]} onClear=${() => setPicked(new Set())} />`}
    <div role="table" aria-label="Tasks" aria-rowcount=${rows.length + 1}><div role="rowgroup"><${Heads} sort=${sort} rows=${rows} picked=${picked} onPick=${onPick} /></div>
      <${Windowed} count=${rows.length} height=${ROW} api=${list} role="rowgroup" row=${(index) => html`<${Row} key=${rows[index].name} task=${rows[index]} run=${run.id} isChosen=${index === chosen} picked=${picked} onPick=${onPick} />`} /></div>
    ${!rows.length && html`<p class="nothing">No task is like that.</p>`}</section>`;
}
