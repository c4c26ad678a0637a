/** The token: asked for once, kept until the tab is closed. */

import { Signal } from "./signal.js";

const KEY = "flowrun.token";

function kept() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

export const token = new Signal(kept());

/** Null, or `{ why, answer }` while somebody waits for a token. */
export const asking = new Signal(null);

export function keepToken(text) {
  token.set(text);
  try {
    if (text) sessionStorage.setItem(KEY, text);
    else sessionStorage.removeItem(KEY);
  } catch {
    // It lasts until the page is left, then.
  }
}

let asked = null;

/** Ask the person for a token; true if one was given. All who ask at the same time wait for one answer. */
export function askForToken(why) {
  asked ??= new Promise((resolve) => {
    asking.set({
      why,
      answer(text) {
        asked = null;
        asking.set(null);
        if (text) keepToken(text);
        resolve(Boolean(text));
      },
    });
  });
  return asked;
}
