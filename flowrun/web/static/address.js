/** Address: where the page is, and how one gets elsewhere without loading it again. */

import { html } from "./html.js";
import { Signal, useSignal } from "./signal.js";

const root = new URL(document.baseURI).pathname.replace(/\/$/, "");

/** `path` is split and decoded; `query` is what stands behind the question mark. */
class Place {
  constructor() {
    const path = location.pathname.startsWith(root) ? location.pathname.slice(root.length) : location.pathname;
    this.path = path || "/";
    this.parts = path.split("/").filter(Boolean).map(decoded);
    this.query = new URLSearchParams(location.search);
    this.hash = decoded(location.hash.slice(1));
  }
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const place = new Signal(new Place());
addEventListener("popstate", () => place.set(new Place()));

export const usePlace = () => useSignal(place);
export const here = () => place.value;

/** The whole address of a path of this server. */
export const whole = (path) => root + path;

/** A path made of names that may hold anything. */
export const pathOf = (...names) => `/${names.map((name) => encodeURIComponent(name)).join("/")}`;

export function go(path, { replace = false, keepScroll = false } = {}) {
  const before = place.value.path;
  history[replace ? "replaceState" : "pushState"](null, "", root + path);
  place.set(new Place());
  if (!keepScroll && place.value.path !== before) scrollTo(0, 0);
}

/** Change what stands behind the question mark; an empty value is left away. */
export function setQuery(changes) {
  const query = new URLSearchParams(location.search);
  for (const [key, value] of Object.entries(changes)) {
    if (value) query.set(key, value);
    else query.delete(key);
  }
  const text = query.toString();
  go(place.value.path + (text ? `?${text}` : "") + location.hash, { replace: true, keepScroll: true });
}

function followed(event, path, options) {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(path, options);
}

/** A link to a path of this page. */
export function Link({ to, children, keepScroll, ...rest }) {
  return html`<a href=${whole(to)} onClick=${(event) => followed(event, to, { keepScroll })} ...${rest}>${children}</a>`;
}
