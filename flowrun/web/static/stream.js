/**
 * The stream of news of the server. It is read with `fetch`, so that the token goes with it in a header.
 * A page that nobody sees holds no connection: a browser has only six for each server.
 */

import { whole } from "./address.js";
import { withQuery, withToken } from "./api.js";
import { Signal, useSignal } from "./signal.js";
import { html, useEffect, useRef } from "./html.js";

const LONGEST_PAUSE = 5000;

/** "live", "away" while the server does not answer, or "" if nothing is listened to. */
export const connection = new Signal("");

class Stream {
  #hear;
  #run;
  #path;
  #pause = 250;
  #stopper = null;
  #timer = 0;
  #waiting = [];
  #frame = 0;
  #came = 0;

  constructor(run, after, hear) {
    this.#run = run;
    this.#path = whole(withQuery("/api/v1/stream", { run, after }));
    this.#hear = hear;
    this.seen = () => (document.hidden ? this.#leave() : this.#come());
    document.addEventListener("visibilitychange", this.seen);
    this.seen();
  }

  close() {
    document.removeEventListener("visibilitychange", this.seen);
    this.#leave();
    connection.set("");
  }

  #leave() {
    clearTimeout(this.#timer);
    this.#stopper?.abort();
    this.#stopper = null;
  }

  #come() {
    if (!this.#stopper) this.#read();
  }

  async #read() {
    const stopper = (this.#stopper = new AbortController());
    try {
      const response = await fetch(this.#path, { headers: withToken({ Accept: "text/event-stream" }), signal: stopper.signal });
      if (!response.ok) throw new Error(`the stream answered ${response.status}`);
      await this.#follow(response.body.pipeThrough(new TextDecoderStream()).getReader());
    } catch {
      // Whatever went wrong, the answer is to come again.
    }
    if (stopper.signal.aborted) return;
    connection.set("away");
    this.#stopper = null;
    this.#timer = setTimeout(() => this.#come(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  async #follow(reader) {
    let begun = [];
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const hasEnd = /\n\r?\n/.test((begun.at(-1)?.slice(-2) ?? "") + value);
      begun.push(value);
      if (!hasEnd) continue; // news of thousands of tasks come in a hundred pieces
      const blocks = begun.join("").split(/\r?\n\r?\n/);
      begun = [blocks.pop()];
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block) {
    let kind = "message";
    let data = "";
    for (const line of block.split(/\r?\n/)) {
      if (line.startsWith("event:")) kind = line.slice(6).trim();
      else if (line.startsWith("data:")) data += line.slice(5);
    }
    if (!data) return;
    if (kind === "hello") this.#begin();
    else this.#later(kind, JSON.parse(data));
  }

  /** Connected. What happened before is read anew, as the server may be another one by now. */
  #begin() {
    connection.set("live");
    this.#pause = 250;
    this.#came += 1;
    this.#path = whole(withQuery("/api/v1/stream", { run: this.#run }));
    this.#later("hello", { first: this.#came === 1 });
  }

  /** News are told once a frame, however many there are. */
  #later(kind, data) {
    this.#waiting.push([kind, data]);
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      const news = this.#waiting;
      this.#waiting = [];
      this.#hear(news);
    });
  }
}

/**
 * Hear the news of a run, or of all runs, as lists of `[kind, data]`, as long as a part is shown. Those after a
 * certain one, if `after` is given: nothing is missed between reading a run and hearing of it. Null: not yet.
 */
export function useNews(run, hear, after = "") {
  const latest = useRef();
  latest.current = hear;
  useEffect(() => {
    if (run === null) return undefined;
    const stream = new Stream(run, after, (news) => latest.current(news));
    return () => stream.close();
  }, [run]);
}

/** Whether what is shown is up to date. */
export function Connection() {
  const state = useSignal(connection);
  if (!state) return null;
  const isLive = state === "live";
  return html`<span class=${`live${isLive ? "" : " away"}`} role="status"><i></i>${isLive ? "live" : "connecting…"}</span>`;
}
