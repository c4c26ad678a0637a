/** Failed runs that somebody has looked at in this browser. */

const KEY = "flowrun.looked-at";
const KEPT = 300;

function known() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
}

export const isLookedAt = (run) => known().includes(run);

export function lookAt(run) {
  const before = known();
  if (before.includes(run)) return;
  try {
    localStorage.setItem(KEY, JSON.stringify([...before, run].slice(-KEPT)));
  } catch {
    // Then it stays new.
  }
}
