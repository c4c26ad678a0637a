/** A log of any length, of which only the lines are made that can be seen. */

import { html, useEffect, useLayoutEffect, useReducer, useRef } from "../html.js";
import { clockOf, numberOf, secondsOf } from "../moments.js";
import { useSignal } from "../signal.js";
import { Fragments, beyond } from "./fragments.js";
import { Scroller } from "./scroller.js";

const LINE = 20;
const SPARE = 12;
const LOWEST = 320;
const HUES = 12;

/** A colour for a task, always the same. */
export function hueOf(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
  return (sum % HUES) * (360 / HUES);
}

const levelOf = (level) => (level === "INFO" ? "" : level === "WARNING" ? "WARN" : level === "CRITICAL" ? "FATAL" : level);

function Line({ line, index, numbered, withTask, wanted, isMarked, to, onLink, onWhole }) {
  if (!line) return html`<div class="line"><span class="no">${numbered ? index + 1 : ""}</span></div>`;
  const says = numbered ? numberOf(index + 1) : "·";
  return html`<div class=${`line ${line.level}${isMarked ? " marked" : ""}`}>
    <a class="no" href=${to(line, index)} aria-label=${numbered ? `Line ${index + 1}` : "This line among the others"} title=${numbered ? "Link to this line" : "Show among the others"} onClick=${(event) => onLink(event, line, index)}>${says}</a>
    ${withTask && html`<span class="of" title=${line.task}><i style=${{ background: `hsl(${hueOf(line.task)} 55% 55%)` }}></i>${line.task}</span>`}
    <time>${clockOf(secondsOf(line.time), true)}</time><span class="level">${levelOf(line.level)}</span><span class="text"><${Fragments} text=${line.text} wanted=${wanted} />${(beyond(line.text) > 0 || line.is_cut) && html`<button type="button" class="more" onClick=${() => onWhole(line)}>… ${numberOf(beyond(line.text))} letters more</button>`}</span></div>`;
}

/** The log is as high as there is room below it on the screen. */
function useRoom(box, draw) {
  useLayoutEffect(() => {
    const resize = () => {
      const top = box.current.getBoundingClientRect().top + scrollY;
      box.current.style.height = `${Math.max(LOWEST, innerHeight - Math.min(top, innerHeight * 0.5) - 20)}px`;
      draw();
    };
    resize();
    addEventListener("resize", resize);
    return () => removeEventListener("resize", resize);
  }, []);
}

/** `api` receives `{ show(index) }`; `onEnd(isAtEnd)` tells whether the end is seen. */
export function Viewer({ source, numbered, withTask, wanted, marked, isFollowing, onEnd, api, ...rest }) {
  const box = useRef();
  const scroller = useRef(null);
  const [, draw] = useReducer((count) => count + 1, 0);
  useSignal(source.changed);
  scroller.current ??= new Scroller();
  const pane = scroller.current;
  pane.fit(source.count * LINE, box.current?.clientHeight ?? LOWEST);
  const goTo = (top) => {
    box.current.scrollTop = pane.goTo(top);
    draw();
  };
  api.current = { show: (index) => goTo(index * LINE - pane.room / 3) };
  useRoom(box, draw);
  useLayoutEffect(() => {
    if (isFollowing) goTo(Infinity);
  }, [isFollowing, source.count]);
  useEffect(() => {
    pane.top = 0;
    if (!isFollowing) goTo(0);
  }, [source]);
  const scrolled = () => {
    pane.scrolled(box.current.scrollTop);
    onEnd(pane.isAtEnd);
    draw();
  };
  const first = Math.max(0, Math.floor(pane.top / LINE) - SPARE);
  const last = Math.min(source.count, Math.ceil((pane.top + pane.room) / LINE) + SPARE);
  const shift = (box.current?.scrollTop ?? 0) + first * LINE - pane.top;
  const lines = [];
  for (let index = first; index < last; index += 1) lines.push(html`<${Line} key=${index} line=${source.line(index)} index=${index} numbered=${numbered} withTask=${withTask} wanted=${wanted} isMarked=${marked === index} ...${rest} />`);
  return html`<div class="log" ref=${box} tabindex="0" role="group" aria-label="Lines" onScroll=${scrolled}>
    <div class="log-inside" style=${{ height: `${pane.boxHeight}px` }}><div class="lines" style=${{ transform: `translateY(${shift}px)` }}>${lines}</div></div></div>`;
}
