/** What would be done, in the words of the terminal, and the question whether it should. */

import { Dialog } from "./dialog.js";
import { html, useState } from "./html.js";

export function PlanDialog({ title, plan, says, act, onClose, children }) {
  const [problem, setProblem] = useState(null);
  const [isBusy, setIsBusy] = useState(false);
  const go = async (event) => {
    event.preventDefault();
    setIsBusy(true);
    setProblem(null);
    try {
      await act();
      onClose();
    } catch (error) {
      setProblem(error);
      setIsBusy(false);
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose}><form onSubmit=${go}>
    <h2>${title}</h2>
    ${plan && html`<pre class="plan" tabindex="0">${plan.text}</pre>`}${plan?.warnings?.map((one) => html`<p class="notice retrying" key=${one.message}>${one.message}${one.hint && ` (${one.hint})`}</p>`)}${children}
    ${problem && html`<p class="notice failed" role="alert">${problem.message}</p>`}
    <div class="buttons"><button type="button" class="button" onClick=${onClose}>Cancel</button><button class="button main" disabled=${isBusy}>${says}</button></div>
  </form><//>`;
}
