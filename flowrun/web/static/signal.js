/** A value that tells who listens when it changes. */

import { useEffect, useReducer } from "./html.js";

export class Signal {
  #listeners = new Set();

  constructor(value) {
    this.value = value;
  }

  set(value) {
    if (Object.is(value, this.value)) return;
    this.value = value;
    this.tell();
  }

  /** Say that the value has changed inside. */
  tell() {
    for (const listener of [...this.#listeners]) listener();
  }

  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The value of a signal; the part is drawn again when it changes. */
export function useSignal(signal) {
  const [, again] = useReducer((count) => count + 1, 0);
  const shown = signal.value;
  useEffect(() => {
    if (!Object.is(signal.value, shown)) again();
    return signal.listen(again);
  }, [signal]);
  return shown;
}
