/** The variables of a run, what its tasks returned, and the values that they shared. */

import { Link, pathOf } from "../address.js";
import { useAnswer } from "../api.js";
import { html, useState } from "../html.js";
import { Loading } from "../loading.js";
import { Moment, numberOf } from "../moments.js";
import { Search } from "../search.js";
import { Json } from "./json.js";

const MOST = 200;

function Some({ title, items, nothing, row }) {
  return html`<section class="panel" aria-label=${title}><header><h2>${title}</h2><span class="soft">${items.length}</span></header>
    ${items.length ? html`<div class="values">${items.slice(0, MOST).map(row)}</div>` : html`<p class="nothing">${nothing}</p>`}
    ${items.length > MOST && html`<footer>the first ${MOST} of ${items.length} are shown; search for the others</footer>`}</section>`;
}

export function Values({ run }) {
  const { answer, problem, again } = useAnswer(`/runs/${encodeURIComponent(run)}/values`);
  const { answer: about } = useAnswer(`/runs/${encodeURIComponent(run)}`);
  const [text, setText] = useState("");
  if (!answer) return html`<${Loading} problem=${problem} again=${again} />`;
  const fits = (name, value) => `${name} ${JSON.stringify(value)}`.toLowerCase().includes(text.toLowerCase());
  const results = answer.results.filter((one) => fits(one.task, one.value));
  const given = Object.entries(about?.vars ?? {}).filter(([name, value]) => fits(name, value));
  const shared = answer.shared.filter((one) => fits(one.key, one.value));
  return html`<div class="stack"><div><${Search} says="Search names and values" value=${text} onText=${setText} /></div>
    ${given.length > 0 && html`<${Some} title="Variables" items=${given} row=${([name, value]) => html`<div key=${name} class="value"><div><span class="strong mono">${name}</span></div><${Json} value=${value} /></div>`} />`}
    <${Some} title="Results" items=${results} nothing=${text ? "No result is like that." : "No task of this run has returned anything."} row=${(one) => html`<div key=${one.task} class="value"><div><${Link} to=${pathOf("runs", run, "tasks", one.task)} class="strong">${one.task}<//><div class="faint">${numberOf(one.characters)} ${one.characters === 1 ? "letter" : "letters"} · <${Moment} at=${one.time} seconds /></div></div><${Json} value=${one.value} isCut=${one.is_cut} /></div>`} />
    <${Some} title="Shared values" items=${shared} nothing=${text ? "No shared value is like that." : "The tasks of this run shared no values."} row=${(one) => html`<div key=${one.key} class="value"><div><span class="strong mono">${one.key}</span>${one.task && html`<div class="faint">by <${Link} to=${pathOf("runs", run, "tasks", one.task)}>${one.task}<//></div>`}</div><${Json} value=${one.value} isCut=${one.is_cut} /></div>`} /></div>`;
}
