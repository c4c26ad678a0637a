"""flowrun workers: shows who works on a queue, what they offer and what they do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from ..duration import duration
from .local_time import local_time
from .output import Output
from .printable import harmless, listed
from .redis_options import ask_redis, redis_options

if TYPE_CHECKING:
    from ..frq.fleet import Worker
    from ..frq.keys import Keys
    from ..frq.pipeline import Pipeline


@click.command("workers")
@redis_options
@click.option("--json", "is_json", is_flag=True, help="Write the list as JSON, with the schema of each task.")
@click.pass_obj
def command(output: Output, /, is_json: bool, **given: Any) -> int:
    """Show the workers of a queue that are alive: what they offer, what they do, and their last heartbeat."""

    async def ask(pipeline: Pipeline, keys: Keys) -> list[Worker]:
        from ..frq.fleet import fleet

        return await fleet(pipeline, keys)

    workers = ask_redis(given, ask)
    if is_json:
        records = [_record(worker) for worker in workers]
        output.result(json.dumps({"version": 1, "queue": given["queue"], "workers": records}, indent=2))
    elif workers:
        output.result("\n".join(_text(workers)))
    else:
        output.say(f"no worker of queue {harmless(given['queue'])} is alive; `flowrun worker` starts one")
    return 0


def _text(workers: Sequence[Worker]) -> list[str]:
    lines = []
    for worker in workers:
        facts = (
            harmless(worker.name, 100),
            harmless(f"{worker.lang} {worker.version}".strip(), 60),
            f"{worker.running} of {worker.slots} slots in use",
            harmless(worker.doing, 20),
            f"heartbeat {duration(worker.silent_ms / 1000)} ago",
            f"since {local_time(_moment(worker.started_ms))}",
            harmless(", ".join(f"{key}={value}" for key, value in sorted(worker.labels.items())), 200),
        )
        lines += ["   ".join(filter(None, facts)), f"    {listed(sorted(worker.handlers), 40) or 'offers nothing'}"]
    return lines


def _record(worker: Worker) -> dict[str, Any]:
    return {
        "name": worker.name,
        "language": worker.lang,
        "release": worker.version,
        "protocol": worker.protocol,
        "host": worker.host,
        "pid": worker.pid,
        "slots": worker.slots,
        "running": worker.running,
        "state": worker.doing,
        "started": _moment(worker.started_ms),
        "heartbeat_age_seconds": worker.silent_ms / 1000,
        "labels": dict(worker.labels),
        "handlers": dict(worker.handlers),
    }


def _moment(unix_ms: int) -> str:
    return datetime.fromtimestamp(unix_ms / 1000, UTC).isoformat(timespec="seconds")
