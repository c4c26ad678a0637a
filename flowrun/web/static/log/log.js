/** The log of a run: of all tasks together or of one, searched, by level, with a link to every line. */

import { go, here, setQuery, usePlace, whole } from "../address.js";
import { read, withQuery, withToken } from "../api.js";
import { Dialog } from "../dialog.js";
import { html, useEffect, useMemo, useRef, useState } from "../html.js";
import { useKeys } from "../keyboard.js";
import { bytesOf, numberOf } from "../moments.js";
import { say } from "../notices.js";
import { Search } from "../search.js";
import { useSignal } from "../signal.js";
import { token } from "../token.js";
import { useTyped } from "../typed.js";
import { Fragments } from "./fragments.js";
import { Lines } from "./lines.js";
import { Matches } from "./matches.js";
import { Viewer } from "./viewer.js";

const LEVELS = [["", "all levels"], ["DEBUG", "debug and above"], ["INFO", "info and above"], ["WARNING", "warnings and errors"], ["ERROR", "errors"]];
const MOST_NAMES = 500;

function useSource(run, asked, grown) {
  const { task, attempt, level, text } = asked;
  const isAll = !level && !text && !attempt;
  const source = useMemo(() => (isAll ? new Lines(run, { task }) : new Matches(run, { task, attempt, level, text })), [run, task, attempt, level, text]);
  useEffect(() => {
    source.open();
    return () => source.close?.();
  }, [source]);
  const times = useSignal(grown);
  useEffect(() => {
    if (times) source.grow();
  }, [times]);
  useSignal(source.changed);
  return { source, isAll };
}

async function download(path, name) {
  if (!token.value) {
    location.assign(path);
    return;
  }
  const response = await fetch(path, { headers: withToken() });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function WholeLine({ line, onClose }) {
  return html`<${Dialog} title="A long line" onClose=${onClose}><div class="inside"><h2>${line.task}, attempt ${line.attempt}</h2>
    <p class="soft">${numberOf(line.text.length)} letters${line.is_cut ? "; the rest is only in the file" : ""}</p><pre class="excerpt wrap" tabindex="0"><${Fragments} text=${line.text} isWhole /></pre>
    <div class="buttons"><button type="button" class="button" onClick=${onClose}>Close</button></div></div><//>`;
}

function Status({ source, isAll }) {
  if (source.problem) return html`<span class="wrongly" role="alert">${source.problem.message}</span>`;
  if (!source.isReady) return html`<span class="soft">reading…</span>`;
  if (isAll) return html`<span class="soft" role="status">${numberOf(source.count)} lines · ${bytesOf(source.size)}</span>`;
  const more = source.isEnd ? "" : ` in the first ${bytesOf(source.looked)} of ${bytesOf(source.size)}`;
  return html`<span class="soft" role="status">${numberOf(source.count)} lines found${more}</span>`;
}

/** Jump from error to error, beginning at the line that is marked. */
function useErrors(run, task, source, marked, setMarked, show) {
  const last = useRef(null);
  useEffect(() => {
    last.current = null;
  }, [source]);
  return async () => {
    const after = last.current ?? (marked < 0 ? "" : source.line(marked)?.at ?? "");
    const { at } = await read(withQuery(`/runs/${encodeURIComponent(run)}/log/first-error`, { task, after }));
    last.current = at;
    if (at !== null) show(await source.indexOf(at));
    else if (after === "") say("No line of this log is an error.");
    else {
      setMarked(-1);
      say("That was the last error; the next jump is to the first.");
    }
  };
}

/** Show the line that the address names, now or when it names another. */
function useNamedLine(source, hash, marked, show) {
  useEffect(() => {
    const [, kind, number] = hash.match(/^([LB])(\d+)$/) ?? [];
    if (!source.isReady || !kind) return;
    if (kind === "B") source.indexOf(Number(number)).then(show);
    else if (Number(number) - 1 !== marked) show(Number(number) - 1);
  }, [source, source.isReady, hash]);
}

/** What is to be seen of the log: text, task, level, attempt. */
function Wants({ asked, of, names }) {
  const [typed, type] = useTyped(asked.text, (text) => setQuery({ text }));
  return html`<${Search} says="Search the log" value=${typed} onText=${type} />
    ${!of && html`<input type="text" list="names" aria-label="Task" placeholder="all tasks" value=${asked.task} spellcheck=${false} onChange=${(event) => setQuery({ task: event.target.value.trim() })} />
      <datalist id="names">${names.slice(0, MOST_NAMES).map((name) => html`<option key=${name} value=${name} />`)}</datalist>`}
    <select aria-label="Level" value=${asked.level} onChange=${(event) => setQuery({ level: event.target.value })}>
      ${LEVELS.map(([key, says]) => html`<option key=${key} value=${key} selected=${key === asked.level}>${says}</option>`)}</select>
    ${asked.attempt && html`<button type="button" class="button bare" aria-pressed="true" onClick=${() => setQuery({ attempt: "" })}>attempt ${asked.attempt} ×</button>`}`;
}

/** `of` names a task, if only its log is to be shown; `names` are those of tasks that have a log. */
export function Log({ run, names, grown, isLive, of = "" }) {
  const { query, hash } = usePlace();
  const asked = { task: of || (query.get("task") ?? ""), attempt: query.get("attempt") ?? "", level: query.get("level") ?? "", text: query.get("text") ?? "" };
  const { source, isAll } = useSource(run, asked, grown);
  const [isFollowing, setIsFollowing] = useState(isLive && !hash);
  const [marked, setMarked] = useState(-1);
  const [long, setLong] = useState(null);
  const viewer = useRef({});
  const show = (index) => {
    setIsFollowing(false);
    setMarked(index);
    viewer.current.show(index);
  };
  const jump = useErrors(run, asked.task, source, marked, setMarked, show);
  useNamedLine(source, hash, marked, show);
  useKeys({ e: ["next error in the log", jump], f: ["follow the log", () => setIsFollowing(!isFollowing)], G: ["end of the log", () => viewer.current.show(source.count)] });
  const addressOf = (line, index) => `${here().path}${asked.task && !of ? `?task=${encodeURIComponent(asked.task)}` : ""}#${isAll ? `L${index + 1}` : `B${line.at}`}`;
  const onLink = (event, line, index) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (isAll) setMarked(index);
    go(addressOf(line, index), { replace: isAll, keepScroll: true });
  };
  const raw = whole(`/api/v1${withQuery(`/runs/${encodeURIComponent(run)}/log/raw`, { task: asked.task, download: 1 })}`);
  return html`<section class="panel log-panel" aria-label="Log"><div class="filters"><${Wants} asked=${asked} of=${of} names=${names} />
      <button type="button" class="button" onClick=${jump}>Next error</button>
      <button type="button" class="button bare" aria-pressed=${isFollowing ? "true" : "false"} onClick=${() => setIsFollowing(!isFollowing)}>${isLive ? "Follow" : "End"}</button>
      <button type="button" class="button bare" onClick=${() => download(raw, `${run}.log`)}>Download</button><span class="push"><${Status} source=${source} isAll=${isAll} /></span></div>
    <${Viewer} source=${source} numbered=${isAll} withTask=${!asked.task} wanted=${asked.text.toLowerCase()} marked=${marked} isFollowing=${isFollowing} api=${viewer}
      onEnd=${(isAtEnd) => isFollowing && !isAtEnd && setIsFollowing(false)} to=${(line, index) => whole(addressOf(line, index))} onLink=${onLink} onWhole=${setLong} />
    ${source.isReady && !source.count && html`<p class="nothing">${isAll ? "Nothing has been said." : "No line is like that."}</p>`}
    ${long && html`<${WholeLine} line=${long} onClose=${() => setLong(null)} />`}</section>`;
}
