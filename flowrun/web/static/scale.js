/** Scales: the places on an axis that are worth a mark. */

/** Steps of seconds, from a thousandth to a quarter of a year. */
const TIMES = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400, 172800, 604800, 2592000, 7776000];

/** The smallest step of time with which there are at most so many marks. */
export const stepOfTime = (span, most) => TIMES.find((one) => span / one <= most) ?? TIMES.at(-1);

/** The same for plain numbers; for bytes with base 2. */
export function stepOf(span, most, base = 10) {
  const power = base ** Math.floor(Math.log(span / most) / Math.log(base));
  return [1, 2, 5, 10].map((one) => one * power).find((one) => span / one <= most);
}

/** The multiples of a step from one number to another. */
export function marksBetween(from, until, step) {
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(until / step) - first + 1) }, (_, index) => (first + index) * step);
}
