/** A drawing that can be moved and made larger: drag, the buttons, the wheel with Ctrl, or the keys + - 0. */

import { html, useLayoutEffect, useRef, useState } from "../html.js";
import { useKeys } from "../keyboard.js";

const LARGEST = 2.5;
const SMALLEST = 0.05;
const STEP = 1.25;
const LOWEST = 220;

/** The scale at which all of it is seen, but never larger than it is, and never too small to be read. */
const READABLE = 0.62;

/** Ctrl and the wheel: closer or farther, where the pointer is. */
function useWheel(box, zoom) {
  const latest = useRef();
  latest.current = zoom;
  useLayoutEffect(() => {
    const turned = (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      latest.current(event.deltaY < 0 ? STEP : 1 / STEP, { x: event.offsetX, y: event.offsetY });
    };
    const drawing = box.current;
    drawing.addEventListener("wheel", turned, { passive: false });
    return () => drawing.removeEventListener("wheel", turned);
  }, []);
}

export function View({ width, height, says, more, children }) {
  const box = useRef();
  const [{ x, y, scale }, setPlace] = useState({ x: 0, y: 0, scale: 1 });
  const [tall, setTall] = useState(LOWEST);
  const held = useRef(null);
  const fit = (smallest) => {
    const room = box.current.clientWidth;
    const high = Math.max(LOWEST, Math.min(innerHeight * 0.74, height));
    const next = Math.min(1, Math.max(smallest, Math.min(room / width, high / height)));
    const shown = Math.max(LOWEST, Math.min(high, height * next + 2));
    setTall(shown);
    setPlace({ scale: next, x: Math.max(0, (room - width * next) / 2), y: Math.max(0, (shown - height * next) / 2) });
  };
  useLayoutEffect(() => fit(READABLE), [width, height]);
  const zoom = (factor, at) => {
    const middle = at ?? { x: box.current.clientWidth / 2, y: tall / 2 };
    setPlace((old) => {
      const next = Math.min(LARGEST, Math.max(SMALLEST, old.scale * factor));
      return { scale: next, x: middle.x - ((middle.x - old.x) * next) / old.scale, y: middle.y - ((middle.y - old.y) * next) / old.scale };
    });
  };
  useWheel(box, zoom);
  const start = (event) => {
    if (event.button || event.target.closest("a")) return;
    held.current = { x: event.clientX - x, y: event.clientY - y };
    box.current.setPointerCapture(event.pointerId);
  };
  const move = (event) => held.current && setPlace((old) => ({ ...old, x: event.clientX - held.current.x, y: event.clientY - held.current.y }));
  const leave = () => (held.current = null);
  useKeys({ "+": ["larger", () => zoom(STEP)], "-": ["smaller", () => zoom(1 / STEP)], 0: ["all of it", () => fit(SMALLEST)] });
  return html`<div class="view"><div class="filters"><span class="soft">${says}</span><span class="buttons push">${more}
      <button type="button" class="button" aria-label="Smaller" onClick=${() => zoom(1 / STEP)}>−</button><button type="button" class="button" aria-label="Larger" onClick=${() => zoom(STEP)}>+</button><button type="button" class="button" onClick=${() => fit(SMALLEST)}>Fit</button></span></div>
    <div class="drawing" ref=${box} style=${{ height: `${tall}px` }} onPointerDown=${start} onPointerMove=${move} onPointerUp=${leave} onPointerCancel=${leave}>
      <svg role="group" aria-label="Graph of the tasks" width="100%" height="100%"><g transform=${`translate(${x},${y}) scale(${scale})`}>${children}</g></svg></div></div>`;
}
