"""Prints which rows of the inventory of Flowmancer's behaviour are shown by which tests, and which by none.

A test shows a row by naming it in its docstring. FM rows are what Flowmancer does, X-FM rows what it does wrong.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROWS = [*(f"FM-{number:02}" for number in range(1, 96)), *(f"X-FM-{number:02}" for number in range(1, 32))]
_ROW = re.compile(r"\b(?:X-)?FM-\d\d\b")


def main() -> int:
    """Print the table. Gives 1 if a test names a row that does not exist."""
    tests = Path(__file__).parent
    shown: dict[str, list[str]] = {}
    for file in sorted(tests.rglob("test_*.py")):
        for name, row in _rows_in(file):
            shown.setdefault(row, []).append(f"{file.relative_to(tests.parent)}::{name}")
    for row in ROWS:
        for number, test in enumerate(dict.fromkeys(shown.get(row, []))):
            print(f"{row if number == 0 else '':8} {test}")
    without = [row for row in ROWS if row not in shown]
    unknown = sorted(set(shown) - set(ROWS))
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
