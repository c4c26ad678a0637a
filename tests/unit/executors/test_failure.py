"""What becomes of an exception: reason, one line, names, place, and a traceback of the user's own frames."""

from __future__ import annotations

import traceback
from typing import Self

import pytest
from pydantic import BaseModel, ValidationError, model_validator

from flowrun.attempt import Outcome, Reason
from flowrun.errors import PermanentError
from flowrun.executors.failure import outcome_of, refusal_of, said_by, traceback_of


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def caught(error: BaseException) -> BaseException:
    """The error as it is after somebody raised it here."""
    try:
        raise error
    except BaseException as raised:
        return raised


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("no rows"), "ValueError: no rows"),
        (KeyError("k"), "KeyError: 'k'"),
        (ValueError(), "ValueError"),
        (Mute(), "Mute: (its str() raised RuntimeError)"),
        (SystemExit(3), "exit status 3"),
        (SystemExit("why"), "SystemExit: why"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
    ],
)
def test_an_exception_in_one_line(error: BaseException, said: str) -> None:
    """Whatever its `str()` does."""
    assert said_by(error) == said


def test_a_long_message_is_cut() -> None:
    """No exception fills the memory of the runner."""
    assert len(said_by(ValueError("x" * 1_000_000))) < 20_000
    assert len(traceback_of(caught(ValueError("x" * 1_000_000)))) < 20_000


@pytest.mark.parametrize(
    ("error", "reason", "status"),
    [
        (ValueError("x"), Reason.RAISED, None),
        (MemoryError(), Reason.OUT_OF_MEMORY, None),
        (SystemExit(3), Reason.EXITED, 3),
        (SystemExit("why"), Reason.EXITED, 1),
        (KeyboardInterrupt(), Reason.RAISED, None),
    ],
)
def test_the_reason_is_one_of_a_closed_list(error: BaseException, reason: Reason, status: int | None) -> None:
    """With the exit status where there is one. X-FM-01"""
    outcome = outcome_of(caught(error))

    assert (outcome.reason, outcome.exit_status) == (reason, status)
    assert outcome.is_failed


def test_names_of_the_class_and_its_bases_come_nearest_first() -> None:
    """What `retry_on` is compared with."""
    assert outcome_of(caught(ConnectionResetError())).error_types == (
        "ConnectionResetError",
        "ConnectionError",
        "OSError",
        "Exception",
        "BaseException",
    )


def test_the_place_is_in_the_users_code() -> None:
    """The deepest frame of the project, not of a library it calls. FM-48"""
    try:
        traceback.format_list(5)  # type: ignore[arg-type]
    except TypeError as error:
        outcome = outcome_of(error)

    assert outcome.place is not None
    assert outcome.place[0] == __file__


def test_the_traceback_ends_with_the_exception_and_tells_its_cause() -> None:
    """As Python prints it."""
    try:
        try:
            raise KeyError("first")
        except KeyError as first:
            raise ValueError("second") from first
    except ValueError as second:
        text = traceback_of(second)

    assert text.rstrip().endswith("ValueError: second")
    assert "KeyError: 'first'" in text
    assert "direct cause" in text


def test_an_exception_that_cannot_be_shown_still_has_a_traceback() -> None:
    """Its frames are told."""
    text = traceback_of(caught(Mute()))

    assert "raise error" in text
    assert "Mute" in text


def test_an_outcome_of_an_exception_has_a_json_form() -> None:
    """It comes back from it unchanged."""
    outcome = outcome_of(caught(ValueError("x")))

    assert Outcome.from_body(outcome.body()) == outcome


def test_parameters_that_do_not_fit_are_told_without_the_words_of_a_library() -> None:
    """Each with its name and what was found; no frame of the library is shown as the place."""

    class Load(BaseModel):
        rows: int
        names: list[str]

        @model_validator(mode="after")
        def refuse(self) -> Self:
            raise ValueError("nothing fits")

    def refused(**given: object) -> Outcome:
        with pytest.raises(ValidationError) as caught:
            Load.model_validate(given)
        return refusal_of(caught.value, "Load")

    outcome = refused(rows="many", names=["a", 1])

    assert outcome.message == (
        "ValidationError: the parameters do not fit Load: `rows`: Input should be a valid integer, unable to parse "
        "string as an integer, found 'many'; `names.1`: Input should be a valid string, found 1"
    )
    assert (outcome.place, outcome.error_types[0]) == (None, "ValidationError")
    assert "pydantic" not in outcome.traceback
    assert refused(rows=1, names=[]).message == "ValidationError: the parameters do not fit Load: nothing fits"


class NoSuchAccount(PermanentError):
    """One of a user's own."""


def test_a_permanent_error_is_final() -> None:
    """Itself and subclasses, also when raised from another error; after any other exception another try may help."""
    with pytest.raises(PermanentError) as raised:
        raise PermanentError("no account") from KeyError("bob")

    assert outcome_of(raised.value).is_final
    assert outcome_of(caught(NoSuchAccount("bob"))).is_final
    assert not outcome_of(caught(KeyError("bob"))).is_final
