/** Moments and durations, as a person reads them. Moments are shown in the zone of the browser. */

import { html } from "./html.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const short = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const year = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long", hour12: false });
const grouped = new Intl.NumberFormat("en-US");

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Seconds since 1970 of a moment in any form, or null. */
export function secondsOf(moment) {
  if (moment === null || moment === undefined || moment === "") return null;
  return typeof moment === "number" ? moment : Date.parse(moment) / 1000;
}

export const now = () => Date.now() / 1000;

/** `14:03:05` and the thousandth, for logs. */
export function clockOf(seconds, thousandths = false) {
  const date = new Date(seconds * 1000);
  return clock.format(date) + (thousandths ? `.${String(date.getMilliseconds()).padStart(3, "0")}` : "");
}

export function dayOf(seconds) {
  const date = new Date(seconds * 1000);
  const today = new Date();
  const days = Math.round((new Date(today).setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 864e5);
  if (days === 0) return "today";
  if (days === 1) return "yesterday";
  return date.getFullYear() === today.getFullYear() ? day.format(date) : year.format(date);
}

export const fullOf = (seconds) => full.format(new Date(seconds * 1000));

/** `12 ms`, `4.2 s`, `2m 41s`, `3h 05m`, `2d 4h`. */
export function durationOf(seconds) {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return "";
  if (seconds < 0) seconds = 0;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${String(whole % 60).padStart(2, "0")}s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)}h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")}m`;
  return `${Math.floor(whole / 86400)}d ${Math.floor((whole % 86400) / 3600)}h`;
}

/** `just now`, `5 min ago`, `3 h ago`, `4 days ago`. */
export function agoOf(seconds) {
  const passed = now() - seconds;
  if (passed < 45) return "just now";
  if (passed < 3600) return `${Math.max(1, Math.round(passed / 60))} min ago`;
  if (passed < 86400) return `${Math.round(passed / 3600)} h ago`;
  const days = Math.round(passed / 86400);
  return days === 1 ? "1 day ago" : `${days} days ago`;
}

/** `1,204`, `3.4 MB`. */
export const numberOf = (number) => (number === null || number === undefined ? "" : grouped.format(number));

export function bytesOf(bytes) {
  if (bytes === null || bytes === undefined) return "";
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1024;
    unit += 1;
  }
  return `${unit && bytes < 10 ? bytes.toFixed(1) : Math.round(bytes)} ${units[unit]}`;
}

/** A moment: the day and the minute; the whole of it, with its zone, when pointed at. */
export function Moment({ at, ago = false, seconds = false }) {
  const moment = secondsOf(at);
  if (moment === null) return null;
  const text = ago ? agoOf(moment) : `${dayOf(moment)} ${seconds ? clockOf(moment) : short.format(new Date(moment * 1000))}`;
  return html`<time dateTime=${new Date(moment * 1000).toISOString()} title=${fullOf(moment)} class="nowrap">${text}</time>`;
}
