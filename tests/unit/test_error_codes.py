"""The table of error codes."""

from __future__ import annotations

import re
from pathlib import Path

import flowrun
from flowrun.error_codes import ERROR_CODES


def test_every_code_that_is_used_is_explained_and_every_explained_one_is_used() -> None:
    """The table and the code do not drift apart."""
    package = Path(flowrun.__file__).parent
    sources = [file for file in package.rglob("*.py") if file.name != "error_codes.py" and file.parent.name != "cli"]
    used = {code for file in sources for code in re.findall(r"\"(FR\d{3})\"", file.read_text())}

    assert used == set(ERROR_CODES)


def test_codes_are_in_order_and_have_words() -> None:
    """A title without a full stop, sentences in the explanation, an example in two forms or none."""
    assert list(ERROR_CODES) == sorted(ERROR_CODES)
    for code in ERROR_CODES.values():
        assert not code.title.endswith(".")
        assert code.explanation.endswith(".")
        assert bool(code.wrong) == bool(code.right)
        assert code.wrong != code.right or not code.wrong
