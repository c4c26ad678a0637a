/** System: version, store, settings, the token, and where the API is described. */

import { whole } from "../address.js";
import { useAnswer } from "../api.js";
import { html, useRef } from "../html.js";
import { Loading } from "../loading.js";
import { Moment, bytesOf, numberOf, zone } from "../moments.js";
import { say } from "../notices.js";
import { useSignal } from "../signal.js";
import { keepToken, token } from "../token.js";
import { useTitle } from "../title.js";

function Facts({ title, facts }) {
  const shown = facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return html`<section class="panel"><header><h2>${title}</h2></header><dl class="facts body">${shown.map(([name, value]) => html`<dt key=${name}>${name}</dt><dd>${value}</dd>`)}</dl></section>`;
}

function Token({ meta }) {
  const kept = useSignal(token);
  const field = useRef();
  const keep = (event) => {
    event.preventDefault();
    keepToken(field.current.value.trim());
    field.current.value = "";
    say("The token is kept until this tab is closed.");
  };
  const needed = meta.read_only ? "This server is read-only: nothing can be changed here, with or without a token." : meta.token_needed_for === "read" ? "Reading and changing need the token." : "Reading is open on this machine; starting, stopping and restarting need the token.";
  return html`<section class="panel"><header><h2>Token</h2></header><div class="body stack"><p class="soft">${needed}</p>
    ${kept ? html`<div class="buttons"><span>A token is kept until this tab is closed.</span><button type="button" class="button" onClick=${() => keepToken("")}>Forget it</button></div>`
    : !meta.read_only && html`<form class="buttons" onSubmit=${keep}><input type="password" ref=${field} aria-label="Token" placeholder="Token" autocomplete="off" required /><button class="button">Keep</button></form>`}</div></section>`;
}

export function SystemPage() {
  useTitle("System");
  const meta = useAnswer("/meta");
  const system = useAnswer("/system");
  if (!meta.answer || !system.answer) return html`<${Loading} problem=${meta.problem ?? system.problem} again=${system.again} />`;
  const { answer: about } = meta;
  const { answer: now } = system;
  return html`<div class="stack"><h1>System</h1>
    ${now.store.notice && html`<p class="notice retrying">${now.store.notice}</p>`}
    <div class="tiles">
      <${Facts} title="Server" facts=${[["Project", about.root], ["Host", about.host], ["flowrun", now.version], ["Python", now.python], ["Started", html`<${Moment} at=${now.started} />`], ["Looking at it", `${now.viewers} ${now.viewers === 1 ? "viewer" : "viewers"}`], ["Times shown in", zone]]} />
      <${Facts} title="Store" facts=${[["File", html`<code>${now.store.path}</code>`], ["Size", bytesOf(now.store.bytes)], ["Runs", numberOf(now.store.runs)], ["Oldest", now.store.oldest && html`<${Moment} at=${now.store.oldest} />`], ["Running now", numberOf(now.active_runs)], ["Logs", bytesOf(now.store.logs_bytes)], ["Retention", now.store.retention]]} />
      <${Token} meta=${about} />
      <section class="panel"><header><h2>API</h2></header><div class="body"><p>Everything on these pages comes from an API that your scripts can use, too: <a href=${whole(about.schema)}>its specification</a> (OpenAPI).</p>
        <p class="soft">Beside it: <a href=${whole("/healthz")}>health</a>, <a href=${whole("/readyz")}>readiness</a>, <a href=${whole("/metrics")}>metrics</a>.</p></div></section>
    </div>
    ${now.settings.length > 0 && html`<section class="panel"><header><h2>Settings</h2></header><div class="scroll" tabindex="0" role="group" aria-label="Settings"><table><thead><tr><th scope="col">Setting</th><th scope="col">Value</th><th scope="col">From</th></tr></thead>
      <tbody>${now.settings.map((one) => html`<tr key=${one.name}><td>${one.name}</td><td class="mono">${String(one.value)}</td><td class="soft">${one.origin}</td></tr>`)}</tbody></table></div></section>`}</div>`;
}
