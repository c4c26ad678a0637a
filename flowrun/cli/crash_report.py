"""The report of a mistake in flowrun itself: a file instead of a traceback on the terminal."""

from __future__ import annotations

import os
import platform
import sys
import time
import traceback

from .printable import harmless


def write_crash_report(error: BaseException, arguments: list[str]) -> str:
    """Write the report, and give the message that names its file."""
    text = _report(error, arguments)
    what = f"flowrun made a mistake: {type(error).__name__}: {harmless(error, 300)}"
    for directory in _directories():
        try:
            os.makedirs(directory, mode=0o700, exist_ok=True)
            path = os.path.join(directory, f"crash-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}.txt")
            with open(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", errors="backslashreplace"
            ) as file:
                file.write(text)
        except OSError:
            continue
        return f"{what}\na report for its makers is in {path}"
    return f"{what}\nno report could be written"


def _directories() -> tuple[str, str]:
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(state, "flowrun"), os.environ.get("TMPDIR") or "/tmp"


def _report(error: BaseException, arguments: list[str]) -> str:
    from ..version import __version__

    return "\n".join(
        [
            f"flowrun {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"arguments: {_without_values(arguments)}",
            f"recursion limit: {sys.getrecursionlimit()}",
            "",
            "".join(traceback.format_exception(error)),
        ]
    )


def _without_values(arguments: list[str]) -> list[str]:
    """The arguments; of variables only the names."""
    return [f"{argument.partition('=')[0]}=…" if "=" in argument else argument for argument in arguments]
