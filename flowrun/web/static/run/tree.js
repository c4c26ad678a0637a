/** The tasks of a run as rows: members and items under what they belong to, some of them folded away. */

const MOST_UNFOLDED = 12;

/** Orders of siblings. */
export const ORDERS = {
  start: (a, b) => (a.began ?? Infinity) - (b.began ?? Infinity),
  file: () => 0,
  duration: (a, b) => (b.seconds ?? -1) - (a.seconds ?? -1),
};

/** Members of a group are shown at first; items only if they are few. */
const isOpenAtFirst = (task, members) => task.kind !== "items" || members.length <= MOST_UNFOLDED;

/** `turned` holds the names of those that are not as they are at first. Rows are `{ task, depth, isOpen, members }`. */
export function rowsOf(tasks, { order = "start", turned = new Set(), wants = null } = {}) {
  const names = new Set(tasks.map((task) => task.name));
  const members = Map.groupBy(tasks, (task) => (names.has(task.group) ? task.group : ""));
  const roots = members.get("") ?? [];
  const rows = [];
  const add = (siblings, depth) => {
    const sorted = order === "file" ? siblings : [...siblings].sort(ORDERS[order]);
    for (const task of sorted) {
      const below = members.get(task.name) ?? [];
      const isOpen = below.length > 0 && isOpenAtFirst(task, below) !== turned.has(task.name);
      if (!wants || wants(task)) rows.push({ task, depth: wants ? 0 : depth, isOpen, members: below.length });
      if (below.length && (isOpen || wants)) add(below, depth + 1);
    }
  };
  add(roots, 0);
  return rows;
}
