"""Spawned: a new interpreter for one attempt, for code that must not be forked (`start_method: spawn`)."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from .discovery import discover
from .executors.child import ENDING, Nest, lose_no_signal_at_fork
from .executors.frames import read_frame
from .task import tasks


def main() -> None:
    """Find the classes again, then perform the attempt that the control socket brings."""
    control = int(sys.argv[1])
    os.set_inheritable(control, False)
    head, _ = read_frame(control)

    found = discover(Path.cwd(), head["directories"], head["packages"])
    own = head.get("own", {})
    if own:
        sys.path[:] = head["path"]
    variants = {entry.name: cls for entry in tasks if found.has(entry) and (cls := entry.made()) is not None}
    if own:
        from .starting import variant_at

        variants |= {name: variant_at(*address) for name, address in own.items()}
    nest = Nest(variants, head["max_result_bytes"], Path.cwd())
    lose_no_signal_at_fork()
    for number in ENDING:
        signal.signal(number, lambda number, _frame: nest.told_to_end(number))
    nest.live(control)


if __name__ == "__main__":
    main()
