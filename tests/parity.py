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
    *_numbered("X-CF", [1, 2, 3, 4, 20, 21, 22, 26]),
]
"""Those that are due; pipelines and the tasks of pyworkflow come later."""
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
    without = [row for row in ROWS if row not in shown]
    unknown = sorted(set(shown) - {*ROWS, *_LATER})
    print(f"\n{len(ROWS) - len(without)} of {len(ROWS)} rows are shown by tests")
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
