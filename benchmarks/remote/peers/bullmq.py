"""BullMQ 6.7.0: a queue for Node.js. It has a call that submits many at once."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ..program import Program

_VERSION = "6.7.0"
_CLIENT = "ioredis@5"
_INSTALLED = Path(__file__).parents[2] / ".peers" / f"bullmq-{_VERSION}"

_WORKER = """
import { Worker } from 'bullmq';
import { connection } from './connection.mjs';

new Worker('program', async () => 1, { connection, concurrency: 50 });
"""

_CONNECTION = """
import { Redis } from 'ioredis';

export const connection = new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: null });
"""

_PROGRAM = """
import { spawn } from 'node:child_process';
import { Queue, QueueEvents } from 'bullmq';
import { connection } from './connection.mjs';

const COUNT = Number(process.env.COUNT ?? 2000);
const HOPS = Number(process.env.HOPS ?? 200);
const worker = spawn(process.execPath, [new URL('./worker.mjs', import.meta.url).pathname], { stdio: 'ignore' });
process.on('exit', () => worker.kill());
const queue = new Queue('program', { connection });
const events = new QueueEvents('program', { connection });
await events.waitUntilReady();
const options = { removeOnComplete: 10 * COUNT };

async function once() {
  const job = await queue.add('nothing', {}, options);
  await job.waitUntilFinished(events);
}

await once();
const seconds = [];
for (let n = 0; n < HOPS; n++) {
  const begin = performance.now();
  await once();
  seconds.push((performance.now() - begin) / 1000);
}
seconds.sort((a, b) => a - b);

async function each(submit) {
  let left = COUNT;
  const begin = performance.now();
  const over = new Promise((resolve) => events.on('completed', () => { if (--left === 0) resolve(); }));
  await submit();
  await over;
  events.removeAllListeners('completed');
  return (performance.now() - begin) / 1000 / COUNT;
}

const oneByOne = await each(async () => {
  for (let n = 0; n < COUNT; n++) await queue.add('nothing', {}, options);
});
const all = Array.from({ length: COUNT }, () => ({ name: 'nothing', data: {}, opts: options }));
const atOnce = await each(() => queue.addBulk(all));
console.log(JSON.stringify({ hop: seconds[HOPS >> 1], 'one by one': oneByOne, 'at once': atOnce }));
process.exit(0);
"""


def program(url: str) -> Program:
    """What measures it; needs Node.js, and the package registry the first time."""
    if not (_INSTALLED / "ready").exists():
        _INSTALLED.mkdir(parents=True, exist_ok=True)
        (_INSTALLED / "package.json").write_text('{"private": true}')
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", f"bullmq@{_VERSION}", _CLIENT]
        subprocess.run(install, cwd=_INSTALLED, check=True)
        (_INSTALLED / "ready").touch()
    for name, text in (("program", _PROGRAM), ("worker", _WORKER), ("connection", _CONNECTION)):
        (_INSTALLED / f"{name}.mjs").write_text(text)
    return Program("BullMQ", ("node", "program.mjs"), _INSTALLED, {"REDIS_URL": url})
