/** Where the nodes and edges of a graph are drawn. */

import { layered } from "./layers.js";
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
const MARGIN = 16;
const PADDING = 14;
const TITLE = 18;

export const textOf = (name, room) => (name.length <= room ? name : `${name.slice(0, Math.ceil(room / 2) - 1)}…${name.slice(-Math.floor(room / 2))}`);

export const lettersIn = (width) => Math.floor((width - ROOM) / LETTER);

const widthOf = (name) => Math.ceil(Math.min(WIDEST, Math.max(NARROWEST, name.length * LETTER + ROOM)));

/** `{ width, height, nodes: [{ …node, x, y, width, height }], edges: [{ …edge, points }], clusters: [{ name, x, y, width, height }] }`. */
export function laidOut(shown) {
  return shown.nodes.size > TOO_MANY ? inColumns(shown) : inLayers(shown);
}

/** A group is laid out by itself, and is one box where it stands. */
function inLayers(shown) {
  const parentOf = (name) => (shown.nodes.has(name) ? shown.nodes.get(name).cluster : shown.parentOf(name));
  const wayTo = (name) => (name === null ? [] : [...wayTo(parentOf(name)), name]);
  const levels = new Map([null, ...shown.clusters].map((name) => [name, { names: new Set(), edges: new Map() }]));
  for (const name of shown.nodes.keys()) wayTo(name).reduce((above, one) => (levels.get(above).names.add(one), one), null);
  const ties = shown.edges.map((edge) => {
    const [from, to] = [wayTo(edge.from), wayTo(edge.to)];
    const step = from.findIndex((name, index) => name !== to[index]);
    const level = step ? from[step - 1] : null;
    levels.get(level).edges.set(`${from[step]}\n${to[step]}`, { from: from[step], to: to[step] });
    return { ...edge, level, key: `${from[step]}\n${to[step]}` };
  });
  const lay = (level) => {
    const { names, edges } = levels.get(level);
    const boxes = new Map([...names].map((name) => [name, levels.has(name) ? around(lay(name)) : { width: widthOf(name), height: HEIGHT }]));
    return Object.assign(levels.get(level), { boxes, ...layered(boxes, [...edges.values()]) });
  };
  const whole = lay(null);
  const placed = new Map();
  const put = (level, left, top) => {
    Object.assign(levels.get(level), { left, top });
    for (const [name, { x, y }] of levels.get(level).places) {
      const box = { x: left + x, y: top + y, ...levels.get(level).boxes.get(name) };
      placed.set(name, box);
      if (levels.has(name)) put(name, box.x - box.width / 2 + PADDING, box.y - box.height / 2 + PADDING + TITLE);
    }
  };
  put(null, MARGIN, MARGIN);
  const passed = ({ level, key }) => {
    const { left, top, lines } = levels.get(level);
    return (lines.get(key) ?? []).map(({ x, y }) => ({ x: left + x, y: top + y }));
  };
  return {
    width: whole.width + 2 * MARGIN,
    height: whole.height + 2 * MARGIN,
    nodes: [...shown.nodes.values()].map((node) => ({ ...node, ...placed.get(node.name) })),
    edges: ties.map((edge) => ({ ...edge, points: tied(passed(edge), placed.get(edge.from), placed.get(edge.to)) })),
    clusters: shown.clusters.map((name) => ({ name, ...placed.get(name) })),
  };
}

/** The box around what is inside of a group, with room for its name. */
const around = ({ width, height }) => ({ width: width + 2 * PADDING, height: height + 2 * PADDING + TITLE });

/** From the middle of the right side of a node to that of the left side of another, by the points between them. */
function tied(points, from, to) {
  return [{ x: from.x + from.width / 2, y: from.y }, ...points, { x: to.x - to.width / 2, y: to.y }];
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
