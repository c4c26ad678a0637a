/** Layers: where boxes stand that follow each other from left to right, so that few of the lines between them cross. */

import { layersOf, neighboursOf } from "./shown.js";

const BETWEEN = 10;
const BETWEEN_LAYERS = 44;
const BEND = 6;
const SWEEPS = 10;
const MOST_LOOKED_AT = 8000;
const PASSES = 8;

const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

/** The edges without those that close a circle: groups may wait for each other where their members do not. */
function withoutCircles(names, edges) {
  const { after } = neighboursOf(edges);
  const isLeft = new Map();
  const kept = [];
  const visit = (name) => {
    isLeft.set(name, false);
    for (const next of after.get(name) ?? []) {
      if (isLeft.get(next) === false) continue;
      kept.push({ from: name, to: next });
      if (!isLeft.has(next)) visit(next);
    }
    isLeft.set(name, true);
  };
  for (const name of names) if (!isLeft.has(name)) visit(name);
  return kept;
}

/** The layer of each box; what waits for nothing stands right before what waits for it. */
function near(boxes, edges) {
  const layer = layersOf(boxes, edges);
  const { before, after } = neighboursOf(edges);
  for (const name of boxes.keys()) if (!before.has(name) && after.has(name)) layer.set(name, Math.min(...after.get(name).map((next) => layer.get(next))) - 1);
  return layer;
}

/** Rows of items, a row for each layer. A line that passes a layer bends in it, and its bend takes a place there. */
function rowsOf(boxes, edges) {
  const layer = near(boxes, edges);
  const rows = [];
  const item = (name, at, height) => {
    const made = { name, height, before: [], after: [], at: 0 };
    (rows[at] ??= []).push(made);
    return made;
  };
  const items = new Map([...boxes].map(([name, box]) => [name, item(name, layer.get(name), box.height)]));
  const bends = new Map();
  const tie = (from, to) => {
    from.after.push(to);
    to.before.push(from);
    return to;
  };
  for (const { from, to } of edges) {
    let last = items.get(from);
    const passed = [];
    for (let at = layer.get(from) + 1; at < layer.get(to); at += 1) passed.push((last = tie(last, item(null, at, BEND))));
    tie(last, items.get(to));
    bends.set(`${from}\n${to}`, passed);
  }
  return { rows, items, bends, layer };
}

/** How many lines cross: what has to be exchanged to bring their ends into the order of their beginnings. */
function crossingsOf(rows) {
  let found = 0;
  for (const row of rows) {
    const ends = [];
    for (const item of row) {
      for (const end of item.after.map((next) => next.place).sort((a, b) => a - b)) {
        let at = ends.length;
        while (at && ends[at - 1] > end) at -= 1;
        found += ends.length - at;
        ends.splice(at, 0, end);
      }
    }
  }
  return found;
}

const number = (row) => row.forEach((item, place) => (item.place = place));

/** Bring the rows into an order with few crossings. */
function untangle(rows) {
  rows.forEach(number);
  const sweeps = Math.min(SWEEPS, 2 + Math.floor(MOST_LOOKED_AT / rows.flat().length));
  let best = { crossings: Infinity };
  for (let sweep = 0; sweep < sweeps && best.crossings; sweep += 1) {
    const isBack = sweep % 2 === 1;
    for (const row of isBack ? rows.toReversed() : rows) {
      for (const item of row) {
        const ties = isBack ? item.after : item.before;
        item.wants = ties.length ? mean(ties.map((one) => one.place)) : item.place;
      }
      number(row.sort((a, b) => a.wants - b.wants));
    }
    const crossings = crossingsOf(rows);
    if (crossings < best.crossings) best = { crossings, rows: rows.map((row) => [...row]) };
  }
  best.rows.forEach(number);
  return best.rows;
}

/** Put the items of a row as near as can be to where they want to be, in their order and not too near each other. */
function spread(row) {
  const blocks = [];
  let offset = 0;
  row.forEach((item, place) => {
    if (place) offset += (row[place - 1].height + item.height) / 2 + BETWEEN;
    let block = { pull: (item.wants - offset) * item.weight, weight: item.weight, items: [[item, offset]] };
    while (blocks.length && blocks.at(-1).pull / blocks.at(-1).weight > block.pull / block.weight) {
      const { pull, weight, items } = blocks.pop();
      block = { pull: pull + block.pull, weight: weight + block.weight, items: [...items, ...block.items] };
    }
    blocks.push(block);
  });
  for (const { pull, weight, items } of blocks) for (const [item, below] of items) item.at = pull / weight + below;
}

/** Give every item its height on the page: first as what is before it wants, then as what is after it, then as both. */
function settle(rows) {
  for (const row of rows) {
    for (const item of row) Object.assign(item, { wants: 0, weight: 1 });
    spread(row);
  }
  for (let pass = 0; pass < PASSES; pass += 1) {
    const isBack = pass % 2 === 1;
    for (const row of isBack ? rows.toReversed() : rows) {
      for (const item of row) {
        const ties = pass > PASSES / 2 ? [...item.before, ...item.after] : isBack ? item.after : item.before;
        item.wants = ties.length ? mean(ties.map((one) => one.at)) : item.at;
        item.weight = ties.length ? (item.name === null ? 4 : 1) : 0.1;
      }
      spread(row);
    }
  }
}

/**
 * `boxes` are sizes by name. Gives `{ width, height, places, lines }`: the middle of each box, and for each edge the
 * points that it passes between its ends.
 */
export function layered(boxes, edges) {
  const { rows: tangled, items, bends, layer } = rowsOf(boxes, withoutCircles(boxes.keys(), edges));
  const rows = untangle(tangled);
  settle(rows);
  const top = Math.min(...rows.flat().map((item) => item.at - item.height / 2));
  const bottom = Math.max(...rows.flat().map((item) => item.at + item.height / 2));
  const widths = rows.map((row) => Math.max(...row.map((item) => boxes.get(item.name)?.width ?? 0)));
  const lefts = [];
  const width = widths.reduce((left, one) => (lefts.push(left), left + one + BETWEEN_LAYERS), 0) - BETWEEN_LAYERS;
  const places = new Map([...items].map(([name, item]) => [name, { x: lefts[layer.get(name)] + widths[layer.get(name)] / 2, y: item.at - top }]));
  const lines = new Map([...bends].map(([edge, passed]) => {
    const first = layer.get(edge.split("\n")[0]) + 1;
    return [edge, passed.flatMap((bend, step) => [0, widths[first + step]].map((across) => ({ x: lefts[first + step] + across, y: bend.at - top })))];
  }));
  return { width, height: bottom - top, places, lines };
}
