/**
 * How far a log is scrolled, in pixels of the log. A browser draws nothing higher than some ten million pixels,
 * so a longer log lies in a shorter box: small movements are exact, large ones go to the same share of the log.
 */

const HIGHEST = 6_000_000;
const SMALL = 10;

export class Scroller {
  top = 0;
  #before = 0;

  /** `height` of the log, `room` that is seen of it. */
  constructor(height = 0, room = 0) {
    this.fit(height, room);
  }

  fit(height, room) {
    this.height = height;
    this.room = room;
    this.top = Math.min(this.top, this.#deepest);
  }

  /** How high the box is in which the log lies. */
  get boxHeight() {
    return Math.min(this.height, HIGHEST);
  }

  get isAtEnd() {
    return this.top >= this.#deepest - 4;
  }

  get #deepest() {
    return Math.max(0, this.height - this.room);
  }

  get #deepestOfBox() {
    return Math.max(0, this.boxHeight - this.room);
  }

  /** The box was scrolled to here. */
  scrolled(to) {
    const by = to - this.#before;
    this.#before = to;
    if (this.height <= HIGHEST) this.top = to;
    else if (Math.abs(by) <= this.room * SMALL && to > 0 && to < this.#deepestOfBox - 1) this.top = Math.min(this.#deepest, Math.max(0, this.top + by));
    else this.top = this.#deepestOfBox ? (to / this.#deepestOfBox) * this.#deepest : 0;
  }

  /** Where the box must be scrolled to, so that this is seen at the top. */
  goTo(top) {
    this.top = Math.min(this.#deepest, Math.max(0, top));
    this.#before = this.height <= HIGHEST ? this.top : Math.round((this.top / (this.#deepest || 1)) * this.#deepestOfBox);
    return this.#before;
  }
}
