/** Pools: who has a slot of a limit, who waits for one, and for how long. */

import { Link, pathOf } from "../address.js";
import { html } from "../html.js";
import { durationOf } from "../moments.js";
import { State } from "../states.js";

const MOST = 12;

function Users({ word, users, withRun }) {
  if (!users.length) return html`<span class="faint">nobody</span>`;
  return html`<ul>${users.slice(0, MOST).map((one) => html`<li key=${`${one.run} ${one.task}`}><${State} word=${word} says=${durationOf(one.seconds)} /> <${Link} to=${pathOf("runs", one.run, "tasks", one.task)}>${one.task}<//> ${withRun && html`<span class="faint">${one.job} <span class="mono">${one.run}</span></span>`}</li>`)}
    ${users.length > MOST && html`<li class="faint">and ${users.length - MOST} more</li>`}</ul>`;
}

export function Pools({ items }) {
  if (!items.length) return html`<p class="nothing">No running job uses a pool.</p>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Pools"><table class="pools"><thead><tr><th scope="col">Pool</th><th scope="col">Of</th><th scope="col">Slots</th><th scope="col">Has a slot</th><th scope="col">Waits for one</th></tr></thead>
    <tbody>${items.map((pool) => html`<tr key=${`${pool.pool} ${pool.run}`}><td class="strong">${pool.pool}</td><td>${pool.run ? html`<${Link} to=${pathOf("runs", pool.run)}>${pool.job} <span class="mono">${pool.run}</span><//>` : "all jobs of this machine"}</td>
      <td class="nowrap">${pool.slots === null ? pool.held.length : html`<span class="load"><span class="meter running"><i style=${{ flexGrow: pool.held.length }}></i><b style=${{ flexGrow: Math.max(0, pool.slots - pool.held.length) }}></b></span>${pool.held.length} of ${pool.slots}</span>`}</td>
      <td><${Users} word="running" users=${pool.held} withRun=${!pool.run} /></td><td><${Users} word="waiting" users=${pool.waiting} withRun=${!pool.run} /></td></tr>`)}</tbody></table></div>`;
}
