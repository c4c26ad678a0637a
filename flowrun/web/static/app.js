/** The page: bar, keys, dialogs that belong to no page, and the page for the address. */

import { Link, go, usePlace } from "./address.js";
import { useAnswer } from "./api.js";
import { useWaiting, waiting } from "./approvals/waiting.js";
import { KeysDialog } from "./keys_dialog.js";
import { TokenDialog } from "./token_dialog.js";
import { html, render, useEffect, useRef, useState } from "./html.js";
import { useKeys } from "./keyboard.js";
import { Notices } from "./notices.js";
import { useSignal } from "./signal.js";
import { Connection } from "./stream.js";
import { theme, turnTheme } from "./theme.js";
import { asking } from "./token.js";
import { ApprovalsPage } from "./pages/approvals.js";
import { AttemptPage } from "./pages/attempt.js";
import { JobPage } from "./pages/job.js";
import { JobsPage } from "./pages/jobs.js";
import { NothingPage } from "./pages/nothing.js";
import { RunPage } from "./pages/run.js";
import { RunsPage } from "./pages/runs.js";
import { SearchPage } from "./pages/search.js";
import { SystemPage } from "./pages/system.js";
import { TodayPage } from "./pages/today.js";
import { WorkersPage } from "./pages/workers.js";

const SECTIONS = [
  ["Today", "/", "t"],
  ["Jobs", "/jobs", "j"],
  ["Runs", "/runs", "r"],
  ["Approvals", "/approvals", "a"],
  ["Workers", "/workers", "w"],
  ["System", "/system", "s"],
];

/** Which page shows an address. */
function pageOf([section, name, tab, ...more]) {
  if (section === undefined) return html`<${TodayPage} />`;
  if (section === "jobs") return name ? html`<${JobPage} key=${name} name=${name} tab=${tab ?? "runs"} />` : html`<${JobsPage} />`;
  if (section === "approvals" && !name) return html`<${ApprovalsPage} />`;
  if (section === "search" && !name) return html`<${SearchPage} />`;
  if (section === "workers" && !name) return html`<${WorkersPage} />`;
  if (section === "system" && !name) return html`<${SystemPage} />`;
  if (section !== "runs") return html`<${NothingPage} />`;
  if (!name) return html`<${RunsPage} />`;
  if (tab === "tasks" && more.length) return html`<${AttemptPage} key=${name + more[0]} run=${name} task=${more[0]} number=${more[1]} />`;
  return html`<${RunPage} key=${name} id=${name} tab=${tab ?? "timeline"} />`;
}

/** The field that leads to the search in everything. */
function Seek() {
  const seek = (event) => {
    event.preventDefault();
    const text = event.target.elements.q.value.trim();
    go(`/search${text && `?q=${encodeURIComponent(text)}`}`);
    event.target.reset();
  };
  const field = useRef();
  useKeys({ "/": ["search", () => field.current.select()] });
  return html`<form role="search" onSubmit=${seek}><input type="search" name="q" ref=${field} aria-label="Search everything" placeholder="Search" spellcheck=${false} autocomplete="off" /></form>`;
}

function Bar({ section, onKeys }) {
  const { answer: meta } = useAnswer("/meta");
  const number = useSignal(waiting);
  useWaiting();
  const isDark = useSignal(theme) === "dark";
  return html`<header class="bar">
    <${Link} to="/" class="brand"><svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="var(--accent)" />
      <g fill="none" stroke="var(--accent-ink)" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"><path d="M8 10h7c5 0 3 12 8 12h1" /><path d="M8 22h4" /></g>
      <circle cx="24" cy="10" r="2.6" fill="var(--accent-ink)" /></svg>flowrun<//>
    <nav aria-label="Sections">${SECTIONS.map(([says, path]) => {
      const isHere = path === (section ? `/${section}` : "/");
      return html`<${Link} key=${path} to=${path} aria-current=${isHere ? "page" : null}>${says}${path === "/approvals" && number > 0 && html`<span class="badge">${number}<span class="unseen"> waiting</span></span>`}<//>`;
    })}</nav>
    <div class="right">
      ${meta && html`<span class="project" title=${`${meta.root} on ${meta.host}`}>${meta.project}</span>`}
      <${Connection} />
      ${section !== "search" && html`<${Seek} />`}
      <button type="button" class="button bare" onClick=${turnTheme} aria-label=${`Change to ${isDark ? "light" : "dark"} colours`} title=${isDark ? "Light" : "Dark"}>
        <svg viewBox="0 0 16 16" aria-hidden="true">${isDark
          ? html`<circle cx="8" cy="8" r="3" fill="currentColor" /><path d="M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.4 1.4M11.6 11.6 13 13M13 3l-1.4 1.4M4.4 11.6 3 13" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" />`
          : html`<path d="M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3z" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" />`}</svg></button>
      <button type="button" class="button bare" onClick=${onKeys} aria-label="Keys" title="Keys (?)">?</button>
    </div>
  </header>`;
}

function App() {
  const place = usePlace();
  const question = useSignal(asking);
  const [showsKeys, setShowsKeys] = useState(false);
  const main = useRef();
  useKeys({
    "?": ["show the keys", () => setShowsKeys(true)],
    ...Object.fromEntries(SECTIONS.map(([says, path, key]) => [`g ${key}`, [`go to ${says}`, () => go(path)]])),
    d: ["light or dark", turnTheme],
  });
  const address = place.parts.slice(0, 2).join("/");
  const before = useRef(address);
  useEffect(() => {
    if (before.current !== address) main.current.focus({ preventScroll: true });
    before.current = address;
  }, [address]);
  const skip = (event) => {
    event.preventDefault();
    main.current.focus();
  };
  return html`<a class="skip" href="#main" onClick=${skip}>Skip to what is on this page</a>
    <${Bar} section=${place.parts[0]} onKeys=${() => setShowsKeys(true)} />
    <main id="main" tabindex="-1" ref=${main}>${pageOf(place.parts)}</main>
    ${showsKeys && html`<${KeysDialog} onClose=${() => setShowsKeys(false)} />`}
    ${question && html`<${TokenDialog} question=${question} />`}
    <${Notices} />`;
}

render(html`<${App} />`, document.getElementById("page"));
