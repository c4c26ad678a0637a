/** Where the nodes and edges of a graph are drawn. */

import { Graph, layout } from "../vendor/dagre.js";
import { layersOf } from "./shown.js";

const HEIGHT = 42;
const LETTER = 7.1;
const NARROWEST = 138;
const WIDEST = 230;
const ROOM = 42;
const TOO_MANY = 450;
const BETWEEN_LAYERS = 60;
const BETWEEN_NODES = 10;
const MOST_IN_COLUMN = 40;

export const textOf = (name, room) => (name.length <= room ? name : `${name.slice(0, Math.ceil(room / 2) - 1)}…${name.slice(-Math.floor(room / 2))}`);

export const lettersIn = (width) => Math.floor((width - ROOM) / LETTER);

const widthOf = (name) => Math.ceil(Math.min(WIDEST, Math.max(NARROWEST, name.length * LETTER + ROOM)));

/** `{ width, height, nodes: [{ …node, x, y, width, height }], edges: [{ …edge, points }], clusters: [{ name, x, y, width, height }] }`. */
export function laidOut(shown) {
  return shown.nodes.size > TOO_MANY ? inColumns(shown) : byDagre(shown);
}

function byDagre(shown) {
  const graph = new Graph({ compound: true });
  graph.setGraph({ rankdir: "LR", nodesep: BETWEEN_NODES, ranksep: 44, marginx: 16, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const name of shown.clusters) graph.setNode(`group ${name}`, { paddingTop: 20 });
  for (const name of shown.clusters) if (shown.parentOf(name)) graph.setParent(`group ${name}`, `group ${shown.parentOf(name)}`);
  for (const node of shown.nodes.values()) {
    graph.setNode(node.name, { width: widthOf(node.name), height: HEIGHT });
    if (node.cluster) graph.setParent(node.name, `group ${node.cluster}`);
  }
  for (const { from, to } of shown.edges) graph.setEdge(from, to);
  layout(graph);
  const { width, height } = graph.graph();
  return {
    width: width || 200,
    height: height || 100,
    nodes: [...shown.nodes.values()].map((node) => ({ ...node, ...graph.node(node.name) })),
    edges: shown.edges.map((edge) => ({ ...edge, points: tied(graph.edge(edge.from, edge.to).points, graph.node(edge.from), graph.node(edge.to)) })),
    clusters: shown.clusters.map((name) => ({ name, ...graph.node(`group ${name}`) })),
  };
}

/** From the middle of the right side of a node to that of the left side of another, around what is between them. */
function tied(points, from, to) {
  const around = points.length > 3 ? points.slice(1, -1) : [];
  return [{ x: from.x + from.width / 2, y: from.y }, ...around, { x: to.x - to.width / 2, y: to.y }];
}

/** Layer by layer, for graphs that are too large to be laid out well in the time that one waits for a page. */
function inColumns(shown) {
  const layers = [];
  const layer = layersOf(shown.nodes, shown.edges);
  for (const node of shown.nodes.values()) (layers[layer.get(node.name)] ??= []).push(node);
  const placed = new Map();
  let x = 16;
  let lowest = 0;
  for (const nodes of layers) {
    for (let first = 0; first < nodes.length; first += MOST_IN_COLUMN) {
      const column = nodes.slice(first, first + MOST_IN_COLUMN);
      const width = Math.max(...column.map((node) => widthOf(node.name)));
      column.forEach((node, index) => placed.set(node.name, { ...node, x: x + width / 2, y: 16 + HEIGHT / 2 + index * (HEIGHT + BETWEEN_NODES), width, height: HEIGHT }));
      lowest = Math.max(lowest, column.length);
      x += width + 16;
    }
    x += BETWEEN_LAYERS - 16;
  }
  return { width: x, height: 32 + lowest * (HEIGHT + BETWEEN_NODES), nodes: [...placed.values()], edges: shown.edges.map((edge) => ({ ...edge, points: tied([], placed.get(edge.from), placed.get(edge.to)) })), clusters: [] };
}

/** The points as a line that bends softly. */
export function lineThrough([first, ...rest]) {
  let line = `M${first.x},${first.y}`;
  let at = first;
  for (const next of rest) {
    const middle = (at.x + next.x) / 2;
    line += `C${middle},${at.y} ${middle},${next.y} ${next.x},${next.y}`;
    at = next;
  }
  return line;
}
