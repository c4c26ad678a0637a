/** Workers, queues and pools: who performs work, and what it waits for. */

import { useAnswer } from "../api.js";
import { html, useEffect } from "../html.js";
import { Loading } from "../loading.js";
import { durationOf, numberOf } from "../moments.js";
import { State } from "../states.js";
import { useTitle } from "../title.js";
import { Drain } from "../workers/drain.js";
import { Pools } from "./pools.js";

const REFRESH_SECONDS = 2;
const QUIET_SECONDS = 15;
const WORDS = { idle: "waiting", working: "running", paused: "stopped", ending: "stopping" };

const Doing = ({ worker }) => (worker.age_seconds > QUIET_SECONDS ? html`<${State} word="stopped" says="silent" />` : html`<${State} word=${WORDS[worker.state] ?? "waiting"} says=${worker.state} />`);

function Workers({ items, mayChange, again }) {
  if (!items.length) return html`<p class="nothing">No worker has announced itself. <code>flowrun worker</code> starts one.</p>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Workers"><table><thead><tr><th scope="col">Worker</th><th scope="col">State</th><th scope="col">Queue</th><th scope="col">Load</th><th scope="col">Tasks it knows</th><th scope="col">Where</th><th scope="col" class="number">Heartbeat</th>${mayChange && html`<th scope="col"><span class="unseen">Actions</span></th>`}</tr></thead>
    <tbody>${items.map((worker) => html`<tr key=${worker.id}><td><span class="mono">${worker.id}</span>${Object.entries(worker.labels).sort().map(([key, value]) => html` <span key=${key} class="tag">${key}=${value}</span>`)}</td>
      <td><${Doing} worker=${worker} /></td>
      <td>${worker.queue}</td><td class="nowrap"><span class="load"><span class="meter running"><i style=${{ flexGrow: worker.busy }}></i><b style=${{ flexGrow: worker.slots - worker.busy }}></b></span>${worker.busy} of ${worker.slots}</span></td>
      <td>${worker.handlers.join(", ")}</td><td class="soft nowrap">${worker.host} · ${worker.language} ${worker.version} · pid ${worker.pid}</td><td class="number">${durationOf(worker.age_seconds)} ago</td>${mayChange && html`<td>${worker.state !== "ending" && html`<${Drain} worker=${worker} onDone=${again} />`}</td>`}</tr>`)}</tbody></table></div>`;
}

function Queues({ items }) {
  if (!items.length) return html`<p class="nothing">No queue has been used yet.</p>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Queues"><table><thead><tr><th scope="col">Queue</th><th scope="col" class="number">Waiting</th><th scope="col" class="number">With a worker</th><th scope="col" class="number">Given up</th><th scope="col" class="number">Oldest waits</th></tr></thead>
    <tbody>${items.map((queue) => html`<tr key=${queue.queue}><td>${queue.queue}</td><td class="number">${numberOf(queue.waiting)}</td><td class="number">${numberOf(queue.pending)}</td>
      <td class=${`number${queue.dead ? " wrongly" : ""}`}>${numberOf(queue.dead)}</td><td class="number">${durationOf(queue.oldest_seconds)}</td></tr>`)}</tbody></table></div>`;
}

export function WorkersPage() {
  useTitle("Workers and queues");
  const workers = useAnswer("/workers");
  const queues = useAnswer("/queues");
  const pools = useAnswer("/pools");
  const { answer: meta } = useAnswer("/meta");
  useEffect(() => {
    const timer = setInterval(() => document.hidden || [workers, queues, pools].forEach((one) => one.again()), REFRESH_SECONDS * 1000);
    return () => clearInterval(timer);
  }, []);
  if (!workers.answer || !queues.answer) return html`<${Loading} problem=${workers.problem ?? queues.problem} again=${workers.again} />`;
  const notice = workers.answer.notice || queues.answer.notice;
  return html`<div class="stack"><h1>Workers and queues</h1>
    ${notice && html`<p class="notice retrying">${notice}</p>`}
    ${workers.answer.is_configured ? html`<section class="panel" aria-label="Workers"><header><h2>Workers</h2></header><${Workers} items=${workers.answer.items} mayChange=${meta && !meta.read_only} again=${workers.again} /></section>
      <section class="panel" aria-label="Queues"><header><h2>Queues</h2></header><${Queues} items=${queues.answer.items} /></section>`
    : html`<div class="panel"><div class="nothing"><p>This server knows no Redis, so all tasks are performed on the machine of their run.</p><p>Start it with <code>FLOWRUN_REDIS_URL=redis://…</code> to see workers and queues here.</p></div></div>`}
    ${pools.answer && html`<section class="panel" aria-label="Pools"><header><h2>Pools</h2><span class="soft">of the runs that go on</span></header><${Pools} items=${pools.answer.items} /></section>`}</div>`;
}
