/** Runs: all that are kept, newest first. */

import { setQuery, usePlace } from "../address.js";
import { useAnswer, withQuery, read } from "../api.js";
import { html, useEffect, useState } from "../html.js";
import { Loading } from "../loading.js";
import { RunTable } from "../run_table.js";
import { useNews } from "../stream.js";
import { useTicks } from "../ticker.js";
import { useTitle } from "../title.js";
import { withNews } from "./today.js";

const STATUSES = ["running", "completed", "failed", "stopped", "interrupted"];
const SPANS = [["", "any time"], ["1h", "the last hour"], ["24h", "the last 24 hours"], ["7d", "the last 7 days"], ["30d", "the last 30 days"]];

function Choice({ label, value, choices, onChoose }) {
  return html`<select aria-label=${label} value=${value} onChange=${(event) => onChoose(event.target.value)}>
    ${choices.map(([key, says]) => html`<option key=${key} value=${key} selected=${key === value}>${says}</option>`)}</select>`;
}

/** A list of runs that goes on when asked to; of a job, if one is named. */
export function useRuns(query) {
  const first = useAnswer(withQuery("/runs", { ...query, limit: 50 }));
  const [older, setOlder] = useState(null);
  useEffect(() => setOlder(null), [first.answer]);
  const next = older ? older.next : first.answer?.next;
  const more = async () => {
    const answer = await read(withQuery("/runs", { ...query, limit: 50, cursor: next }));
    setOlder({ items: [...(older?.items ?? []), ...answer.items], next: answer.next });
  };
  return { ...first, runs: [...(first.answer?.items ?? []), ...(older?.items ?? [])], more: next ? more : null };
}

export function RunsPage() {
  useTitle("Runs");
  const { query } = usePlace();
  const asked = { job: query.get("job") ?? "", status: query.get("status") ?? "", since: query.get("since") ?? "" };
  const { answer, problem, again, runs, more } = useRuns(asked);
  const [fresh, setFresh] = useState([]);
  useEffect(() => setFresh([]), [answer]);
  useNews("", (news) => {
    if (news.some(([kind]) => kind === "hello")) again();
    setFresh((before) => [...before, ...news.filter(([kind]) => kind === "run")].slice(-200));
  });
  const fits = (run) => (!asked.job || run.job === asked.job) && (!asked.status || run.status === asked.status);
  const shown = withNews(runs, fresh).filter(fits);
  useTicks(shown.some((run) => run.is_live));
  const { answer: jobs } = useAnswer("/jobs");
  if (!answer) return html`<${Loading} problem=${problem} again=${again} />`;
  return html`<div class="stack"><div class="headline"><h1>Runs</h1></div>
    <section class="panel" aria-label="Runs"><div class="filters">
      <${Choice} label="Job" value=${asked.job} choices=${[["", "all jobs"], ...(jobs?.items ?? []).map((job) => [job.name, job.name])]} onChoose=${(job) => setQuery({ job })} />
      <${Choice} label="Status" value=${asked.status} choices=${[["", "any status"], ...STATUSES.map((one) => [one, one])]} onChoose=${(status) => setQuery({ status })} />
      <${Choice} label="Started in" value=${asked.since} choices=${SPANS} onChoose=${(since) => setQuery({ since })} /></div>
      ${shown.length ? html`<${RunTable} runs=${shown} />` : html`<p class="nothing">No run is like that.</p>`}
      ${more && html`<footer><button type="button" class="button" onClick=${more}>Older runs</button></footer>`}</section></div>`;
}
