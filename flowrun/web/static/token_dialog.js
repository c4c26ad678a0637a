/** Asks for the token. */

import { Dialog } from "./dialog.js";
import { html, useRef } from "./html.js";

export function TokenDialog({ question }) {
  const field = useRef();
  const give = (event) => {
    event.preventDefault();
    question.answer(field.current.value.trim());
  };
  return html`<${Dialog} title="Token" onClose=${() => question.answer("")}><form onSubmit=${give}>
    <h2>This needs the token</h2>
    <p class="soft">${question.why} It is in .flowrun/token of the project, or the one that flowrun serve was given. It is kept until this tab is closed, and goes only to this server.</p>
    <label class="field"><span>Token</span><input type="password" ref=${field} autocomplete="off" spellcheck=${false} required /></label>
    <div class="buttons"><button type="button" class="button" onClick=${() => question.answer("")}>Cancel</button><button class="button main">Go on</button></div>
  </form><//>`;
}
