/** RunModel: a run with its tasks, kept up to date by the news of the server. */

import { read } from "./api.js";
import { Signal } from "./signal.js";
import { TERMINAL, wordOf } from "./states.js";
import { secondsOf } from "./moments.js";

/** A task with its times as numbers and its word. */
function made(row) {
  const task = { ...row };
  task.began = secondsOf(row.begun); // null while it waits for a worker
  task.stopped = secondsOf(row.ended);
  task.readied = secondsOf(row.ready);
  task.tries = row.attempts.map((attempt) => ({ ...attempt, began: secondsOf(attempt.begun), stopped: secondsOf(attempt.ended) }));
  task.word = row.state === "PENDING" && row.attempts.length ? "retrying" : wordOf(row.state);
  task.isOver = TERMINAL.has(row.state);
  return task;
}

export class RunModel {
  tasks = [];
  problem = null;
  run = null;
  hasTasks = false;
  seq = 0;
  #places = new Map();
  #missed = 0;
  #turn = 0;
  /** News that came while the tasks were read: they may be newer than what was read. */
  #meanwhile = null;

  constructor(id) {
    this.id = id;
    this.changed = new Signal(0);
    /** How often the log may have grown. */
    this.logGrew = new Signal(0);
  }

  /** Read the run and all its tasks. What was asked for before does not count any more. */
  async load() {
    const turn = (this.#turn += 1);
    this.#meanwhile = [];
    const tasks = read(this.#path("/tasks"));
    tasks.catch(() => {}); // told below, if the run itself can be read
    try {
      const run = await read(this.#path(""));
      if (turn !== this.#turn) return;
      this.run = run;
      this.id = this.run.id;
      this.problem = null;
      this.#tell();
      const { items, seq } = await tasks;
      if (turn !== this.#turn) return;
      this.seq = seq;
      this.#all(items);
      for (const news of this.#meanwhile) if (news.seq > seq) this.#some(news.tasks);
    } catch (problem) {
      if (turn !== this.#turn) return;
      this.problem = problem;
    }
    this.#meanwhile = null;
    this.#tell();
  }

  /** Take what the stream said; true if all of it must be read anew. */
  take(news) {
    let moved = false;
    for (const [kind, data] of news) {
      if (kind === "tasks") {
        this.#meanwhile?.push(data);
        this.#some(data.tasks);
      }
      if (kind === "progress") this.#advance(data);
      if (kind === "run" && data.id === this.id && this.run) {
        moved ||= data.status !== this.run.status || data.ended !== this.run.ended || this.#lacks(data.tasks);
        this.run = { ...this.run, ...data, cause: this.run.cause };
      }
      if (kind === "log" || kind === "hello") this.logGrew.set(this.logGrew.value + 1);
    }
    this.#tell();
    return moved;
  }

  /** Whether there are tasks of which nothing was told, as they have not moved: those of a run that was just begun. */
  #lacks(count) {
    if (count <= Math.max(this.#places.size, this.#missed)) return false;
    this.#missed = count;
    return true;
  }

  task(name) {
    return this.tasks[this.#places.get(name)];
  }

  #path(tail) {
    return `/runs/${encodeURIComponent(this.id)}${tail}`;
  }

  #tell() {
    this.changed.set(this.changed.value + 1);
  }

  #all(rows) {
    this.hasTasks = true;
    this.tasks = rows.map(made);
    this.#places = new Map(rows.map((row, place) => [row.name, place]));
  }

  #some(rows) {
    const found = [];
    for (const row of rows) {
      const place = this.#places.get(row.name);
      if (place === undefined) found.push(row);
      else this.tasks[place] = made(row);
    }
    if (found.length) this.#add(found);
  }

  /** Take how far an attempt is, unless it is over by now. */
  #advance({ task: name, attempt, done, total, message }) {
    const task = this.task(name);
    if (task && task.tries.at(-1)?.number === attempt) this.tasks[this.#places.get(name)] = { ...task, progress: { done, total, message } };
  }

  /** Tasks that were not known before stand behind the last one of their group. */
  #add(rows) {
    const of = Map.groupBy(rows.map(made), (task) => task.group);
    const last = new Map();
    this.tasks.forEach((task, place) => {
      if (of.has(task.group)) last.set(task.group, place);
      if (of.has(task.name) && !last.has(task.name)) last.set(task.name, place);
    });
    const order = [];
    this.tasks.forEach((task, place) => {
      order.push(task);
      for (const [group, at] of last) if (at === place) order.push(...take(of, group));
    });
    for (const group of [...of.keys()]) order.push(...take(of, group));
    this.tasks = order;
    this.#places = new Map(order.map((task, place) => [task.name, place]));
  }
}

function take(map, key) {
  const value = map.get(key) ?? [];
  map.delete(key);
  return value;
}
