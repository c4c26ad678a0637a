/** The chosen row of a list: j and k move, Enter opens. */

import { useReducer, useRef } from "./html.js";
import { useKeys } from "./keyboard.js";

/** The index of the chosen row, or -1. `show` brings a row into view. */
export function useChosen(count, open, show) {
  const at = useRef(-1);
  const [, draw] = useReducer((times) => times + 1, 0);
  at.current = Math.min(at.current, count - 1);
  const move = (by) => {
    if (!count) return;
    at.current = Math.min(count - 1, Math.max(0, at.current + by));
    show?.(at.current);
    draw();
  };
  const keys = { j: ["next row", () => move(1)], k: ["row before", () => move(-1)], Enter: ["open the row", () => at.current >= 0 && open(at.current)] };
  useKeys(count ? keys : {});
  return at.current;
}

/** Bring a row of a table of the page into view. */
export function showRow(index) {
  document.querySelectorAll("[data-row]")[index]?.scrollIntoView({ block: "nearest" });
}
