"""main: guards the process, chooses the command, and ends with its exit status."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from .put_off import put_off_modules
from .pydantic_plugins import spare_the_search
from .stops import stop_quietly

if TYPE_CHECKING:
    from .output import Output


def main() -> NoReturn:
    """Run the command that `sys.argv` asks for, and exit."""
    gc.disable()  # what is loaded now stays, and the collector would go through it a hundred times
    stop_quietly()
    guard_streams()
    spare_the_search()
    put_off_modules()
    status = perform(sys.argv[1:])
    atexit._run_exitfuncs()
    _flush()
    # Taking the interpreter apart takes as long as a small job, and it would wait for threads that were left behind.
    os._exit(status)


def perform(arguments: list[str]) -> int:
    """The exit status of the command that these arguments ask for. What goes wrong is said, not raised."""
    from .output import Output

    output = Output()
    try:
        return _dispatch(arguments, output)
    except BaseException as error:
        return _explained(error, arguments, output)
    finally:
        output.close()


def guard_streams() -> None:
    """Open /dev/null in place of standard streams that are closed, so that no file of ours takes their number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
    for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))  # noqa: SIM115


def _dispatch(arguments: list[str], output: Output) -> int:
    from .commands import commands

    status = commands.main(arguments, prog_name="flowrun", standalone_mode=False, obj=output)
    return status if isinstance(status, int) else 0


def _explained(error: BaseException, arguments: list[str], output: Output) -> int:
    try:
        from .failure import status_of

        return status_of(error, arguments, output)
    except Exception as another:  # the installation itself is damaged
        output.say(f"flowrun made a mistake: {error!r}, and another while it was reported: {another!r}")
        return 70


def _flush() -> None:
    """What cannot be flushed any more is dropped, so that the interpreter does not fail at it when it ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
