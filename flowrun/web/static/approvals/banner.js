/** What a run waits for until a person answers. */

import { html, useEffect } from "../html.js";
import { Waiting, useWaiting } from "./waiting.js";

const ANSWERED = ["approved", "rejected"];

export function ApprovalBanner({ run, tasks }) {
  const open = tasks.filter(({ approval }) => approval && !ANSWERED.includes(approval.answer)).map((task) => task.name).join("\n");
  const { items, again } = useWaiting(Boolean(open));
  useEffect(() => {
    again();
  }, [open, run.is_live]);
  const mine = open ? items.filter((asked) => asked.run === run.id) : [];
  if (!mine.length) return null;
  return html`<section class="panel asks" aria-labelledby="asks"><header><h2 id="asks">Waits for an approval</h2></header><${Waiting} items=${mine} withRun=${false} onDone=${again} /></section>`;
}
