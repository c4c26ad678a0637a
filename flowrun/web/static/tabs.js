/** Tabs: parts of a page, each with an address of its own. */

import { Link } from "./address.js";
import { html } from "./html.js";

/** `tabs` are `[key, says, count]`. */
export function Tabs({ tabs, at, to }) {
  return html`<nav class="tabs" aria-label="Parts of this page">${tabs.map(([key, says, count]) => html`<${Link} key=${key} to=${to(key)} keepScroll aria-current=${key === at ? "page" : null}>${says}${count !== undefined && html`<span class="count">${count}</span>`}<//>`)}</nav>`;
}
