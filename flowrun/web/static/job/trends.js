/** Trends: how long runs or a task took, how much memory they needed, how often they were tried. */

import { useAnswer, withQuery } from "../api.js";
import { html, useMemo, useState } from "../html.js";
import { Loading } from "../loading.js";
import { bytesOf, durationOf, secondsOf } from "../moments.js";
import { stepOf, stepOfTime } from "../scale.js";
import { Chart } from "./chart.js";

const RULES = 5;
const duration = { says: durationOf, stepOf: (most) => stepOfTime(most, RULES) };

/** What can be drawn: its name, how it is taken from a point, how it is said, and the step between two rules. */
const MEASURES = [
  { title: "Duration", take: (point) => point.seconds, ...duration },
  { title: "Peak memory", take: (point) => point.peak_memory, says: bytesOf, stepOf: (most) => stepOf(most, RULES, 2) },
  { title: "CPU time", take: (point) => point.cpu_seconds, ...duration },
  { title: "Attempts", take: (point) => point.attempts, says: String, stepOf: (most) => Math.max(1, stepOf(most, RULES)) },
];

const measured = (points, take) => points.map((point) => ({ run: point.run, state: point.state, at: secondsOf(point.started), value: take(point) ?? null }));

export function Trends({ job, tasks }) {
  const [task, setTask] = useState("");
  const { answer, problem, again } = useAnswer(withQuery(`/jobs/${encodeURIComponent(job)}/trends`, { task, limit: 200 }));
  const charts = useMemo(() => MEASURES.map((one) => ({ ...one, points: measured(answer?.points ?? [], one.take) })).filter(({ points }) => points.some(({ value }) => value !== null)), [answer]);
  if (!answer) return html`<${Loading} problem=${problem} again=${again} />`;
  return html`<div class="stack"><div class="buttons"><label class="check">Of <select aria-label="Task" value=${task} onChange=${(event) => setTask(event.target.value)}><option value="">whole runs</option>${tasks.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}</select></label>
      <span class="soft">${answer.points.length} runs · drag to look closer · a dot leads to its run</span></div>
    ${charts.length ? html`<div class="charts">${charts.map((one) => html`<${Chart} key=${one.title + task} ...${one} />`)}</div>` : html`<div class="panel"><p class="nothing">No run of it has ended yet.</p></div>`}</div>`;
}
