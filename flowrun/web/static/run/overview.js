/** How many attempts ran at the same time, over the whole run; drag over it to look closer. */

import { html, useMemo, useRef, useState } from "../html.js";

const HEIGHT = 40;
const COLUMNS = 240;

/** For each column of time the most attempts that ran in it. */
export function parallelOf(tasks, from, until) {
  const change = new Float64Array(COLUMNS + 2);
  const column = (seconds) => Math.min(COLUMNS, Math.max(0, Math.floor(((seconds - from) / (until - from || 1)) * COLUMNS)));
  for (const task of tasks) {
    if (task.kind === "group" || task.kind === "items") continue;
    for (const attempt of task.tries) {
      if (attempt.began === null) continue;
      const first = column(attempt.began);
      change[first] += 1;
      change[Math.max(first + 1, column(attempt.stopped ?? until))] -= 1;
    }
  }
  const found = [];
  let running = 0;
  for (let index = 0; index <= COLUMNS; index += 1) found.push((running += change[index]));
  return found;
}

function areaOf(parallel) {
  const most = Math.max(1, ...parallel);
  const points = parallel.map((number, index) => `${(index / COLUMNS) * 1000},${HEIGHT - (number / most) * (HEIGHT - 6)}`);
  return `M0,${HEIGHT}L${points.join("L")}L1000,${HEIGHT}Z`;
}

export function Overview({ tasks, from, until, view, version, onView }) {
  const parallel = useMemo(() => parallelOf(tasks, from, until), [version, from, Math.round(until)]);
  const box = useRef();
  const [drag, setDrag] = useState(null);
  const at = (event) => {
    const { left, width } = box.current.getBoundingClientRect();
    return from + (until - from) * Math.min(1, Math.max(0, (event.clientX - left) / width));
  };
  const start = (event) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag([at(event), at(event)]);
  };
  const end = () => {
    if (!drag) return;
    const [low, high] = drag[0] < drag[1] ? drag : [drag[1], drag[0]];
    onView(high - low < (until - from) / 200 ? null : [low, high]);
    setDrag(null);
  };
  const percent = (seconds) => (100 * (seconds - from)) / (until - from || 1);
  const marked = drag ? [Math.min(...drag), Math.max(...drag)] : view;
  return html`<div class="overview" ref=${box} onPointerDown=${start} onPointerMove=${(event) => drag && setDrag([drag[0], at(event)])} onPointerUp=${end} title="Drag to look closer">
    <svg viewBox="0 0 1000 ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${`At most ${Math.max(0, ...parallel)} attempts ran at the same time`}><path d=${areaOf(parallel)} /></svg>
    <span class="peak">at most ${Math.max(0, ...parallel)} at a time</span>
    ${marked && html`<i style=${{ left: `${percent(marked[0])}%`, width: `${percent(marked[1]) - percent(marked[0])}%` }}></i>`}</div>`;
}
