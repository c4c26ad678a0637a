/** A task in a run: what it was given, what it gave, each of its attempts, and how it went before. */

import { Link, go, pathOf } from "../address.js";
import { useAnswer, withQuery } from "../api.js";
import { Answered } from "../approvals/answered.js";
import { Command } from "../copy.js";
import { html, useMemo } from "../html.js";
import { useKeys } from "../keyboard.js";
import { Loading } from "../loading.js";
import { Log } from "../log/log.js";
import { Moment, bytesOf, clockOf, durationOf, fullOf, secondsOf } from "../moments.js";
import { Progress } from "../progress.js";
import { usualOf } from "../remaining.js";
import { Json } from "../run/json.js";
import { Signal } from "../signal.js";
import { State, TERMINAL, wordOf } from "../states.js";
import { useNews } from "../stream.js";
import { heightOf } from "../ticks.js";
import { useTitle } from "../title.js";

function Facts({ facts }) {
  const shown = facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return html`<dl class="facts">${shown.map(([name, value]) => html`<dt key=${name}>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** Attempts beside each other: what is said of each, in rows. */
function Attempts({ run, task, number }) {
  const attempts = task.attempt_details;
  if (!attempts.length) return html`<p class="nothing">${task.kept ? "It completed in the run before and was not performed again." : task.why ? `It was not performed: ${task.why}.` : "It has not been performed."}</p>`;
  const rows = [
    ["Ended", (one) => html`<${State} word=${wordOf(one.state)} />`],
    ["Reason", (one) => one.reason],
    ["Started", (one) => one.started && html`<span title=${fullOf(secondsOf(one.started))} class="number">${clockOf(secondsOf(one.started), true)}</span>`],
    ["Took", (one) => durationOf(one.seconds)],
    ["Progress", (one) => one.progress && html`<${Progress} progress=${one.progress} />`],
    ["CPU time", (one) => one.cpu_seconds !== null && durationOf(one.cpu_seconds)],
    ["Peak memory", (one) => bytesOf(one.peak_memory)],
    ["Performed by", (one) => [one.executor, one.worker].filter(Boolean).join(", ")],
    ["Exit status", (one) => one.exit_status],
    ["Signal", (one) => one.signal],
    ["Pause after", (one) => one.pause_seconds !== null && durationOf(one.pause_seconds)],
  ].map(([says, of]) => [says, attempts.map(of)]).filter(([, values]) => values.some((value) => value !== null && value !== undefined && value !== "" && value !== false));
  const failures = attempts.filter((one) => one.message || one.traceback);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Attempts"><table class="attempts"><thead><tr><td></td>${attempts.map((one) => html`<th key=${one.number} scope="col" class=${String(one.number) === number ? "at" : ""}><${Link} to=${`${pathOf("runs", run, "tasks", task.name)}?attempt=${one.number}`}>Attempt ${one.number}<//></th>`)}</tr></thead>
      <tbody>${rows.map(([says, values]) => html`<tr key=${says}><th scope="row">${says}</th>${values.map((value) => html`<td>${value}</td>`)}</tr>`)}</tbody></table></div>
    ${failures.map((one, index) => html`<details key=${one.number} class="failure" open=${index === failures.length - 1}><summary><span class="strong">Attempt ${one.number}</span> ${one.message} ${one.place && html`<span class="mono faint">${one.place.file}:${one.place.line}</span>`}</summary>${one.traceback && html`<pre class="excerpt" tabindex="0">${one.traceback}</pre>`}</details>`)}`;
}

function Earlier({ name, earlier }) {
  const longest = Math.max(...earlier.map((one) => one.seconds ?? 0));
  return html`<div class="ticks tall">${earlier.map((one) => {
    const says = `Run ${one.run}: ${wordOf(one.state)}, ${durationOf(one.seconds)}, ${fullOf(secondsOf(one.started))}`;
    return html`<${Link} key=${one.run} to=${pathOf("runs", one.run, "tasks", name)} class=${wordOf(one.state)} title=${says} aria-label=${says} style=${{ height: `${heightOf(one.seconds, longest, 40)}px` }} />`;
  })}</div>`;
}

const linksTo = (run, names) => names.map((name, index) => html`${index > 0 && ", "}<${Link} key=${name} to=${pathOf("runs", run, "tasks", name)}>${name}<//>`);

/** A part of the page at its right side. */
function Side({ title, children }) {
  return html`<section class="panel" aria-label=${title}><header><h2>${title}</h2></header><div class="body">${children}</div></section>`;
}

/** The tasks before and after it, and what it is part of. */
function Around({ run, task }) {
  const facts = [
    ["Needs", task.dependencies.length > 0 && linksTo(run, task.dependencies)],
    ["Needed by", task.dependents.length > 0 && linksTo(run, task.dependents)],
    ["Part of", task.group && linksTo(run, [task.group])],
    ["Ready", task.ready && html`<${Moment} at=${task.ready} seconds />`],
    ["Environment", task.env?.length > 0 && html`<code>${task.env.join(", ")}</code>`],
  ].filter(([, value]) => value);
  const isAlone = !task.dependencies.length && !task.dependents.length;
  return html`<${Facts} facts=${facts} />${isAlone && html`<span class="soft">It needs no other task, and none needs it.</span>`}`;
}

function Parameters({ parameters }) {
  const facts = Object.entries(parameters ?? {}).map(([name, value]) => [html`<code>${name}</code>`, html`<code>${JSON.stringify(value)}</code>`]);
  return facts.length ? html`<${Facts} facts=${facts} />` : html`<span class="soft">none</span>`;
}

export function AttemptPage({ run, task: name, number }) {
  const path = `/runs/${encodeURIComponent(run)}`;
  const { answer: task, problem, again } = useAnswer(withQuery(`${path}/task`, { task: name }));
  const { answer: whole, again: wholeAgain } = useAnswer(path);
  const grown = useMemo(() => new Signal(0), [run, name]);
  useTitle(`${name} · ${run}`);
  useKeys({ u: ["up to the run", () => go(pathOf("runs", run))] });
  useNews(run, (news) => {
    const isNew = ([kind, data]) => kind === "hello" || (["progress", "approval"].includes(kind) && data.task === name) || (kind === "tasks" && data.tasks.some((one) => one.name === name));
    if (news.some(isNew)) again();
    if (news.some(([kind]) => kind === "run")) wholeAgain();
    if (news.some(([kind]) => kind === "hello" || kind === "log")) grown.set(grown.value + 1);
  });
  if (!task || !whole) return html`<${Loading} problem=${problem} again=${again} />`;
  const isOver = !whole.is_live || TERMINAL.has(task.state);
  return html`<div class="stack"><div><nav class="crumbs" aria-label="Above this page"><${Link} to="/runs">Runs<//><${Link} to=${pathOf("jobs", whole.job)}>${whole.job}<//><${Link} to=${pathOf("runs", whole.id)} class="mono">${whole.id}<//></nav>
      <div class="headline"><h1>${name}</h1><${State} word=${wordOf(task.state)} pill />
        <span class="soft">${[task.task, task.executor, task.seconds !== null && durationOf(task.seconds), usualOf(task), task.is_critical && "on the critical path"].filter(Boolean).join(" · ")}</span></div>
      ${task.progress && !isOver && html`<${Progress} progress=${task.progress} />`}
      ${(task.message || task.why) && html`<p class="message">${task.message || task.why}</p>`}</div>
    <div class="columns"><div class="stack">
        <section class="panel" aria-label="Attempts"><header><h2>Attempts</h2><span class="soft">${task.attempt_details.length} of at most ${task.max_attempts}</span></header><div><${Attempts} run=${whole.id} task=${task} number=${number} /></div></section>
        ${task.has_log && html`<${Log} run=${whole.id} names=${[]} grown=${grown} isLive=${!isOver} of=${name} />`}
        ${task.source && html`<section class="panel" aria-label="Source"><header><h2>Source</h2><span class="mono soft">${task.source.file}:${task.source.line}</span></header><div><pre class="excerpt source" tabindex="0">${task.source.text}</pre></div></section>`}</div>
      <div class="stack">
        ${task.state === "COMPLETED" && html`<${Side} title="Result"><${Json} value=${task.result} isCut=${task.result_cut} /><//>`}
        ${task.approval && html`<${Side} title="Approval"><${Answered} approval=${task.approval} /><//>`}
        <${Side} title="Parameters"><${Parameters} parameters=${task.parameters} /><//>
        <${Side} title="Around it"><${Around} run=${whole.id} task=${task} /><//>
        ${task.earlier.length > 0 && html`<${Side} title="In other runs"><${Earlier} name=${name} earlier=${task.earlier} /><//>`}
        ${task.spin_command && html`<${Side} title="Run it alone, here"><${Command} text=${task.spin_command} /><//>`}</div></div></div>`;
}
