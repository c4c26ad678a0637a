"""What came of requests with a key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowrun.web.receipts import Receipts
from flowrun.web.refusal import Refusal


def test_the_second_gets_the_answer_of_the_first(tmp_path: Path) -> None:
    """Also from another server of the project."""
    receipts = Receipts(tmp_path / "receipts")
    assert receipts.take("k\n/../é", ["run"]) is None
    receipts.write("k\n/../é", ["run"], {"run": "abc", "pid": 1})

    assert Receipts(tmp_path / "receipts").take("k\n/../é", ["run"]) == {"run": "abc", "pid": 1}
    assert receipts.take("other", ["run"]) is None


def test_a_key_is_for_one_request(tmp_path: Path) -> None:
    """The same key with something else is a mistake of the caller."""
    receipts = Receipts(tmp_path)
    receipts.take("k", ["run"])

    with pytest.raises(Refusal, match="another request"):
        receipts.take("k", ["other"])


def test_a_key_that_came_to_nothing_is_free(tmp_path: Path) -> None:
    """A run that could not be started may be tried again."""
    receipts = Receipts(tmp_path)
    receipts.take("k", ["run"])
    receipts.give_back("k")

    assert receipts.take("k", ["run"]) is None


def test_a_request_that_was_cut_off_is_not_repeated(tmp_path: Path) -> None:
    """A server that was killed at the wrong moment leaves an empty receipt: nobody knows whether the run began."""
    receipts = Receipts(tmp_path)
    receipts.take("k", ["run"])
    next(tmp_path.iterdir()).write_bytes(b"")

    with pytest.raises(Refusal, match="cut off"):
        receipts.take("k", ["run"])


def test_old_receipts_are_forgotten(tmp_path: Path) -> None:
    """After some days nobody repeats a request."""
    receipts = Receipts(tmp_path)
    receipts.take("old", ["run"])
    os.utime(next(tmp_path.iterdir()), (1, 1))
    receipts.take("new", ["run"])

    assert receipts.take("old", ["anything"]) is None
