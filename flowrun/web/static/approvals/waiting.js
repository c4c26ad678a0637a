/** Tasks that wait for a person, with what can be answered. */

import { Link, pathOf } from "../address.js";
import { change, useAnswer } from "../api.js";
import { html, useEffect, useState } from "../html.js";
import { Moment } from "../moments.js";
import { say } from "../notices.js";
import { PlanDialog } from "../plan_dialog.js";
import { Signal } from "../signal.js";

/** How many wait, as far as this page has heard. */
export const waiting = new Signal(0);

/** What waits in all runs. */
export function useWaiting(wants = true) {
  const { answer, problem, again } = useAnswer(wants ? "/approvals" : null);
  useEffect(() => {
    if (answer) waiting.set(answer.items.length);
  }, [answer]);
  return { items: answer?.items ?? [], isThere: Boolean(answer), problem, again };
}

/** Whether news tell of something that waits or was answered. */
export const isAboutWaiting = (news) => news.some(([kind, data]) => kind === "hello" || kind === "approval" || (kind === "run" && !data.is_live));

const OTHERWISE = { reject: "it is rejected", approve: "it is approved", stop: "the run ends without it" };

function AnswerDialog({ asked, verb, onDone, onClose }) {
  const [comment, setComment] = useState("");
  const isYes = verb === "Approve";
  const act = async () => {
    await change(`${pathOf("runs", asked.run, "tasks", asked.task)}/${verb.toLowerCase()}`, { comment });
    say(`${asked.task} was ${isYes ? "approved" : "rejected"}.${asked.is_running ? "" : " The run takes the answer when it is continued."}`);
    onDone();
  };
  return html`<${PlanDialog} title=${`${verb} ${asked.task}`} says=${verb} act=${act} onClose=${onClose}>
    <p><span class="strong">${asked.question}</span></p>
    <p class="soft">${isYes ? "The task starts as soon as it is its turn." : "The task fails, and what depends on it is blocked."} ${asked.job} · run ${asked.run}</p>
    <label class="field"><span>Comment</span><textarea rows="2" value=${comment} onInput=${(event) => setComment(event.target.value)}></textarea><small class="faint">It is kept with the answer.</small></label><//>`;
}

function Row({ asked, withRun, mayAnswer, onDone }) {
  const [verb, setVerb] = useState("");
  return html`<li class="asked"><div><p class="strong">${asked.question}</p>
      <p class="soft"><${Link} to=${pathOf("runs", asked.run, "tasks", asked.task)}>${asked.task}<//>${withRun && html` of <${Link} to=${pathOf("runs", asked.run)}>${asked.job} <span class="mono">${asked.run}</span><//>`}
        ${" · since "}<${Moment} at=${asked.since} />${asked.until && html`${" · until "}<${Moment} at=${asked.until} />, then ${OTHERWISE[asked.otherwise] ?? asked.otherwise}`}${!asked.is_running && " · its run has ended and takes the answer when it is continued"}</p></div>
    ${mayAnswer && html`<div class="buttons"><button type="button" class="button main" onClick=${() => setVerb("Approve")} aria-label=${`Approve ${asked.task}`}>Approve…</button><button type="button" class="button danger" onClick=${() => setVerb("Reject")} aria-label=${`Reject ${asked.task}`}>Reject…</button></div>`}
    ${verb && html`<${AnswerDialog} asked=${asked} verb=${verb} onDone=${onDone} onClose=${() => setVerb("")} />`}</li>`;
}

export function Waiting({ items, withRun = true, onDone }) {
  const { answer: meta } = useAnswer("/meta");
  return html`<ul>${items.map((asked) => html`<${Row} key=${`${asked.run} ${asked.task}`} asked=${asked} withRun=${withRun} mayAnswer=${meta && !meta.read_only} onDone=${onDone} />`)}</ul>`;
}
