/** How every part of the page is written: `html` templates that become Preact elements, never markup of their own. */

import htm from "./vendor/htm.js";
import { h } from "./vendor/preact.js";

export * from "./vendor/preact.js";
export const html = htm.bind(h);
