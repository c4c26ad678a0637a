"""Secrets are hidden in whatever form they come to light, and nothing else is changed."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.attempt import Outcome
from flowrun.eventbus.execution import ExecutionState, ExecutionStateTransition, JobStopping
from flowrun.eventbus.log import LogLinesEvent, LogStartEvent, LogWriteEvent, Severity
from flowrun.secrets.mask import Mask

SECRET = 'p@ss w/rd"é&\\x'
KEY = "-----BEGIN KEY-----\nMIIBVgIBADANBgkq\nhkiG9w0BAQEF\n-----END KEY-----\n"


@pytest.fixture
def mask() -> Mask:
    return Mask([SECRET, KEY])


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"password={SECRET};",
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        "p%40ss%20w%2frd%22%c3%a9%26%5cx",
        json.dumps({"password": SECRET}),
        json.dumps({"password": SECRET}, ensure_ascii=False),
        repr({"password": SECRET}),
        repr(SECRET.encode()),
        KEY,
        json.dumps(KEY),
        "line 2 is MIIBVgIBADANBgkq",
    ],
)
def test_a_secret_is_hidden_in_every_form(mask: Mask, text: str) -> None:
    """F2-11, X-F2-07: as it is, in an address, in JSON, as Python shows it, and line by line."""
    hidden = mask.text(text)

    assert "***" in hidden
    for part in ("p@ss", "p%40ss", "w/rd", "MIIB"):
        assert part not in hidden


@given(st.text(min_size=4, max_size=40).filter(lambda text: len(text.strip()) >= 4), st.binary(max_size=4), st.binary())
def test_a_secret_is_hidden_in_base64_of_more_than_itself(secret: str, before: bytes, after: bytes) -> None:
    """Wherever in a group of base64 it begins."""
    data = secret.encode("utf-8", "surrogatepass")
    mask = Mask([secret])

    for encode in (b64encode, urlsafe_b64encode):
        text = encode(before + data + after).decode()
        hidden = mask.text(text)
        assert len(hidden.replace("***", "")) <= len(text) - len(data)


@given(st.text(min_size=4, max_size=40).filter(lambda text: len(text.strip()) >= 4), st.text(), st.text())
def test_a_secret_is_never_left_in_a_text(secret: str, before: str, after: str) -> None:
    """Whatever stands around it."""
    hidden = Mask([secret]).text(before + secret + after)

    assert "***" in hidden
    assert secret not in hidden.split("***") or secret in "***"


@pytest.mark.parametrize("text", ["", "p@ss", "an ordinary line", "***", "-----", "a%20b"])
def test_other_text_stays(mask: Mask, text: str) -> None:
    """A part of a secret is none."""
    assert mask.text(text) == text


def test_of_two_secrets_the_longer_one_is_hidden_whole() -> None:
    """One may begin as another does."""
    assert Mask(["token", "token-for-production"]).text("token-for-production, token") == "***, ***"


def test_short_lines_of_a_secret_stay() -> None:
    """`}` alone would be hidden in every line of a program."""
    assert Mask(['{\n"key": "abcdef"\n}']).text('{} "key": "abcdef"') == "{} ***"


def test_log_lines_are_hidden_and_remain_lines(mask: Mask) -> None:
    """One message, or many lines at once."""
    write = LogWriteEvent(name="load", severity=Severity.INFO, message=f"a {SECRET}")
    lines = LogLinesEvent(name="load", severity=Severity.ERROR, lines=f"a\nb {SECRET}\nc")

    assert mask.event(write).message == "a ***"
    assert mask.event(lines).lines == "a\nb ***\nc"
    assert mask.event(lines).timestamp == lines.timestamp


def test_names_are_not_hidden() -> None:
    """By its name a task is found again."""
    mask = Mask(["load", "stopped"])

    assert mask.event(LogStartEvent(name="load", job_name="load")).name == "load"
    assert mask.event(JobStopping(why="stopped", running=1, grace_seconds=1.0)).why == "stopped"


def test_an_event_without_secrets_is_the_same_one(mask: Mask) -> None:
    """Nothing is copied without need."""
    event = LogWriteEvent(name="load", severity=Severity.INFO, message="ordinary")

    assert mask.event(event) is event


def test_an_outcome_tells_no_secret_and_keeps_its_result(mask: Mask) -> None:
    """Message, traceback and errors of hooks are for people; the result is for tasks, but hidden from the world."""
    outcome = Outcome.failed(f"ValueError: {SECRET}").but(
        traceback=f"...\n    connect({SECRET!r})\n",
        hook_errors=(f"on_destroy: {SECRET}",),
        result=json.dumps(SECRET),
        shared={"a": json.dumps(SECRET)},
    )
    move = ExecutionStateTransition(
        name="load", from_state=ExecutionState.RUNNING, to_state=ExecutionState.FAILED, outcome=outcome
    )

    hidden = mask.outcome(outcome)
    told = mask.event(move).outcome

    assert told is not None
    assert told.but(result=outcome.result, shared=outcome.shared) == hidden
    assert (told.result, told.shared) == ('"***"', {"a": '"***"'})
    assert hidden.message == "ValueError: ***"
    assert hidden.traceback == "...\n    connect('***')\n"
    assert hidden.hook_errors == ("on_destroy: ***",)
    assert hidden.result == outcome.result
    assert hidden.shared == outcome.shared


def test_without_secrets_nothing_is_done() -> None:
    """A mask of nothing is false."""
    mask = Mask()
    outcome = Outcome.failed("x")

    assert not mask
    assert mask.text("x") == "x"
    assert mask.outcome(outcome) is outcome
    assert Mask([SECRET])


@pytest.mark.parametrize(
    ("text", "hidden"), [('{"a":"x87654321"}', '{"a":"x***"}'), ('{"a":87654321}', '"***"'), ("1", "1"), ("[1]", "[1]")]
)
def test_a_hidden_value_can_still_be_read(text: str, hidden: str) -> None:
    """Of a secret that is a number too, nothing is left that were JSON."""
    assert Mask(["87654321"]).encoded(text) == hidden
