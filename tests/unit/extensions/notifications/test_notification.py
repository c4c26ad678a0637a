"""Notification: what is sent, and what happens when it does not get through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import pytest
from pydantic import PrivateAttr, SecretStr, ValidationError

from flowrun.attempt import Outcome, Reason
from flowrun.eventbus.execution import (
    ApprovalEvent,
    ExecutionState,
    ExecutionStateTransition,
    SerializableExecutionEvent,
)
from flowrun.extensions.notifications import Notification
from flowrun.extensions.notifications.email import EmailNotification
from flowrun.extensions.notifications.pushover import PushoverNotification
from flowrun.extensions.notifications.slack import SlackWebhookNotification

Ending = Literal["success", "failure", "abort"]
S = ExecutionState


def _nothing() -> None:
    """Let the message through."""


class Recording(Notification):
    """Keeps what it should send; `fail` is called before."""

    token: SecretStr = SecretStr("s3cr3t-token")

    _sent: list[tuple[str, str]] = PrivateAttr(default_factory=list)
    _fail: Callable[[], Any] = PrivateAttr(default_factory=lambda: _nothing)

    async def send_notification(self, title: str, msg: str) -> None:
        waiting = self._fail()
        if waiting is not None:
            await waiting
        self._sent.append((title, msg))


def moved(name: str, to: ExecutionState, message: str = "") -> ExecutionStateTransition:
    outcome = Outcome(Reason.RAISED, message) if message else None
    return ExecutionStateTransition(name=name, from_state=S.RUNNING, to_state=to, outcome=outcome)


def notified(
    notification: Recording, ending: Ending, transitions: Sequence[SerializableExecutionEvent] = ()
) -> list[tuple[str, str]]:
    """What was sent about a job of this ending."""

    async def scenario() -> None:
        notification.introduce("nightly")
        await notification.on_create()
        for transition in transitions:
            await notification.update(transition)
        await getattr(notification, f"on_{ending}")()
        await notification.on_destroy()

    asyncio.run(scenario())
    return notification._sent


@pytest.mark.parametrize(("ending", "word"), [("success", "SUCCESS"), ("failure", "FAILURE"), ("abort", "ABORTED")])
def test_start_and_end_of_a_job_are_told(ending: Ending, word: str) -> None:
    """A message at the start and one at the end, with the job's name, the time and the duration (FM-83, X-FM-26)."""
    (first_title, first), (last_title, last) = notified(Recording(), ending)

    assert first_title == "Flowrun Job Notification: STARTING"
    assert last_title == f"Flowrun Job Notification: {word}"
    assert first.startswith("Job nightly started at 20")
    assert last.startswith("Job nightly ")
    assert " after 0.0s." in last


@pytest.mark.parametrize("ending", ["success", "failure", "abort"])
def test_each_message_can_be_switched_off(ending: Ending) -> None:
    """Each switch suppresses its own message (FM-83)."""
    (only_start,) = notified(Recording(**{f"notify_on_{ending}": False}), ending)
    (only_end,) = notified(Recording(notify_on_create=False), ending)

    assert only_start[0].endswith("STARTING")
    assert not only_end[0].endswith("STARTING")


def test_a_failure_names_the_tasks_and_the_reasons() -> None:
    """Failed, held back and stopped tasks are listed (FM-83)."""
    transitions = [
        moved("fine", S.COMPLETED),
        moved("load", S.FAILED, "ValueError: no rows\nin \x1b file"),
        moved("publish", S.DEFAULTED),
        moved("slow", S.ABORTED),
    ]

    _, (_, message) = notified(Recording(), "failure", transitions)

    assert message.split("\n")[1:] == [
        "Failed: load (ValueError: no rows in \\x1b file)",
        "Held back: publish",
        "Stopped: slow",
    ]


def test_a_message_stays_short() -> None:
    """Of a thousand failed tasks ten are named and the others counted."""
    _, (_, message) = notified(Recording(), "failure", [moved(f"t{n}", S.FAILED, "x" * 5000) for n in range(1000)])

    assert message.endswith(" and 990 more")
    assert len(message) < 4000


def failing() -> None:
    raise RuntimeError("cannot post to s3cr3t-token\nnow")


def test_a_message_that_fails_is_one_notice_without_secrets() -> None:
    """Both messages are tried; the notice says why the first failed, and shows no secret (FM-84, X-FM-11)."""
    notification = Recording()
    notification._fail = failing

    assert notified(notification, "failure") == []
    assert notification.notices == ["could not send STARTING and FAILURE: RuntimeError: cannot post to *** now"]


def test_a_failed_start_does_not_keep_the_end_from_being_told() -> None:
    """A service that was away at the start is tried again at the end."""
    errors = [RuntimeError("away")]
    notification = Recording()

    def fail_once() -> None:
        if errors:
            raise errors.pop()

    notification._fail = fail_once

    assert [title for title, _ in notified(notification, "abort")] == ["Flowrun Job Notification: ABORTED"]


def test_a_message_that_hangs_is_given_up() -> None:
    """The deadline ends it, and the job goes on (X-FM-26)."""
    notification = Recording(timeout_seconds=0.05)
    notification._fail = lambda: asyncio.Event().wait()

    assert notified(notification, "success") == []
    assert notification.notices == ["could not send STARTING and SUCCESS: no answer within 0.05 s"]


def test_the_start_of_the_job_does_not_wait_for_the_message() -> None:
    """on_create returns before the message is sent."""
    notification = Recording()

    async def scenario() -> int:
        await notification.on_create()
        sent = len(notification._sent)
        await notification.on_success()
        return sent

    assert asyncio.run(scenario()) == 0
    assert len(notification._sent) == 2


@pytest.mark.parametrize(
    ("cls", "parameters", "what"),
    [
        (SlackWebhookNotification, {}, "webhook"),
        (SlackWebhookNotification, {"webhook": "file:///etc/passwd"}, "must begin with http:// or https://"),
        (PushoverNotification, {"app_token": "a"}, "user_key"),
        (EmailNotification, {"recipient": "a@b.c"}, "smtp_host"),
    ],
)
def test_wrong_parameters_are_found_before_the_job_starts(
    cls: type[Notification], parameters: dict[str, str], what: str
) -> None:
    """A notification that cannot work is refused with the job file."""
    with pytest.raises(ValidationError, match=what):
        cls(**parameters)


@pytest.mark.parametrize(
    "more",
    [
        {"use_tls": True, "use_starttls": True},
        {"login_user": "me"},
        {"login_password": "s3cr3t"},
    ],
)
def test_mail_options_that_contradict_each_other_are_refused(more: dict[str, Any]) -> None:
    """Two ways of TLS at once, or half a login (FM-86)."""
    mail = {"recipient": "a@b.c", "smtp_host": "localhost", "smtp_port": 25, "sender_user": "me", "sender_host": "b.c"}

    with pytest.raises(ValidationError) as refused:
        EmailNotification(**mail, **more)

    assert "s3cr3t" not in str(refused.value)


def test_secrets_are_not_shown() -> None:
    """A notification that is printed shows no webhook, token or password."""
    shown = repr(
        [
            SlackWebhookNotification(webhook="https://hooks.example/s3cr3t"),
            PushoverNotification(app_token="s3cr3t", user_key="s3cr3t"),
        ]
    )

    assert "s3cr3t" not in shown


def test_a_task_that_waits_for_a_person_is_told() -> None:
    """With the command that answers; an answer is no message, and it can be switched off."""
    asked = ApprovalEvent(name="publish", run="7f3a", question="Publish?", since="")
    news = [asked, replace(asked, answer="approved")]

    titles = dict(notified(Recording(), "success", news))
    without = dict(notified(Recording(notify_on_approval=False), "success", news))

    assert titles["Flowrun Job Notification: WAITING"] == (
        "Job nightly waits for an approval of publish: Publish?\nflowrun approve 7f3a publish"
    )
    assert len(titles) == 3
    assert "Flowrun Job Notification: WAITING" not in without
