"""House: the process that has imported the project and from which attempts are forked (`python -m`).

The worker itself imports no code of the project: whatever that does, leases are renewed meanwhile. When files have
changed a second house is opened, and the first one ends when its last attempt has.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

from ..discovery import discover, load_plugins
from ..executors.executor import Workplace
from ..executors.perform import needs_event_loop
from ..executors.starter import Starter
from ..task import KnownVariants
from .offer import offered


def main() -> None:
    """Find the tasks of the project, tell the worker of them, then start attempts until the worker is gone."""
    commands, told, telling, worker = map(int, sys.argv[1:])
    with open(told, "rb") as stream:
        needs = json.load(stream)
    sys.path[:] = needs["path"]
    load_plugins()
    classes, offer = offered(discover(Path(needs["root"]), needs["directories"], needs["packages"]))
    with open(telling, "w") as stream_out:
        json.dump(offer.body(), stream_out)
    os.set_inheritable(commands, False)
    if any(map(needs_event_loop, classes.values())):
        import asyncio  # noqa: F401  once here, and not in every attempt
    workplace = Workplace(
        root=Path(needs["root"]),
        variants=KnownVariants(classes),
        max_result_bytes=needs["max_result_bytes"],
        hands_on=True,
        is_remote=True,
    )
    Starter(socket.socket(fileno=commands), workplace, "fork", worker).work()


if __name__ == "__main__":
    main()
