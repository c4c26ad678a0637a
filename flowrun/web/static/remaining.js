/** Remaining: how long a run may still take, counted down from when the server said so. */

import { durationOf, now } from "./moments.js";

const heard = new WeakMap();

const roughly = (seconds) => (seconds < 59.5 ? `${Math.max(1, Math.round(seconds))} s` : durationOf(seconds));

/** `about 35 s left`; empty if nobody can know. */
export function remainingOf(run) {
  const { remaining_seconds: said } = run;
  if (!run.is_live || said === null || said === undefined) return "";
  if (!heard.has(run)) heard.set(run, now());
  const left = said - (now() - heard.get(run));
  return left > 0 ? `about ${roughly(left)} left` : "longer than usual";
}

/** `usually 2m 10s`. */
export const usualOf = ({ usual_seconds: usual }) => (usual ? `usually ${durationOf(usual)}` : "");
