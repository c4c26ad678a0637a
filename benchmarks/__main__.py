"""python -m benchmarks [--quick] [--json] [CONTEST ...]"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from .command import CommandFailed
from .contest import Verdict
from .contests import CONTESTS
from .table import as_json, as_text, row
from .workspace import Workspace

_ROUNDS = 5
_QUICK_ROUNDS = 3


def main() -> int:
    """Measure, print the table, and say with the exit status whether every target is met."""
    parser = _parser()
    asked = parser.parse_args()
    if unknown := set(asked.contest) - set(CONTESTS):
        parser.error(f"no contest is named {', '.join(sorted(unknown))}; there are: {', '.join(CONTESTS)}")
    verdicts = _play(asked.contest or list(CONTESTS), asked.rounds or (_QUICK_ROUNDS if asked.quick else _ROUNDS))
    print(as_json(verdicts) if asked.json else as_text(map(row, verdicts)))
    return int(any(verdict.is_met is False for verdict in verdicts))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast flowrun is.")
    parser.add_argument("contest", nargs="*", metavar="CONTEST", help=f"some of: {', '.join(CONTESTS)}")
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK_ROUNDS} rounds instead of {_ROUNDS}")
    parser.add_argument("--rounds", type=int, metavar="N", help="this many rounds")
    parser.add_argument("--json", action="store_true", help="every figure of every round")
    return parser


def _play(names: list[str], rounds: int) -> list[Verdict]:
    verdicts: list[Verdict] = []
    with tempfile.TemporaryDirectory(prefix="flowrun-benchmarks-") as directory:
        workspace = Workspace(Path(directory))
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            try:
                verdicts += CONTESTS[name](workspace).play(name, rounds)
            except CommandFailed as error:  # the other contests are still worth measuring
                print(error, file=sys.stderr)
    return verdicts


sys.exit(main())
