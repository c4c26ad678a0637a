/** Progress: how far an attempt says that it is. */

import { html } from "./html.js";
import { numberOf } from "./moments.js";

const percentOf = ({ done, total }) => Math.min(100, Math.floor((100 * done) / total));

/** `71 %`, or how much is done if nobody knows of how much. */
export const howFar = (progress) => (progress.total ? `${percentOf(progress)} %` : `${numberOf(progress.done)} done`);

/** A bar with its number, and what the task says. */
export function Progress({ progress }) {
  const { total, message } = progress;
  return html`<span class="progress" title=${`${numberOf(progress.done)}${total ? ` of ${numberOf(total)}` : ""}${message ? ` · ${message}` : ""}`}>
    ${total ? html`<span class="meter running" role="progressbar" aria-label="Progress" aria-valuenow=${percentOf(progress)}><i style=${{ width: `${percentOf(progress)}%` }}></i></span>` : null}
    <span class="number">${howFar(progress)}</span>${message && html`<span class="cut">${message}</span>`}</span>`;
}
