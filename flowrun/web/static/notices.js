/** A sentence in the corner, for a while. It is read aloud, too. */

import { html } from "./html.js";
import { Signal, useSignal } from "./signal.js";

const notice = new Signal("");
let ends = 0;

export function say(text) {
  notice.set(text);
  clearTimeout(ends);
  ends = setTimeout(() => notice.set(""), 6000);
}

export function Notices() {
  const text = useSignal(notice);
  return html`<div role="status" aria-live="polite">${text && html`<div class="toast">${text}</div>`}</div>`;
}
