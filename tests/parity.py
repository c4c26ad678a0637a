"""Prints which rows of the inventory of the ancestors' behaviour are shown by which tests, and which by none.

A test shows a row by naming it in its docstring: FM is Flowmancer, CF CelestialFlow, PW pyworkflow, AS Astrum,
F2 flow2; X rows are what one of them does wrong.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path


def _numbered(family: str, numbers: Iterable[int]) -> list[str]:
    return [f"{family}-{number:02}" for number in numbers]


ROWS = [
    *_numbered("FM", range(1, 96)),
    *_numbered("X-FM", range(1, 32)),
    *_numbered("AS", range(1, 35)),
    *_numbered("X-AS", range(1, 13)),
    *_numbered("F2", range(1, 22)),
    *_numbered("X-F2", range(1, 11)),
    *_numbered("PW", [*range(1, 15), *range(53, 57)]),
    *_numbered("CF", [*range(44, 47), *range(59, 74), *range(78, 82)]),
    *_numbered("X-CF", [1, 2, 3, 4, *range(20, 27)]),
]
"""Those that are due; pipelines and the tasks of pyworkflow come later."""
DIFFERENT = {
    "AS-15": "a task takes what it needs from others; none reaches into another one",
    "AS-16": "`Result('name', 'key')` is the one way to say it",
    "AS-30": "there are no stages, for no task waits for a level: the report has tasks and the critical path",
    "AS-32": "the states are those of Flowmancer (docs/state-machine.md)",
    "AS-34": "mistakes have codes and places, and all are told at once (docs/reference/errors.md)",
    "X-AS-08": "there is no such option",
    "X-F2-10": "what is missing there is shown by the rows of Flowmancer",
    "X-CF-24": "nothing is routed: a task is named as it is written, and `when` says whether it runs",
    "PW-06": "a task is in the group that it was added to; nothing stands for a group that is none",
    "PW-12": "what a callback may see is the report, which cannot be changed",
    "PW-13": "asyncio has it",
}
"""Rows to which nothing corresponds, on purpose, with the reason."""
_LATER = (*_numbered("PW", range(15, 59)), *_numbered("X-PW", range(1, 14)), *_numbered("CF", range(1, 89)))
_LATER += tuple(_numbered("X-CF", range(1, 30)))
_ROW = re.compile(r"\b(?:X-)?(?:FM|AS|F2|PW|CF)-\d\d\b")


def main() -> int:
    """Print the table. Gives 1 if a test names a row that does not exist."""
    tests = Path(__file__).parent
    shown: dict[str, list[str]] = {}
    for file in sorted(tests.rglob("test_*.py")):
        for name, row in _rows_in(file):
            shown.setdefault(row, []).append(f"{file.relative_to(tests.parent)}::{name}")
    for row in (*ROWS, *(row for row in _LATER if row in shown and row not in ROWS)):
        for number, test in enumerate(dict.fromkeys(shown.get(row, []))):
            print(f"{row if number == 0 else '':8} {test}")
    for row, why in DIFFERENT.items():
        print(f"{row:8} different on purpose: {why}")
    without = [row for row in ROWS if row not in shown and row not in DIFFERENT]
    unknown = sorted(set(shown) - {*ROWS, *_LATER})
    count = len([row for row in ROWS if row in shown])
    print(f"\n{count} of {len(ROWS)} rows are shown by tests, {len(DIFFERENT)} are different on purpose")
    print(f"without a test: {', '.join(without) or 'none'}")
    if unknown:
        print(f"no such row: {', '.join(unknown)}")
    return 1 if unknown else 0


def _rows_in(file: Path) -> Iterator[tuple[str, str]]:
    """Each test of a file with each row that its docstring names."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            for row in _ROW.findall(ast.get_docstring(node) or ""):
                yield node.name, row


if __name__ == "__main__":
    raise SystemExit(main())
