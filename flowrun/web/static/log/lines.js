/** The lines of a log by number. Only those are fetched that somebody looks at, a thousand at a time. */

import { read, withQuery } from "../api.js";
import { Signal } from "../signal.js";

const KEPT = 60;

export class Lines {
  count = 0;
  size = 0;
  problem = null;
  isReady = false;
  #marks = [];
  #every = 1000;
  #chunks = new Map();
  #asked = new Set();
  #isGrowing = false;
  #hasMissed = false;

  /** `query` may name a task. */
  constructor(run, query) {
    this.path = `/runs/${encodeURIComponent(run)}/log`;
    this.query = query;
    this.changed = new Signal(0);
  }

  async open() {
    try {
      const { size, every, lines, marks } = await read(withQuery(`${this.path}/marks`, this.query));
      Object.assign(this, { size, count: lines, isReady: true });
      this.#every = every;
      this.#marks = marks;
    } catch (problem) {
      this.problem = problem;
    }
    this.#tell();
    if (this.#hasMissed) this.grow();
  }

  /** A line, or undefined until it has come. */
  line(index) {
    const chunk = Math.floor(index / this.#every);
    const lines = this.#chunks.get(chunk);
    if (!lines) this.#ask(chunk);
    return lines?.[index % this.#every];
  }

  /** The number of a line by its place in the log. */
  async indexOf(at) {
    let chunk = this.#marks.length - 1;
    while (chunk > 0 && this.#marks[chunk] > at) chunk -= 1;
    await this.#load(chunk);
    const lines = this.#chunks.get(chunk) ?? [];
    let index = 0;
    while (index < lines.length - 1 && lines[index + 1].at <= at) index += 1;
    return chunk * this.#every + index;
  }

  /** Read what has been written since. */
  async grow() {
    this.#hasMissed = true;
    if (this.#isGrowing || !this.isReady) return;
    this.#isGrowing = true;
    this.#hasMissed = false;
    try {
      for (let isEnd = false; !isEnd; ) {
        const answer = await this.#page(this.size, this.#every);
        answer.lines.forEach((line) => this.#append(line));
        isEnd = answer.is_end || !answer.lines.length;
        this.size = answer.next ?? answer.size;
        if (answer.lines.length) this.#tell();
      }
    } catch {
      // The next news of the log is the next try.
    }
    this.#isGrowing = false;
    if (this.#hasMissed) this.grow();
  }

  #append(line) {
    const chunk = Math.floor(this.count / this.#every);
    const place = this.count % this.#every;
    if (place === 0) {
      this.#marks[chunk] = line.at;
      this.#chunks.set(chunk, []);
    }
    const lines = this.#chunks.get(chunk);
    if (lines?.length === place) lines.push(line);
    this.count += 1;
  }

  async #ask(chunk) {
    if (this.#asked.has(chunk) || this.#marks[chunk] === undefined) return;
    await this.#load(chunk);
    this.#tell();
  }

  async #load(chunk) {
    if (this.#chunks.has(chunk) || this.#marks[chunk] === undefined) return;
    this.#asked.add(chunk);
    try {
      const { lines } = await this.#page(this.#marks[chunk], this.#every);
      const known = Math.min(this.#every, this.count - chunk * this.#every);
      this.#chunks.set(chunk, lines.slice(0, known));
      if (this.#chunks.size > KEPT) this.#chunks.delete(this.#chunks.keys().next().value);
    } catch (problem) {
      this.problem = problem;
    }
    this.#asked.delete(chunk);
  }

  #page(offset, limit) {
    return read(withQuery(this.path, { ...this.query, offset, limit }));
  }

  #tell() {
    this.changed.set(this.changed.value + 1);
  }
}
