/** Remaining: how long a run may still take, counted down from when the server said so. */

import { durationOf, now, secondsOf } from "./moments.js";

const heard = new WeakMap();

const roughly = (seconds) => (seconds < 59.5 ? `${Math.max(1, Math.round(seconds))} s` : durationOf(seconds));

/** `about 35 s left`; empty if nobody can know. */
export function remainingOf(run) {
  const { remaining_seconds: said } = run;
  if (!run.is_live || said === null || said === undefined) return "";
  if (!heard.has(run)) heard.set(run, now());
  const left = said - (now() - heard.get(run));
  if (left > 0) return `about ${roughly(left)} left`;
  // What was expected is over, and yet the run is not late: it waits for a person, or has more to do than was known.
  return run.usual_seconds && now() - secondsOf(run.started) < run.usual_seconds ? "" : "longer than usual";
}

/** `usually 2m 10s`. */
export const usualOf = ({ usual_seconds: usual }) => (usual ? `usually ${durationOf(usual)}` : "");
