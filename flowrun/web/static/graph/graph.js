/** The graph of a job: tasks and what waits for what, with states if a run is shown. */

import { go, whole } from "../address.js";
import { byWord } from "../counts.js";
import { html, useMemo, useState } from "../html.js";
import { durationOf, numberOf } from "../moments.js";
import { Sign, URGENCY } from "../states.js";
import { laidOut, lettersIn, lineThrough, textOf } from "./layout.js";
import { View } from "./view.js";
import { areOpenAtFirst, neighboursOf, shownOf } from "./shown.js";

/** Where a node stands that is one task, or stands for many. */
function standing(node, taskOf) {
  const own = taskOf(node.name);
  if (own && node.kind !== "bundle" && node.kind !== "group") return { word: own.word, counts: own.items, seconds: own.seconds };
  const counts = {};
  for (const name of node.members) {
    const task = taskOf(name);
    if (task) counts[task.state] = (counts[task.state] ?? 0) + 1;
  }
  const words = byWord(counts).map(([word]) => word);
  return { word: (node.kind === "group" && own?.word) || URGENCY.find((word) => words.includes(word)), counts };
}

function under(node, { counts, seconds, word }) {
  const trouble = word && !["completed", "waiting", "skipped"].includes(word) ? ` · ${counts ? byWord(counts).find(([one]) => one === word)[1] : ""} ${word}` : "";
  if (node.kind === "bundle") return `${numberOf(node.members.length)} × ${node.task}${trouble}`;
  if (counts && Object.keys(counts).length) return byWord(counts).map(([one, number]) => `${number} ${one}`).join(", ");
  if (node.kind === "group") return `${node.members.length} tasks`;
  return [word, seconds ? durationOf(seconds) : ""].filter(Boolean).join(" · ") || node.task;
}

function Node({ node, now, text, isDim, isMarked, onPoint, onOpen, to }) {
  const [left, top] = [node.x - node.width / 2, node.y - node.height / 2];
  const open = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onOpen(node);
  };
  return html`<a href=${to ? whole(to) : "#"} class=${`node ${now.word ?? ""}${isDim ? " dim" : ""}${isMarked ? " critical" : ""} ${node.kind}`} onClick=${open}
    onMouseEnter=${() => onPoint(node.name)} onMouseLeave=${() => onPoint("")} onFocus=${() => onPoint(node.name)} onBlur=${() => onPoint("")}
    transform=${`translate(${left},${top})`}>
    <title>${node.name}</title>
    ${node.kind !== "task" && html`<rect class="behind" x="3" y="4" width=${node.width} height=${node.height} rx="7" />`}
    <rect class="face" width=${node.width} height=${node.height} rx="7" />
    <rect class="edge" width="4" height=${node.height - 14} x="5" y="7" rx="2" />
    <text x="16" y="18">${text}</text>
    <text x="16" y="33" class="under">${under(node, now)}</text>
    ${now.word && html`<svg class="sign" x=${node.width - 21} y="7" width="14" height="14"><${Sign} word=${now.word} /></svg>`}
  </a>`;
}

/** `taskOf(name)` gives a task of a run, `toOf(name)` its address. */
export function Graph({ graph, taskOf = () => undefined, toOf, critical = [] }) {
  const [turned, setTurned] = useState(() => new Set());
  const [pointed, setPointed] = useState("");
  const isOpen = (name) => areOpenAtFirst(graph) !== turned.has(name);
  const shown = useMemo(() => shownOf(graph, isOpen), [graph, turned]);
  const { before, after } = useMemo(() => neighboursOf(shown.edges), [shown]);
  const picture = useMemo(() => laidOut(shown), [shown]);
  if (!graph.nodes.length) return html`<p class="nothing">This job has no tasks.</p>`;
  const near = pointed ? new Set([pointed, ...(before.get(pointed) ?? []), ...(after.get(pointed) ?? [])]) : null;
  const turn = (name) => setTurned((old) => { const next = new Set(old); if (!next.delete(name)) next.add(name); return next; });
  const onOpen = (node) => (node.kind === "group" ? turn(node.name) : toOf && node.kind !== "bundle" && go(toOf(node.name)));
  const open = shown.clusters.length > 0;
  const steps = new Set(critical.map((name, index) => `${critical[index - 1]}\n${name}`));
  return html`<${View} width=${picture.width} height=${picture.height}
      more=${graph.groups.some((group) => group.kind !== "items") && html`<button type="button" class="button" onClick=${() => setTurned(new Set(open === areOpenAtFirst(graph) ? graph.groups.map((group) => group.name) : []))}>${open ? "Close all groups" : "Open all groups"}</button>`}
      says=${`${numberOf(graph.nodes.length)} tasks, ${numberOf(graph.edges.length)} dependencies`}>
    ${picture.clusters.map((cluster) => html`<g key=${`group ${cluster.name}`} class="cluster"><rect x=${cluster.x - cluster.width / 2} y=${cluster.y - cluster.height / 2} width=${cluster.width} height=${cluster.height} rx="10" />
      <text x=${cluster.x - cluster.width / 2 + 10} y=${cluster.y - cluster.height / 2 + 19} onClick=${() => turn(cluster.name)}>${cluster.name} ▾</text></g>`)}
    ${picture.edges.map((edge) => html`<path key=${`${edge.from} ${edge.to}`} d=${lineThrough(edge.points)} class=${`link${near && !(edge.from === pointed || edge.to === pointed) ? " dim" : ""}${near && (edge.from === pointed || edge.to === pointed) ? " near" : ""}${steps.has(`${edge.from}\n${edge.to}`) ? " critical" : ""}`} />`)}
    ${picture.nodes.map((node) => html`<${Node} key=${node.name} node=${node} now=${standing(node, taskOf)} text=${textOf(node.kind === "bundle" ? `${node.name} …` : node.name, lettersIn(node.width))} isDim=${near && !near.has(node.name)}
      isMarked=${critical.includes(node.name)} onPoint=${setPointed} onOpen=${onOpen} to=${node.kind === "bundle" || node.kind === "group" ? null : toOf?.(node.name)} />`)}
  <//>`;
}
