/** What can be done with a run: continue it, or stop it; each after a look at what will happen. */

import { change, useAnswer } from "../api.js";
import { html, useState } from "../html.js";
import { say } from "../notices.js";
import { PlanDialog } from "../plan_dialog.js";
import { RestartDialog } from "./restart.js";

function Restart({ run, onClose }) {
  const [isAnew, setIsAnew] = useState(false);
  return html`<${RestartDialog} run=${run} title=${`Restart run ${run.id}`} says="Restart" asked=${{ rerun_changed: isAnew }} onClose=${onClose}>
    <label class="check"><input type="checkbox" checked=${isAnew} onChange=${(event) => setIsAnew(event.target.checked)} /> run finished tasks again whose definition has changed</label><//>`;
}

function Stop({ run, onClose }) {
  const [isNow, setIsNow] = useState(false);
  const act = async () => {
    await change(`/runs/${encodeURIComponent(run.id)}/stop`, { now: isNow });
    say(`Run ${run.id} has been asked to stop.`);
  };
  const running = run.counts?.RUNNING ?? 0;
  const plan = { text: `stop of run ${run.id} (${run.job})\n\n  nothing more is started\n  ${running === 1 ? "1 task that runs is" : `${running} tasks that run are`} ${isNow ? "killed" : "asked to end, and killed after the grace time"}\n  what has finished is kept; a restart goes on from there` };
  return html`<${PlanDialog} title=${`Stop run ${run.id}`} plan=${plan} says="Stop the run" act=${act} onClose=${onClose}>
    <label class="check"><input type="checkbox" checked=${isNow} onChange=${(event) => setIsNow(event.target.checked)} /> kill at once, without a grace time</label><//>`;
}

export function Actions({ run }) {
  const [open, setOpen] = useState("");
  const { answer: meta } = useAnswer("/meta");
  if (meta?.read_only) return null;
  const close = () => setOpen("");
  return html`${run.can_restart && html`<button type="button" class="button main" onClick=${() => setOpen("restart")}>Restart…</button>`}
    ${run.can_stop && html`<button type="button" class="button danger" onClick=${() => setOpen("stop")}>Stop…</button>`}
    ${open === "restart" && html`<${Restart} run=${run} onClose=${close} />`}${open === "stop" && html`<${Stop} run=${run} onClose=${close} />`}`;
}
