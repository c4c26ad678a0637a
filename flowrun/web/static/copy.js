/** Text that is meant to be used elsewhere, with a button that copies it. */

import { html, useState } from "./html.js";

/** Copy a text; also where the clipboard of the browser is only for secure addresses. */
async function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

export function CopyButton({ text, says = "Copy" }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await copied(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return html`<button type="button" class="button bare" onClick=${copy}>${done ? "Copied" : says}</button>`;
}

/** A command line, ready to be copied. */
export function Command({ text }) {
  return html`<div class="command"><code tabindex="0">${text}</code><${CopyButton} text=${text} /></div>`;
}
