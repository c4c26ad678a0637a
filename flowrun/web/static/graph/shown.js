/** What of a graph is shown: closed groups and fans of like tasks are one node. */

const MANY = 120;
const FAR_TOO_MANY = 400;
const FEWEST_IN_BUNDLE = 4;

/** For each node the groups around it, the outermost first. */
function surroundings(graph) {
  const groupOf = new Map(graph.nodes.map((node) => [node.name, node.group]));
  for (const group of graph.groups) for (const member of group.members) if (!groupOf.get(member)) groupOf.set(member, group.name);
  const around = (name) => {
    const found = [];
    for (let group = groupOf.get(name); group && !found.includes(group); group = groupOf.get(group)) found.unshift(group);
    return found;
  };
  return new Map(graph.nodes.map((node) => [node.name, around(node.name)]));
}

/** Whether groups are open at first: only in a graph that is small enough to be read. */
export const areOpenAtFirst = (graph) => graph.nodes.length <= MANY;

/** The nodes and edges to draw, as `{ nodes, edges, clusters }`; a node says in `members` what it stands for. */
export function shownOf(graph, isOpen) {
  const around = surroundings(graph);
  const isGroup = new Set(graph.groups.filter((group) => group.kind !== "items").map((group) => group.name));
  const open = (name) => isGroup.has(name) && isOpen(name);
  const standsFor = new Map();
  for (const [name, groups] of around) {
    const closed = groups.find((group) => !open(group));
    standsFor.set(name, closed ?? name);
  }
  const nodes = new Map();
  for (const node of graph.nodes) {
    const shown = standsFor.get(node.name);
    if (open(node.name)) continue;
    if (!nodes.has(shown)) nodes.set(shown, { name: shown, task: "", kind: "group", members: [], cluster: null });
    const it = nodes.get(shown);
    if (shown === node.name) Object.assign(it, { task: node.task, kind: node.kind });
    if (node.kind !== "group") it.members.push(node.name);
  }
  for (const node of nodes.values()) node.cluster = (around.get(node.name) ?? []).filter(open).at(-1) ?? null;
  const clusters = [...isGroup].filter((name) => open(name) && [...nodes.values()].some((node) => node.cluster === name));
  const inside = (name) => [...nodes.keys()].filter((member) => around.get(member)?.includes(name));
  const plain = edgesOf(graph.edges.filter(({ from, to }) => !open(from) && !open(to)), (name) => [standsFor.get(name) ?? name], nodes);
  const ends = (name, side) => (open(name) ? outermost(inside(name), plain, side) : [standsFor.get(name) ?? name]);
  return folded({ nodes, edges: reduced(edgesOf(graph.edges, ends, nodes), graph.edges.length > nodes.size * 6), clusters, parentOf: (name) => (around.get(name) ?? []).filter(open).at(-1) ?? null });
}

/** The first members of a group, or the last ones, by which it is tied to what is around it. */
function outermost(members, edges, side) {
  const among = new Set(members);
  const [here, there] = side === "to" ? ["to", "from"] : ["from", "to"];
  const tied = new Set(edges.filter((edge) => among.has(edge[there])).map((edge) => edge[here]));
  return members.filter((name) => !tied.has(name));
}

/** The edges between the nodes that are drawn, each once. */
function edgesOf(all, ends, nodes) {
  const edges = new Map();
  for (const { from, to } of all) {
    for (const start of ends(from, "from")) {
      for (const end of ends(to, "to")) if (start !== end && nodes.has(start) && nodes.has(end)) edges.set(`${start}\n${end}`, { from: start, to: end });
    }
  }
  return [...edges.values()];
}

/** Of a very dense graph four edges into each node, so that it can be laid out and read. */
function reduced(edges, isDense) {
  if (!isDense) return edges;
  const seen = new Map();
  return edges.filter(({ to }) => {
    seen.set(to, (seen.get(to) ?? 0) + 1);
    return seen.get(to) <= 4;
  });
}

export function neighboursOf(edges) {
  const before = new Map();
  const after = new Map();
  const add = (map, key, value) => (map.has(key) ? map.get(key).push(value) : map.set(key, [value]));
  for (const { from, to } of edges) {
    add(before, to, from);
    add(after, from, to);
  }
  return { before, after };
}

/** The layer of each node: one more than the highest before it. */
export function layersOf(nodes, edges) {
  const { before, after } = neighboursOf(edges);
  const left = new Map([...nodes.keys()].map((name) => [name, before.get(name)?.length ?? 0]));
  const layer = new Map([...nodes.keys()].map((name) => [name, 0]));
  const ready = [...nodes.keys()].filter((name) => !left.get(name));
  while (ready.length) {
    const name = ready.pop();
    for (const next of after.get(name) ?? []) {
      layer.set(next, Math.max(layer.get(next), layer.get(name) + 1));
      left.set(next, left.get(next) - 1);
      if (!left.get(next)) ready.push(next);
    }
  }
  return layer;
}

function folded(shown) {
  if (shown.nodes.size <= MANY) return shown;
  const { before, after } = neighboursOf(shown.edges);
  const like = (node) => [node.task, node.cluster, (before.get(node.name) ?? []).join(), (after.get(node.name) ?? []).join()].join("\n");
  const once = bundled(shown, like);
  if (once.nodes.size <= FAR_TOO_MANY) return once;
  const layer = layersOf(once.nodes, once.edges);
  return bundled(once, (node) => [layer.get(node.name), node.task, node.cluster].join("\n"));
}

/** Nodes that are alike become one. */
function bundled(shown, like) {
  const bundles = Map.groupBy(shown.nodes.values(), like);
  const standsFor = new Map();
  const nodes = new Map();
  for (const alike of bundles.values()) {
    const first = alike[0];
    if (alike.length < FEWEST_IN_BUNDLE) alike.forEach((node) => nodes.set(node.name, node));
    else nodes.set(first.name, { ...first, kind: "bundle", members: alike.flatMap((node) => node.members) });
    if (alike.length >= FEWEST_IN_BUNDLE) alike.forEach((node) => standsFor.set(node.name, first.name));
  }
  const edges = new Map();
  for (const edge of shown.edges) {
    const from = standsFor.get(edge.from) ?? edge.from;
    const to = standsFor.get(edge.to) ?? edge.to;
    if (from !== to) edges.set(`${from}\n${to}`, { from, to });
  }
  return { ...shown, nodes, edges: [...edges.values()] };
}
