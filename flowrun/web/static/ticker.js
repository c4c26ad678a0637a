/** Draws a part again every so often, as long as something in it runs. */

import { useEffect, useReducer } from "./html.js";

export function useTicks(isRunning, seconds = 1) {
  const [, again] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => document.hidden || again(), seconds * 1000);
    return () => clearInterval(timer);
  }, [isRunning, seconds]);
}
