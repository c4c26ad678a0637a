/** What a person was asked about a task, and what was answered. */

import { html } from "../html.js";
import { Moment } from "../moments.js";

export function Answered({ approval }) {
  const { question, answer, by, at, comment, since } = approval;
  return html`<p class="strong">${question}</p>
    ${answer ? html`<p><span class=${answer === "approved" ? "state completed" : "state failed"}>${answer}</span> <span class="soft">${by && `by ${by} `}<${Moment} at=${at} /></span></p>` : html`<p class="soft">waits for an answer since <${Moment} at=${since} /></p>`}
    ${comment && html`<p class="said">${comment}</p>`}`;
}
