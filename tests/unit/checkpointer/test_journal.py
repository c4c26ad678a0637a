"""The records of a run: what they look like, and what of them is believed."""

from __future__ import annotations

import json
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.checkpointer.checkpointer import CheckpointContents, Commit
from flowrun.checkpointer.journal import fold, line, opening, step
from flowrun.checkpointer.kept_text import Inline
from flowrun.errors import CheckpointInvalidError

NOTICE = "{}: the state ends in the middle of a record, after record {}, as happens in a crash; the rest is ignored"
TEXTS = Inline()
FIRST = opening(
    CheckpointContents("nightly", {"_": {"a", "b"}}, {'"day"': '{"$date":"2026-01-31"}'}, "1f2e", started="2026"), TEXTS
)


def journal(*commits: Commit) -> list[bytes]:
    """A journal as the file checkpointer writes it: one batch a commit."""
    lines, synced = [line(1, 0, FIRST)], 1
    for seq, commit in enumerate(commits, 2):
        lines.append(line(seq, synced, step(commit, TEXTS)))
        synced = seq if commit.is_durable else synced
    return lines


def read(data: bytes) -> tuple[CheckpointContents, list[str]]:
    lines = data.split(b"\n")
    return fold(lines if lines[-1] else lines[:-1], "J", TEXTS)


RUNNING = Commit("a", "R", 1, is_durable=False, at="4:00")
DONE = Commit("a", "C", 1, result='{"rows":41000}', shared={'"day"': None, "1": '"ü"'}, at="4:01")
NEXT = Commit("b", "R", 1, is_durable=False)
FAILED = Commit("b", "F", 1, reason="ValueError: no rows")


def test_a_record_is_a_line_that_a_person_can_read() -> None:
    """FM-72: JSON as it is, values included, with number and checksum."""
    text = line(3, 1, step(DONE, TEXTS))

    body = (
        '"seq":3,"synced":1,"task":"a","state":"C","attempt":1,"result":{"rows":41000},'
        '"shared":[["day"],[1,"ü"]],"at":"4:01"}'
    )
    assert text == f'{{"crc":"{crc32(body.encode()):08x}",{body}\n'.encode()


def test_the_first_record_says_what_it_is() -> None:
    """The format version stands in the first record."""
    body = json.loads(line(1, 0, FIRST))

    assert (body["format"], body["version"], body["name"], body["run_id"]) == ("flowrun journal", 1, "nightly", "1f2e")
    assert body["shared"] == [["day", {"$date": "2026-01-31"}]]


def test_records_fold_into_contents() -> None:
    """FM-71: the first record and the commits that followed."""
    contents, notices = read(b"".join(journal(RUNNING, DONE, NEXT, FAILED)))

    assert contents.states == {"C": {"a"}, "F": {"b"}}
    assert (contents.results, contents.shared_dict) == ({"a": '{"rows":41000}'}, {"1": '"ü"'})
    assert notices == []


@pytest.mark.parametrize(
    "tail", [b'{"crc":"0', b"\0" * 100, b"\0" * 100 + b"\n", b'{"crc":"00000000","seq":4}\n', b"x\n\n"]
)
def test_a_last_record_that_was_cut_off_is_left_out_and_mentioned(tail: bytes) -> None:
    """G11: a torn last record is normal."""
    contents, notices = read(b"".join(journal(RUNNING, DONE)) + tail)

    assert contents.states == {"C": {"a"}, "_": {"b"}}
    assert notices == [NOTICE.format("J", 3)]


def test_a_last_record_that_only_lacks_its_end_of_line_counts() -> None:
    """Its checksum says that it is whole."""
    contents, notices = read(b"".join(journal(RUNNING, DONE)).rstrip(b"\n"))

    assert contents.states == {"C": {"a"}, "_": {"b"}}
    assert notices == []


def test_records_after_the_last_flush_may_be_cut_off_in_any_order() -> None:
    """A loss of power may keep a later page of the file and lose an earlier one; nothing of it was promised."""
    one, two, three, four = journal(DONE, NEXT, FAILED)
    lost = b"\0" * (len(three) - 1) + b"\n"

    contents, notices = read(one + two + lost + four)

    assert contents.states == {"C": {"a"}, "_": {"b"}}
    assert len(notices) == 1


def test_a_record_before_the_last_flush_is_damage() -> None:
    """G11: what was promised and is not there is refused, by file and record."""
    lines = journal(RUNNING, DONE, NEXT, FAILED)
    lines[2] = lines[2].replace(b"41000", b"99999")

    with pytest.raises(CheckpointInvalidError, match=r"^J is damaged in record 3$"):
        read(b"".join(lines))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "record 1"),
        (b"this is no journal\n", "record 1"),
        (line(1, 0, FIRST)[:-10], "record 1"),
        (b"".join(journal(DONE)) * 2, "J is damaged in record 3: its number is 1"),
        (b"".join(journal(DONE, FAILED)[::2]), "J is damaged in record 2: its number is 3"),
        (b"".join(journal(DONE)).rstrip(b"\n") * 2, "record 2"),
        (line(1, 0, {"name": "nightly"}), "do not fit together"),
        (line(1, 0, FIRST | {"format": "other"}), "record 1"),
        (line(1, 0, FIRST | {"states": []}), "do not fit together"),
        (line(1, 0, FIRST) + line(2, 1, {"state": "C"}), "do not fit together"),
    ],
)
def test_damage_is_refused_by_name(data: bytes, words: str) -> None:
    """G11: anything that no crash can do is an error that names the file."""
    with pytest.raises(CheckpointInvalidError, match=r"^J is damaged") as caught:
        read(data)

    assert words in str(caught.value)


def test_a_newer_format_is_refused_naming_both() -> None:
    """An older flowrun does not guess what a newer one wrote."""
    with pytest.raises(CheckpointInvalidError, match=r"J has format version 2, .* up to version 1"):
        read(line(1, 0, FIRST | {"version": 2, "more": "unknown"}))


COMMITS = st.lists(
    st.builds(
        Commit,
        task=st.sampled_from("ab"),
        state=st.sampled_from("RCF"),
        attempt=st.integers(1, 2),
        result=st.none() | st.sampled_from(["1", '"x\\n"']),
        is_durable=st.booleans(),
    ),
    max_size=4,
)


def prefixes(commits: list[Commit]) -> list[CheckpointContents]:
    return [read(b"".join(journal(*commits[:count])))[0] for count in range(len(commits) + 1)]


@given(commits=COMMITS, data=st.data())
def test_a_journal_cut_anywhere_is_what_it_was_before_or_refused(commits: list[Commit], data: st.DataObject) -> None:
    """G11: a cut is never read as something that was not so."""
    lines = journal(*commits)
    whole = b"".join(lines)
    cut = data.draw(st.integers(0, len(whole)))

    if cut < len(lines[0]) - 1:
        with pytest.raises(CheckpointInvalidError):
            read(whole[:cut])
        return
    contents, _notices = read(whole[:cut])

    complete = sum(1 for count in range(1, len(lines)) if len(b"".join(lines[: count + 1])) - 1 <= cut)
    assert contents == prefixes(commits)[complete]


@given(commits=COMMITS, data=st.data())
def test_a_journal_with_a_changed_byte_is_what_it_was_before_or_refused(
    commits: list[Commit], data: st.DataObject
) -> None:
    """G11: damage is refused if a later record shows that it is no cut; it never makes up a state."""
    lines = journal(*commits)
    whole = bytearray(b"".join(lines))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    hit = next(index for index in range(len(lines)) if place < len(b"".join(lines[: index + 1])))
    is_line_end = place == len(b"".join(lines[: hit + 1])) - 1
    is_witnessed = len(commits) > hit + is_line_end  # a record after it says that it was on the disk
    is_known_to_be_kept = is_witnessed and any(commit.is_durable for commit in commits[hit - 1 : -1])

    try:
        contents, notices = read(bytes(whole))
    except CheckpointInvalidError:
        return
    assert hit > 0
    assert not is_known_to_be_kept
    expected = prefixes(commits)
    assert contents == expected[hit - 1]
    assert notices
