/** A value, as JSON that a person can read; long ones can be unfolded. */

import { html, useState } from "../html.js";
import { CopyButton } from "../copy.js";

const SHORT = 600;
const ONE_LINE = 90;

/** In one line, if it is not too long for one. */
function written(value) {
  if (typeof value === "string") return value;
  const line = (JSON.stringify(value, null, 1) ?? "").replace(/\n\s*/g, " ");
  return line.length <= ONE_LINE ? line : JSON.stringify(value, null, 2);
}

export function Json({ value, isCut }) {
  const [isWhole, setIsWhole] = useState(false);
  const text = written(value);
  const isLong = text.length > SHORT;
  return html`<div class="json"><pre class="excerpt wrap" tabindex="0">${isLong && !isWhole ? `${text.slice(0, SHORT)}…` : text}</pre>
    <span class="buttons">${isLong && html`<button type="button" class="button bare" onClick=${() => setIsWhole(!isWhole)}>${isWhole ? "Less" : `All ${text.length.toLocaleString("en-US")} letters`}</button>`}<${CopyButton} text=${text} />${isCut && html`<span class="faint">the history keeps only its beginning</span>`}</span></div>`;
}
