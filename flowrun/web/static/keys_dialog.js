/** What the keys do here. */

import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { keysNow } from "./keyboard.js";

export function KeysDialog({ onClose }) {
  return html`<${Dialog} title="Keys" onClose=${onClose}><div class="inside">
    <h2>Keys on this page</h2>
    <dl class="facts">${keysNow().map(([key, says]) => html`<dt>${key.split(" ").map((one) => html`<kbd>${one}</kbd> `)}</dt><dd>${says}</dd>`)}</dl>
    <div class="buttons"><button type="button" class="button" onClick=${onClose}>Close</button></div>
  </div><//>`;
}
