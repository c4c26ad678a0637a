/** A long list of rows of one height, of which only those are made that can be seen. The page itself scrolls. */

import { html, useLayoutEffect, useRef, useState } from "./html.js";

const SPARE = 8;

/** `row(index)` gives a row; `api` receives `{ show(index) }`, which scrolls to one. */
export function Windowed({ count, height, row, api, ...rest }) {
  const box = useRef();
  const [[from, to], setRange] = useState([0, 60]);
  const measure = () => {
    const top = box.current.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(-top / height) - SPARE);
    const last = Math.min(count, Math.max(0, Math.ceil((innerHeight - top) / height)) + SPARE);
    setRange((before) => (before[0] === first && before[1] === last ? before : [first, last]));
  };
  useLayoutEffect(() => {
    measure();
    let frame = 0;
    const soon = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        if (box.current) measure();
      });
    };
    addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", soon);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("scroll", soon);
      removeEventListener("resize", soon);
    };
  }, [count, height]);
  if (api) {
    api.current = {
      show(index) {
        const top = box.current.getBoundingClientRect().top + scrollY + index * height;
        if (top < scrollY + 140 || top > scrollY + innerHeight - 80) scrollTo(0, top - innerHeight / 3);
      },
    };
  }
  const rows = [];
  for (let index = from; index < Math.min(to, count); index += 1) rows.push(row(index));
  return html`<div ref=${box} style=${{ height: `${count * height}px`, position: "relative" }} ...${rest}>
    <div role="presentation" style=${{ transform: `translateY(${from * height}px)` }}>${rows}</div>
  </div>`;
}
