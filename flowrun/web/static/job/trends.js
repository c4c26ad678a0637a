/** Trends: how long runs or a task took, how much memory they needed, how often they were tried. */

import { go, pathOf } from "../address.js";
import { useAnswer, withQuery } from "../api.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { Loading } from "../loading.js";
import { bytesOf, durationOf, secondsOf } from "../moments.js";
import { useSignal } from "../signal.js";
import { wordOf } from "../states.js";
import { theme } from "../theme.js";

const HEIGHT = 200;

/** What can be drawn: its name, how it is taken from a point, how it is said. */
const MEASURES = [
  ["Duration", (point) => point.seconds, durationOf],
  ["Peak memory", (point) => point.peak_memory, bytesOf],
  ["CPU time", (point) => point.cpu_seconds, durationOf],
  ["Attempts", (point) => point.attempts, (number) => String(number)],
];

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function options(width, says, points, words) {
  const axis = { stroke: colour("faint"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: "11px Inter, sans-serif" };
  const fill = words.map((word) => colour(`${word}-fill`) || colour("waiting-fill"));
  const dots = (chart) => {
    const { ctx } = chart;
    points.forEach((point, index) => {
      if (chart.data[1][index] === null) return;
      ctx.beginPath();
      ctx.fillStyle = fill[index];
      ctx.arc(chart.valToPos(chart.data[0][index], "x", true), chart.valToPos(chart.data[1][index], "y", true), 4 * devicePixelRatio, 0, 7);
      ctx.fill();
    });
  };
  return {
    width, height: HEIGHT, legend: { show: false }, cursor: { y: false, points: { show: false }, drag: { x: true } },
    scales: { x: { time: true }, y: { range: (_, low, high) => [0, (high || 1) * 1.1] } },
    axes: [axis, { ...axis, size: 72, values: (_, ticks) => ticks.map(says) }],
    series: [{}, { stroke: colour("line-strong"), width: 1.5, points: { show: false } }],
    hooks: { draw: [dots] },
  };
}

function Chart({ title, values, says, points, onPoint }) {
  const box = useRef();
  const [at, setAt] = useState(null);
  const look = useSignal(theme);
  useEffect(() => {
    let chart = null;
    let isGone = false;
    import("../vendor/uplot.js").then(({ default: UPlot }) => {
      if (isGone) return;
      const words = points.map((point) => wordOf(point.state));
      const settings = options(box.current.clientWidth, says, points, words);
      settings.hooks.setCursor = [(one) => setAt(one.cursor.idx ?? null)];
      chart = new UPlot(settings, [points.map((point) => secondsOf(point.started)), values], box.current);
    });
    const fit = () => chart?.setSize({ width: box.current.clientWidth, height: HEIGHT });
    addEventListener("resize", fit);
    return () => {
      isGone = true;
      removeEventListener("resize", fit);
      chart?.destroy();
    };
  }, [points, look]);
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  const said = at === null || !points[at] ? `usually ${says(known[Math.floor(known.length / 2)])}, at most ${says(known.at(-1))}` : `${wordOf(points[at].state)} · ${says(values[at])} · run ${points[at].run}`;
  return html`<section class="panel chart"><header><h2>${title}</h2><span class="soft number">${said}</span></header>
    <div class="body" ref=${box} onDblClick=${() => at !== null && onPoint(points[at])}></div></section>`;
}

export function Trends({ job, tasks }) {
  const [task, setTask] = useState("");
  const { answer, problem, again } = useAnswer(withQuery(`/jobs/${encodeURIComponent(job)}/trends`, { task, limit: 200 }));
  if (!answer) return html`<${Loading} problem=${problem} again=${again} />`;
  const measured = MEASURES.map(([title, take, says]) => [title, answer.points.map((point) => take(point) ?? null), says]).filter(([, values]) => values.some((value) => value !== null));
  return html`<div class="stack"><div class="buttons"><label class="check">Of <select aria-label="Task" value=${task} onChange=${(event) => setTask(event.target.value)}><option value="">whole runs</option>${tasks.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}</select></label>
      <span class="soft">${answer.points.length} runs · drag to look closer · double-click to open a run</span></div>
    ${answer.points.length ? html`<div class="charts">${measured.map(([title, values, says]) => html`<${Chart} key=${title + task} title=${title} values=${values} says=${says} points=${answer.points} onPoint=${(point) => go(pathOf("runs", point.run))} />`)}</div>` : html`<div class="panel"><p class="nothing">No run of it has ended yet.</p></div>`}</div>`;
}
