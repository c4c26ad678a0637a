/** The lines of a log that are like somebody wants them, found piece by piece from the beginning. */

import { read, withQuery } from "../api.js";
import { Signal } from "../signal.js";

const AT_ONCE = 1000;
const ENOUGH = 3000;

export class Matches {
  isReady = false;
  isEnd = false;
  size = 0;
  looked = 0;
  problem = null;
  #lines = [];
  #wanted = ENOUGH;
  #isBusy = false;
  #isClosed = false;

  constructor(run, query) {
    this.path = `/runs/${encodeURIComponent(run)}/log`;
    this.query = query;
    this.changed = new Signal(0);
  }

  get count() {
    return this.#lines.length;
  }

  open() {
    return this.#look();
  }

  close() {
    this.#isClosed = true;
  }

  line(index) {
    if (index > this.#lines.length - AT_ONCE && this.#lines.length >= this.#wanted) {
      this.#wanted = this.#lines.length + ENOUGH;
      this.#look();
    }
    return this.#lines[index];
  }

  async indexOf(at) {
    const found = this.#lines.findIndex((line) => line.at >= at);
    return found < 0 ? this.#lines.length - 1 : found;
  }

  /** Look at what has been written since. */
  grow() {
    this.isEnd = false;
    return this.#look();
  }

  async #look() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      while (!this.isEnd && !this.#isClosed && this.#lines.length < this.#wanted) {
        const answer = await read(withQuery(this.path, { ...this.query, offset: this.looked, limit: AT_ONCE }));
        this.#lines.push(...answer.lines);
        this.size = answer.size;
        this.isEnd = answer.is_end || answer.next === null || answer.next <= this.looked;
        this.looked = answer.next ?? answer.size;
        this.isReady = true;
        this.changed.set(this.changed.value + 1);
      }
    } catch (problem) {
      this.problem = problem;
      this.changed.set(this.changed.value + 1);
    }
    this.#isBusy = false;
  }
}
