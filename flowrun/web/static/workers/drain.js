/** The question whether a worker should end, and what is said to it then. */

import { change } from "../api.js";
import { html, useState } from "../html.js";
import { say } from "../notices.js";
import { PlanDialog } from "../plan_dialog.js";

const GRACE_SECONDS = 25;

export function Drain({ worker, onDone }) {
  const [isOpen, setIsOpen] = useState(false);
  const act = async () => {
    await change(`/workers/${encodeURIComponent(worker.id)}/drain`, { grace_seconds: GRACE_SECONDS });
    say(`Worker ${worker.id} has been told to end.`);
    onDone();
  };
  const plan = { text: `drain of worker ${worker.id}\n\n  it takes nothing more, and ends\n  ${worker.busy === 1 ? "its attempt has" : "its attempts have"} ${GRACE_SECONDS} s to end\n  what has not ended then goes back into the queue, for other workers` };
  return html`<button type="button" class="button" aria-label=${`Drain ${worker.id}`} onClick=${() => setIsOpen(true)}>Drain…</button>
    ${isOpen && html`<${PlanDialog} title="Drain a worker" plan=${plan} says="Drain" act=${act} onClose=${() => setIsOpen(false)} />`}`;
}
