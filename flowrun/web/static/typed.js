/** Search as it is typed, but not with every letter. */

import { useEffect, useRef, useState } from "./html.js";

const PAUSE = 250;

/** The text that is typed now, and what takes a letter. `onText` hears of it when the typing pauses. */
export function useTyped(value, onText) {
  const [typed, setTyped] = useState(value);
  const timer = useRef(0);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []); // whoever has left the page does not search there any more
  return [typed, (text) => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onText(text), PAUSE);
  }];
}
