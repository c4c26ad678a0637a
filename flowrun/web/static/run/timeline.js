/** The timeline: for each task when it waited, ran and paused, on one axis of time. */

import { Link, go, pathOf, setQuery, usePlace } from "../address.js";
import { useChosen } from "../chosen.js";
import { inWords } from "../counts.js";
import { html, useMemo, useRef, useState } from "../html.js";
import { useKeys } from "../keyboard.js";
import { clockOf, durationOf, fullOf, now, numberOf } from "../moments.js";
import { marksBetween, stepOfTime } from "../scale.js";
import { howFar } from "../progress.js";
import { usualOf } from "../remaining.js";
import { Search } from "../search.js";
import { Sign, wordOf } from "../states.js";
import { useTicks } from "../ticker.js";
import { Windowed } from "../windowed.js";
import { Overview } from "./overview.js";
import { rowsOf } from "./tree.js";

const ROW = 28;
const LABEL_ROOM = 84;
const ROOM_INSIDE = 16;
const MARKS = 9;

const marksOf = ([from, until], start) => marksBetween(from - start, until - start, stepOfTime(until - from, MARKS));

/** A mark of the axis, exact and without what is nought. */
function offsetOf(seconds) {
  if (seconds < 1) return `+${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `+${Number(seconds.toFixed(3))} s`;
  return `+${durationOf(seconds).replace(/ 00[sm]$/, "")}`;
}

/** A stretch of time as place and width on the axis; null if none of it is seen. */
function stretch(began, stopped, [from, until]) {
  const left = Math.max(from, began);
  const right = Math.min(until, stopped);
  if (right < from || left > until || right < left) return null;
  const scale = 100 / (until - from || 1);
  return { left: `${(left - from) * scale}%`, width: `${(right - left) * scale}%` };
}

/** What is drawn of a task: pieces `{ kind, style, says }`. */
function piecesOf(task, view, at) {
  const pieces = [];
  const add = (kind, began, stopped, says, share = null) => {
    const style = stretch(began, stopped, view);
    if (style) pieces.push({ kind, style: share === null ? style : { ...style, "--far": `${100 * share}%` }, says });
  };
  const isMade = task.kind === "group" || task.kind === "items";
  if (isMade && task.began !== null) add(`span ${task.word}`, task.began, task.stopped ?? at, `${task.word} ${durationOf((task.stopped ?? at) - task.began)}`);
  if (isMade) return pieces;
  const tries = task.tries.filter((attempt) => attempt.began !== null);
  const [first] = tries;
  if (task.readied !== null && (first || !task.isOver)) {
    add("wait", task.readied, first?.began ?? at, `waited ${durationOf((first?.began ?? at) - task.readied)}${task.waits_for ? ` for ${task.waits_for}` : ""}`);
  }
  tries.forEach((attempt, index) => {
    const next = tries[index + 1]?.began ?? (task.word === "retrying" ? at : null);
    const stopped = attempt.stopped ?? at;
    if (next !== null && attempt.stopped !== null) add("pause", attempt.stopped, next, `paused ${durationOf(next - attempt.stopped)} before attempt ${index + 2}`);
    const share = attempt.stopped === null && task.progress?.total ? task.progress.done / task.progress.total : null;
    add(`attempt ${wordOf(attempt.state)}${share === null ? "" : " far"}`, attempt.began, stopped, `attempt ${attempt.number} of ${task.max_attempts}: ${wordOf(attempt.state)} after ${durationOf(stopped - attempt.began)}`, share);
  });
  return pieces;
}

function saidOf(task, at) {
  if (task.kind === "items" && task.items) return [inWords(task.items), task.items_waiting && `${numberOf(task.items_waiting)} not begun`].filter(Boolean).join(", ");
  if (task.began === null) return task.kept ? "kept from the run before" : [task.word, task.why || (task.waits_for && `waits for ${task.waits_for}`)].filter(Boolean).join(" · ");
  const took = durationOf((task.stopped ?? at) - task.began);
  const far = task.isOver ? "" : task.progress ? howFar(task.progress) : usualOf(task);
  return [took, task.tries.length > 1 && `attempt ${task.tries.length}`, far].filter(Boolean).join(" · ");
}

function Lane({ task, view, at }) {
  const pieces = piecesOf(task, view, at);
  const end = task.stopped ?? (task.began === null ? view[0] : at);
  const percent = (seconds) => ((Math.min(view[1], Math.max(view[0], seconds)) - view[0]) / (view[1] - view[0] || 1)) * 100;
  const place = percent(end);
  const start = percent(Math.min(task.readied ?? end, task.began ?? end));
  const isInside = place > LABEL_ROOM && place - start > ROOM_INSIDE && task.tries.length < 2;
  const style = place <= LABEL_ROOM ? { left: `${Math.max(0, place)}%` } : { right: `${100 - (isInside ? place : start)}%` };
  return html`<span class="bars">${pieces.map((piece, index) => html`<i key=${index} class=${piece.kind} style=${piece.style} title=${piece.says}></i>`)}
    <em style=${style} class=${isInside ? "on" : ""}>${saidOf(task, at)}</em></span>`;
}

function Row({ row, run, view, at, isChosen, onTurn }) {
  const { task } = row;
  const short = row.depth && task.group && task.name.startsWith(task.group) ? task.name.slice(task.group.length).replace(/^\//, "") : task.name;
  return html`<div class=${`lane-row ${task.word}${task.is_critical ? " critical" : ""}${isChosen ? " at" : ""}`} role="row" key=${task.name}>
    <span class="name" role="rowheader" style=${{ paddingLeft: `${12 + row.depth * 16}px` }}>
      ${row.members > 0 ? html`<button type="button" class="fold" aria-expanded=${row.isOpen} aria-label=${`${row.isOpen ? "Fold" : "Unfold"} ${task.name}`} onClick=${() => onTurn(task.name)}>${row.isOpen ? "▾" : "▸"}</button>` : html`<span class="fold"></span>`}
      <span class="state"><${Sign} word=${task.word} /><span class="unseen">${task.word}</span></span>
      <${Link} to=${pathOf("runs", run, "tasks", task.name)} title=${task.name}>${short}<//>${row.members > 0 && html`<span class="faint"> ${numberOf(row.members)}</span>`}</span>
    <span class="lane-cell" role="cell"><${Lane} task=${task} view=${view} at=${at} /></span></div>`;
}

function Axis({ view, start, marks }) {
  const percent = (seconds) => (100 * (start + seconds - view[0])) / (view[1] - view[0] || 1);
  return html`<div class="axis" aria-hidden="true"><span class="name faint">Task</span><div>${marks.map((mark) => html`<i key=${mark} style=${{ left: `${percent(mark)}%` }} title=${fullOf(start + mark)}>${mark === 0 ? clockOf(start) : offsetOf(mark)}</i>`)}</div></div>`;
}

function Legend() {
  return html`<span class="legend">${[["attempt completed", "completed"], ["attempt failed", "failed"], ["attempt running", "running"], ["pause", "pause before a retry"], ["wait", "waiting, ready"]].map(([kind, says]) => html`<span key=${says}><i class=${kind}></i>${says}</span>`)}
    <span><i class="attempt completed marked"></i>critical path</span></span>`;
}

export function Timeline({ model, version }) {
  const { run } = model;
  const { query } = usePlace();
  const [turned, setTurned] = useState(() => new Set());
  const [view, setView] = useState(null);
  const list = useRef();
  const only = query.get("only") ?? "";
  const text = (query.get("text") ?? "").toLowerCase();
  const order = query.get("order") ?? "start";
  useTicks(run.is_live, 0.25);
  const wants = text || only ? (task) => task.name.toLowerCase().includes(text) && (only !== "critical" || task.is_critical) && (only !== "trouble" || !["completed", "skipped", "waiting", "running"].includes(task.word) || task.tries.length > 1) : null;
  const rows = useMemo(() => rowsOf(model.tasks, { order, turned, wants }), [version, order, turned, text, only]);
  const start = Date.parse(run.started) / 1000;
  const at = run.is_live ? now() : Date.parse(run.ended ?? run.started) / 1000;
  const whole = [start, Math.max(at, start + 0.05)];
  const seen = view ?? [whole[0], whole[1] + (whole[1] - whole[0]) * 0.02];
  const marks = marksOf(seen, start);
  const chosen = useChosen(rows.length, (index) => go(pathOf("runs", run.id, "tasks", rows[index].task.name)), (index) => list.current?.show(index));
  const zoom = (factor) => {
    const half = ((seen[1] - seen[0]) * factor) / 2;
    const middle = (seen[0] + seen[1]) / 2;
    setView(half * 2 >= (whole[1] - whole[0]) * 1.02 ? null : [Math.max(whole[0], middle - half), Math.min(whole[1], middle + half)]);
  };
  useKeys({ "+": ["look closer", () => zoom(0.5)], "-": ["look from farther away", () => zoom(2)], 0: ["the whole run", () => setView(null)] });
  const turn = (name) => setTurned((old) => { const next = new Set(old); if (!next.delete(name)) next.add(name); return next; });
  const pressed = (name) => ({ "aria-pressed": only === name ? "true" : "false", onClick: () => setQuery({ only: only === name ? "" : name }) });
  return html`<section class="panel timeline" aria-label="Timeline">
    <div class="filters"><${Search} says="Search tasks" value=${query.get("text") ?? ""} onText=${(value) => setQuery({ text: value })} />
      <button type="button" class="button bare" ...${pressed("critical")}>Critical path</button><button type="button" class="button bare" ...${pressed("trouble")}>Trouble</button>
      <label class="check wide-only">by <select aria-label="Order" value=${order} onChange=${(event) => setQuery({ order: event.target.value === "start" ? "" : event.target.value })}>${[["start", "start"], ["file", "job file"], ["duration", "duration"]].map(([key, says]) => html`<option key=${key} value=${key} selected=${key === order}>${says}</option>`)}</select></label>
      <span class="buttons push"><button type="button" class="button" aria-label="Look from farther away" onClick=${() => zoom(2)}>−</button><button type="button" class="button" aria-label="Look closer" onClick=${() => zoom(0.5)}>+</button><button type="button" class="button" disabled=${!view} onClick=${() => setView(null)}>Whole run</button></span></div>
    <div class="overview-row"><span class="name faint">${durationOf(whole[1] - whole[0])}</span><${Overview} tasks=${model.tasks} from=${whole[0]} until=${whole[1]} view=${view} version=${run.is_live ? Math.round(at) : version} onView=${setView} /></div>
    <${Axis} view=${seen} start=${start} marks=${marks} />
    <div class="lanes" role="table" aria-label="Tasks over time" aria-rowcount=${rows.length}>
      <div class="rules" aria-hidden="true"><span class="name"></span><div>${marks.map((mark) => html`<i key=${mark} style=${{ left: `${(100 * (start + mark - seen[0])) / (seen[1] - seen[0])}%` }}></i>`)}${run.is_live && !view && html`<b style=${{ left: `${(100 * (at - seen[0])) / (seen[1] - seen[0])}%` }}></b>`}</div></div>
      <${Windowed} count=${rows.length} height=${ROW} api=${list} role="rowgroup" row=${(index) => html`<${Row} key=${rows[index].task.name} row=${rows[index]} run=${run.id} view=${seen} at=${at} isChosen=${index === chosen} onTurn=${turn} />`} />
      ${!rows.length && html`<p class="nothing">No task is like that.</p>`}</div>
    <footer><${Legend} /></footer></section>`;
}
