"""flowrun worker: performs attempts that runs on other machines send through Redis."""

from __future__ import annotations

import gc
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .labels import LABELS, read_labels
from .needed_extra import needs_extra
from .output import Output
from .printable import harmless
from .project import project_options, searched
from .redis_options import connection_to, redis_options
from .seconds_type import SECONDS

if TYPE_CHECKING:
    from ..worker.settings import WorkerSettings

_LONGEST = 4000
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("worker")
@redis_options
@project_options
@click.option(
    "--slots",
    type=click.IntRange(1, 1000),
    metavar="N",
    envvar="FLOWRUN_SLOTS",
    help="Attempts at the same time; one for each processor if it is not given.",
)
@click.option(
    "--labels",
    type=LABELS,
    metavar="KEY=VALUE",
    multiple=True,
    callback=read_labels,
    envvar="FLOWRUN_LABELS",
    help="Say this of the worker where workers are shown. May be repeated; queues decide who performs what.",
)
@click.option(
    "--isolation",
    type=click.Choice(("process", "thread", "inline")),
    default="process",
    show_default=True,
    envvar="FLOWRUN_ISOLATION",
    help="Where tasks run: each in a process of its own, in threads, or as coroutines in one thread.",
)
@click.option(
    "--lease",
    type=SECONDS,
    default="15s",
    show_default=True,
    envvar="FLOWRUN_LEASE",
    help="After so much silence others take over what this worker has; 1s to 10m, the same for all of a queue.",
)
@click.option(
    "--grace",
    type=SECONDS,
    default="25s",
    show_default=True,
    envvar="FLOWRUN_GRACE",
    help="How long attempts may go on after the worker is told to end.",
)
@click.option("--max-tasks", type=click.IntRange(1), metavar="N", help="End after so many attempts.")
@click.option(
    "--listen",
    metavar="HOST:PORT",
    envvar="FLOWRUN_LISTEN",
    help="Answer /healthz, /readyz and /metrics over HTTP there; port 0 takes any.",
)
@click.option(
    "--hmac-key-file",
    type=_FILE,
    metavar="FILE",
    envvar="FLOWRUN_HMAC_KEY_FILE",
    help="Take only tasks that are signed with a key of this file.",
)
@click.option("--reload/--no-reload", default=True, show_default=True, help="Take up changed files of the project.")
@click.pass_obj
def command(output: Output, /, **given: Any) -> int:
    """Perform attempts that runs send to a queue, until told to end.

    The tasks of the project are found as `flowrun run` finds them, and their names are announced.
    TERM or INT ends the worker: it takes nothing more, lets attempts end within --grace and gives the rest back.
    The second signal ends it at once.
    """
    settings = _settings(given)
    with needs_extra("redis", "redis", "hiredis", "prometheus_client"):
        from ..worker.worker import serve
    connection = connection_to(given, "flowrun-worker")
    gc.freeze()
    gc.enable()  # it runs for weeks, and tasks have it as in any Python program
    return serve(connection, settings, lambda text: output.say(f"{_moment()} {harmless(text, _LONGEST)}"))


def _moment() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _settings(given: dict[str, Any]) -> WorkerSettings:
    from ..environment import Environment
    from ..worker.settings import WorkerSettings

    place = searched(given)
    slots = given["slots"] or len(os.sched_getaffinity(0))
    names = ("isolation", "lease", "grace", "max_tasks", "hmac_key_file", "reload", "labels")
    return WorkerSettings(
        root=place.root,
        directories=tuple(place.directories),
        packages=tuple(place.packages),
        slots=slots,
        listen=_address(given["listen"]),
        environ=Environment(os.environ, place.root),
        **{name: given[name] for name in names},
    )


def _address(text: str | None) -> tuple[str, int] | None:
    if text is None:
        return None
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise click.UsageError(f"--listen needs HOST:PORT, as in 127.0.0.1:9464, not {text!r}")
    return host.strip("[]") or "127.0.0.1", int(port)
