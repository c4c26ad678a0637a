/** Approvals: what waits for a person, in all runs. */

import { Waiting, isAboutWaiting, useWaiting } from "../approvals/waiting.js";
import { html } from "../html.js";
import { Loading } from "../loading.js";
import { useNews } from "../stream.js";
import { useTitle } from "../title.js";

export function ApprovalsPage() {
  useTitle("Approvals");
  const { items, isThere, problem, again } = useWaiting();
  useNews("", (news) => isAboutWaiting(news) && again());
  if (!isThere) return html`<${Loading} problem=${problem} again=${again} />`;
  return html`<div class="stack"><h1>Approvals</h1>
    <section class="panel" aria-label="What waits">${items.length ? html`<${Waiting} items=${items} onDone=${again} />` : html`<div class="nothing"><p>Nothing waits for an approval.</p><p>A task with the key <code>approve</code> starts when somebody has said yes.</p></div>`}</section></div>`;
}
