/** What stands where an answer of the server is not there yet, or will not be. */

import { html } from "./html.js";

export function Loading({ problem, again }) {
  if (!problem) return html`<p class="loading">Loading…</p>`;
  return html`<div class="panel"><div class="nothing" role="alert"><p class="strong">${problem.message}</p>
    ${again && html`<p><button type="button" class="button" onClick=${again}>Try again</button></p>`}</div></div>`;
}
