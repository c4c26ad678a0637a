"""Records: what is kept of tasks that completed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowrun import values
from flowrun.attempt import Outcome
from flowrun.freshness.file_digests import FileDigest
from flowrun.freshness.grounds import Grounds
from flowrun.freshness.large_values import by_content
from flowrun.freshness.record import Record, record_of
from flowrun.freshness.records import Records
from flowrun.values.file_store import FileStore

GROUNDS = Grounds("salt", "Load", {"t.py": FileDigest("1", (1, 2, 3, 4))}, {"day": "2"}, {"1": "3"}, {"E": "4"}, {})
OUTCOME = Outcome.completed('{"rows":3}').but(shared={'"k"': '"v"', '"gone"': None}, spawned=({"name": "a/b"},))
RECORD = Record("etl/a", "run1", datetime(2026, 1, 2, tzinfo=UTC), GROUNDS, {"o": FileDigest("5")}, OUTCOME)


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    """With its digests and with the outcome."""
    records = Records(tmp_path, "job")
    records.write(RECORD, FileStore(tmp_path, "job", "run1"))

    assert records.read("etl/a") == RECORD
    assert Records(tmp_path, "other").read("etl/a") is None
    assert records.read("etl~a") is None


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"at": "yesterday"},
        {"inputs": {"a": 3}},
        {"source": []},
        {"parameters": None},
        {"outcome": {"reason": "raised"}},
        {"outcome": {"reason": "returned", "result": 3}},
        {"outcome": {}},
    ],
)
def test_a_damaged_record_is_no_record(tmp_path: Path, change: dict[str, object]) -> None:
    """Whatever is wrong with it, the task is performed as if there were none."""
    text = json.dumps({**json.loads(RECORD.text()), **change})
    with pytest.raises(ValueError, match=r"."):
        record_of(text)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", "\xff", "[" * 100_000])
def test_what_is_no_record_at_all_is_no_record(tmp_path: Path, text: str) -> None:
    """A torn file, or somebody else's."""
    records = Records(tmp_path, "job")
    records.write(RECORD, FileStore(tmp_path, "job", "run1"))
    (tmp_path / ".flowrun/cache/job").glob("*.json").__next__().write_text(text, "latin-1")

    assert records.read("etl/a") is None


def test_large_values_are_kept_with_a_record_and_removed_with_it(tmp_path: Path) -> None:
    """Those of the run are removed when it is over; those of the earlier record when there is a new one."""
    records, store = Records(tmp_path, "job"), FileStore(tmp_path, "job", "run1")
    for content in (b"1", b"2"):
        text = values.encode(content * 100_000, store)
        records.write(Record("t", "run1", RECORD.at, GROUNDS, {}, Outcome.completed(text)), store)
    store.remove()
    kept = records.values("t")
    found = records.read("t")

    assert found is not None
    assert values.decode(found.outcome.result or "", kept) == b"2" * 100_000
    assert len(list(kept.directory.iterdir())) == 1
    records.write(RECORD, store)
    records.write(Record("t", "run2", RECORD.at, GROUNDS, {}, OUTCOME), store)
    assert not kept.directory.exists()


def test_large_values_are_compared_by_content(tmp_path: Path) -> None:
    """Their files have other names in each run."""
    one, other = FileStore(tmp_path, "job", "one"), FileStore(tmp_path, "job", "other")
    same = [by_content(values.encode([bytes(100_000), 1], store), store) for store in (one, other)]
    different = by_content(values.encode([bytes(100_001), 1], one), one)

    assert same[0] == same[1] != different
