"""The command line of a driver script: the options that Flowmancer documents."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass, field

from .engine.selection import Selection
from .errors import VarFormatError


@dataclass(frozen=True)
class DriverArguments:
    """What was said on the command line of a driver script."""

    job: str | None = None
    kind: str | None = None
    restart: bool | str = False
    debug: bool = False
    max_concurrency: int | None = None
    selection: Selection = field(default_factory=Selection)
    variables: dict[str, str] = field(default_factory=dict)


def read_arguments(argv: Sequence[str]) -> DriverArguments:
    """Read the options. Ends the process with status 2 and a usage message for unknown ones, as scripts do.

    Raises VarFormatError for a `--var` without `=`.
    """
    parser = ArgumentParser(description="Run a job.")
    parser.add_argument("-j", "--jobdef", dest="job", metavar="PATH", help="the job file")
    parser.add_argument("-t", "--type", dest="kind", metavar="KEY", help="its format (default: yaml)")
    parser.add_argument("-r", "--restart", nargs="?", const=True, default=False, metavar="RUN", help="continue a run")
    parser.add_argument("-d", "--debug", action="store_true", help="print every transition")
    parser.add_argument("--skip", action="append", default=[], metavar="TASK", help="leave a task out")
    parser.add_argument("--run-to", action="append", default=[], metavar="TASK", help="only this and what it needs")
    parser.add_argument("--run-from", action="append", default=[], metavar="TASK", help="only this and what follows")
    parser.add_argument("--max-concurrency", type=int, metavar="N", help="tasks at a time; 0: no limit")
    parser.add_argument("--var", action="append", default=[], metavar="KEY=VALUE", help="what $VAR{KEY} becomes")
    found = parser.parse_args(list(argv))
    return DriverArguments(
        job=found.job,
        kind=found.kind,
        restart=found.restart,
        debug=found.debug,
        max_concurrency=found.max_concurrency,
        selection=Selection(skip=tuple(found.skip), run_to=tuple(found.run_to), run_from=tuple(found.run_from)),
        variables=dict(map(_pair, found.var)),
    )


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise VarFormatError(f"--var takes KEY=VALUE, not {text!r}")
    return key, value
