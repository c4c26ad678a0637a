/** A chart of one measure over the runs: a line, and for each run a dot that leads to it. */

import { Link, pathOf } from "../address.js";
import { html, useLayoutEffect, useRef, useState } from "../html.js";
import { clockOf, dayOf } from "../moments.js";
import { marksBetween, stepOfTime } from "../scale.js";
import { wordOf } from "../states.js";

const HEIGHT = 200;
const LEFT = 70;
const RIGHT = 28;
const TOP = 12;
const BOTTOM = 26;
const DAY = 86400;
const MOMENT_ROOM = 90;
const LEAST_DRAG = 8;

/** How wide an element is, also after the window has changed. */
function useWidth(box) {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const watcher = new ResizeObserver(([{ contentRect }]) => setWidth(contentRect.width));
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);
  return width;
}

/** The marks of the time axis, which begin with the days and hours of whoever looks. */
function momentsBetween(from, until, room) {
  const step = stepOfTime(until - from || 1, Math.max(2, room / MOMENT_ROOM));
  const shift = new Date(from * 1000).getTimezoneOffset() * 60;
  return marksBetween(from - shift, until - shift, step).map((at) => [at + shift, step >= DAY ? dayOf(at + shift) : clockOf(at + shift).slice(0, step < 60 ? 8 : 5)]);
}

/** `points` are `{ run, state, at, value }`; `says` makes a value a text, `stepOf` gives the step between two rules. */
export function Chart({ title, points, says, stepOf }) {
  const box = useRef();
  const width = useWidth(box);
  const [pointed, setPointed] = useState(null);
  const [view, setView] = useState(null);
  const [drag, setDrag] = useState(null);
  const known = points.filter((one) => one.value !== null);
  const [from, until] = view ?? [known[0].at, known.at(-1).at];
  const shown = known.filter((one) => one.at >= from && one.at <= until);
  const highest = Math.max(...shown.map((one) => one.value), 0) * 1.08 || 1;
  const across = Math.max(1, width - LEFT - RIGHT);
  const x = (at) => LEFT + (until > from ? ((at - from) / (until - from)) * across : across / 2);
  const y = (value) => HEIGHT - BOTTOM - (value / highest) * (HEIGHT - TOP - BOTTOM);
  const place = (event) => event.clientX - box.current.getBoundingClientRect().left;
  const time = (left) => from + (Math.min(across, Math.max(0, left - LEFT)) / across) * (until - from);
  const move = (event) => {
    const left = place(event);
    setPointed(shown.reduce((best, one) => (!best || Math.abs(x(one.at) - left) < Math.abs(x(best.at) - left) ? one : best), null));
    if (drag) setDrag([drag[0], left]);
  };
  const drop = () => {
    const [low, high] = [Math.min(...drag), Math.max(...drag)];
    setDrag(null);
    if (high - low > LEAST_DRAG && shown.some((one) => x(one.at) > low && x(one.at) < high)) setView([time(low), time(high)]);
  };
  const sorted = shown.map((one) => one.value).sort((a, b) => a - b);
  const said = pointed ? `${wordOf(pointed.state)} · ${says(pointed.value)} · run ${pointed.run}` : shown.length ? `usually ${says(sorted[sorted.length >> 1])}, at most ${says(sorted.at(-1))}` : "";
  return html`<section class="panel chart" aria-label=${title}><header><h2>${title}</h2><span class="soft number">${said}</span>${view && html`<button type="button" class="button bare push" onClick=${() => setView(null)}>All runs</button>`}</header>
    <div class="body" ref=${box}>${width > 0 && html`<svg width=${width} height=${HEIGHT} role="group" aria-label=${`${title} of ${shown.length} runs`} onPointerMove=${move} onPointerLeave=${() => setPointed(null)}
      onPointerDown=${(event) => !event.target.closest("a") && (event.currentTarget.setPointerCapture(event.pointerId), setDrag([place(event), place(event)]))} onPointerUp=${() => drag && drop()}>
      <g class="rules">${marksBetween(0, highest, stepOf(highest)).map((mark) => html`<path key=${mark} d=${`M${LEFT},${y(mark)}H${width - RIGHT}`} /><text x=${LEFT - 8} y=${y(mark) + 4} text-anchor="end">${says(mark)}</text>`)}
        ${momentsBetween(from, until, across).map(([at, text]) => html`<text key=${at} x=${x(at)} y=${HEIGHT - 8} text-anchor="middle">${text}</text>`)}</g>
      <path class="line" d=${`M${shown.map((one) => `${x(one.at)},${y(one.value)}`).join("L")}`} />
      ${drag && html`<rect class="drag" x=${Math.min(...drag)} width=${Math.abs(drag[1] - drag[0])} y=${TOP} height=${HEIGHT - TOP - BOTTOM} />`}
      ${pointed && html`<path class="cursor" d=${`M${x(pointed.at)},${TOP}V${HEIGHT - BOTTOM}`} />`}
      ${shown.map((one) => html`<${Link} key=${one.run} to=${pathOf("runs", one.run)} class=${wordOf(one.state)} aria-label=${`Run ${one.run}: ${wordOf(one.state)}, ${says(one.value)}`} onFocus=${() => setPointed(one)} onBlur=${() => setPointed(null)}><circle cx=${x(one.at)} cy=${y(one.value)} r=${one === pointed ? 6 : 4} /><//>`)}
    </svg>`}</div></section>`;
}
