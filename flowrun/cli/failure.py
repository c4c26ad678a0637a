"""What a person is told when a command ends with an error, and the exit status that belongs to it."""

from __future__ import annotations

import errno
import signal

import click

from ..errors import DefinitionError, FlowrunError, JobSkippedError, NotConfirmedError, StateError
from .output import Output
from .printable import harmless


def status_of(error: BaseException, arguments: list[str], output: Output) -> int:
    """Say what went wrong, and give the exit status."""
    match error:
        case SystemExit(code=int(status)):
            return status
        case click.exceptions.Exit():
            return error.exit_code
        case KeyboardInterrupt() | click.Abort():
            return 128 + signal.SIGINT
        case click.ClickException():
            return _usage(error, output)
        case DefinitionError(problems=problems) if problems:
            return _refusal(error, output)
        case NotConfirmedError() | JobSkippedError():
            output.say(harmless(error, 2000))
            return error.exit_status
        case FlowrunError() if error.exit_status != FlowrunError.exit_status:
            return _said(str(error), error.exit_status, output)
        case OSError(errno=errno.ENOSPC, filename=None):
            return _said(f"standard output cannot be written: {error.strerror}", StateError.exit_status, output)
    return _crash(error, arguments, output)


def _said(message: str, status: int, output: Output) -> int:
    output.say(f"{output.paint('error', 'red')}: {harmless(message, 2000)}")
    return status


def _refusal(error: DefinitionError, output: Output) -> int:
    from .carets import problems_text

    output.say(problems_text(error.problems, output.paint))
    return error.exit_status


def _crash(error: BaseException, arguments: list[str], output: Output) -> int:
    from .crash_report import write_crash_report

    output.say(write_crash_report(error, arguments))
    return FlowrunError.exit_status


def _usage(error: click.ClickException, output: Output) -> int:
    context = getattr(error, "ctx", None)
    if context is None:
        return _said(error.format_message(), error.exit_code, output)
    output.say(context.get_usage())
    _said(error.format_message(), error.exit_code, output)
    output.say(f"`{context.command_path} --help` tells more")
    return error.exit_code
