/** The dialog that continues a run, whole or for some of its tasks, with the plan of the terminal. */

import { go, pathOf } from "../address.js";
import { change, useAnswer } from "../api.js";
import { Command } from "../copy.js";
import { html, useState } from "../html.js";
import { say } from "../notices.js";
import { PlanDialog } from "../plan_dialog.js";

const queryOf = (asked) => new URLSearchParams(Object.entries(asked).flatMap(([key, value]) => [value].flat().map((one) => [key, one])));

const quoted = (text) => (/^[\w./@:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** What is asked for, as it is typed. */
function optionsOf({ rerun_changed: isAnew, ...named }) {
  const options = Object.entries(named).flatMap(([key, names]) => names.map((name) => ` --${key} ${quoted(name)}`));
  return options.join("") + (isAnew ? " --rerun-changed" : "");
}

/** `asked` is the body of the request; `children` change it. */
export function RestartDialog({ run, title, says, asked, onClose, onDone, children }) {
  const path = pathOf("runs", run.id);
  const query = queryOf(asked);
  const { answer: plan, problem } = useAnswer(`${path}/restart-plan?${query}`);
  const [key] = useState(() => crypto.randomUUID?.() ?? String(Math.random()));
  const act = async () => {
    const { run: id } = await change(`${path}/restart`, asked, `${key}-${query}`.slice(0, 200));
    say(id ? `Run ${id} goes on.` : "The run goes on.");
    onDone?.();
    if (id && id !== run.id) go(pathOf("runs", id));
  };
  return html`<${PlanDialog} title=${title} plan=${plan} says=${says} act=${act} onClose=${onClose}>
    ${problem && html`<p class="notice failed" role="alert">${problem.message}</p>`}${children}
    <div><h3>The same in a terminal</h3><${Command} text=${run.continue_command + optionsOf(asked)} /></div><//>`;
}
