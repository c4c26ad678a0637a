/** Everything that happened in a run, in order. */

import { Link, pathOf } from "../address.js";
import { read } from "../api.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { Loading } from "../loading.js";
import { clockOf, numberOf, secondsOf } from "../moments.js";
import { Search } from "../search.js";
import { State, wordOf } from "../states.js";
import { Windowed } from "../windowed.js";

const ROW = 30;
const AT_ONCE = 1000;

function Row({ event, run }) {
  return html`<div class="row" role="row"><span role="cell" class="number faint">${event.number}</span><span role="cell" class="mono soft">${clockOf(secondsOf(event.time), true)}</span>
    <span role="cell">${event.to ? html`<${State} word=${wordOf(event.to)} />` : html`<span class="soft">${event.kind}</span>`}</span>
    <span role="cell" class="cut">${event.task ? html`<${Link} to=${pathOf("runs", run, "tasks", event.task)}>${event.task}<//>` : ""}${event.attempt > 1 && html` <span class="faint">attempt ${event.attempt}</span>`}</span>
    <span role="cell" class="cut soft" title=${event.text}>${event.text}</span></div>`;
}

export function Events({ run, version, isLive }) {
  const [, draw] = useState(0);
  const [problem, setProblem] = useState(null);
  const [text, setText] = useState("");
  const kept = useRef({ events: [], after: 0, isBusy: false, isEnd: false });
  const more = async () => {
    const mine = kept.current;
    if (mine.isBusy) return;
    mine.isBusy = true;
    try {
      do {
        const answer = await read(`/runs/${encodeURIComponent(run)}/events?after=${mine.after}&limit=${AT_ONCE}`);
        for (const event of answer.items) mine.events.push({ ...event, number: mine.events.length + 1 });
        mine.after = answer.items.at(-1)?.seq ?? mine.after;
        mine.isEnd = answer.next === null;
        draw((count) => count + 1);
      } while (!mine.isEnd);
    } catch (failure) {
      setProblem(failure);
    }
    mine.isBusy = false;
  };
  useEffect(() => {
    more();
  }, [isLive ? version : 0]);
  const { events, isEnd } = kept.current;
  if (!events.length && !isEnd) return html`<${Loading} problem=${problem} again=${more} />`;
  const shown = text ? events.filter((event) => `${event.task} ${event.text} ${event.kind} ${wordOf(event.to)}`.toLowerCase().includes(text.toLowerCase())) : events;
  return html`<section class="panel events" aria-label="Events"><div class="filters"><${Search} says="Search events" value=${text} onText=${setText} /><span class="soft push">${numberOf(shown.length)} events</span></div>
    <div role="table" aria-label="Events" aria-rowcount=${shown.length + 1}><div role="rowgroup"><div class="row heads" role="row"><span role="columnheader" class="number">#</span><span role="columnheader">Time</span><span role="columnheader">Became</span><span role="columnheader">Task</span><span role="columnheader">What</span></div></div>
      <${Windowed} count=${shown.length} height=${ROW} role="rowgroup" row=${(index) => html`<${Row} key=${shown[index].seq} event=${shown[index]} run=${run} />`} /></div></section>`;
}
