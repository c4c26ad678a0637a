"""Notification: the contract of extensions that tell people how a job goes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from abc import abstractmethod
from datetime import datetime

from pydantic import ConfigDict, Field, PrivateAttr, SecretStr

from ...duration import duration
from ...eventbus.execution import (
    ApprovalEvent,
    ExecutionState,
    ExecutionStateTransition,
    SerializableExecutionEvent,
)
from ...plaintext import as_argument, plain_line
from ..extension import Extension

_TITLE = "Flowrun Job Notification"
_MOST_NAMES = 10
_LONGEST_REASON = 200
_LISTED = {
    ExecutionState.FAILED: "Failed",
    ExecutionState.DEFAULTED: "Held back",
    ExecutionState.ABORTED: "Stopped",
}


class Notification(Extension):
    """Sends a message when a job starts and when it ends. A message that does not get through is a notice only."""

    model_config = ConfigDict(hide_input_in_errors=True)

    notify_on_create: bool = Field(default=True, description="Send a message when the job starts.")
    notify_on_success: bool = Field(default=True, description="Send a message when every task completed.")
    notify_on_failure: bool = Field(default=True, description="Send a message when a task failed.")
    notify_on_approval: bool = Field(default=True, description="Send a message when a task waits for an approval.")
    notify_on_abort: bool = Field(default=True, description="Send a message when the job was stopped.")
    timeout_seconds: float = Field(default=8.0, gt=0, lt=10, description="A message that takes longer is given up.")

    _job_name: str = PrivateAttr(default="")
    _began: float = PrivateAttr(default_factory=time.monotonic)
    _on_their_way: set[asyncio.Task[None]] = PrivateAttr(default_factory=set)
    _tasks: dict[ExecutionState, dict[str, str]] = PrivateAttr(default_factory=lambda: _no_tasks())
    _unsent: list[str] = PrivateAttr(default=[])
    _why: str = PrivateAttr(default="")

    @abstractmethod
    async def send_notification(self, title: str, msg: str) -> None:
        """Called for each message. Raises if it does not get through; must not block the event loop."""

    @property
    def notices(self) -> list[str]:
        """Which messages did not get through, and why the first did not."""
        return [f"could not send {' and '.join(self._unsent)}: {self._why}"] if self._unsent else []

    def introduce(self, job_name: str) -> None:
        """Learn the name of the job."""
        self._job_name = plain_line(job_name)

    async def on_create(self) -> None:
        """Send STARTING; the job does not wait for it."""
        self._began = time.monotonic()
        if self.notify_on_create:
            message = f"{self._job} started at {_local_time()}."
            self._send_beside("STARTING", message)

    async def update(self, e: SerializableExecutionEvent) -> None:
        """Remember tasks that did not complete, for the last message; send WAITING for one that waits for a person."""
        if isinstance(e, ApprovalEvent) and not e.answer and self.notify_on_approval:
            name, question = plain_line(e.name), plain_line(e.question)
            command = f"flowrun approve {e.run} {as_argument(e.name)}"
            self._send_beside("WAITING", f"{self._job} waits for an approval of {name}: {question}\n{command}")
        if isinstance(e, ExecutionStateTransition) and e.to_state in _LISTED:
            reason = plain_line(e.outcome.message)[:_LONGEST_REASON] if e.outcome else ""
            self._tasks[e.to_state][plain_line(e.name)] = reason

    async def on_success(self) -> None:
        """Send SUCCESS."""
        await self._end("SUCCESS", "completed", is_wanted=self.notify_on_success)

    async def on_failure(self) -> None:
        """Send FAILURE."""
        await self._end("FAILURE", "failed", is_wanted=self.notify_on_failure)

    async def on_abort(self) -> None:
        """Send ABORTED."""
        await self._end("ABORTED", "was stopped", is_wanted=self.notify_on_abort)

    @property
    def _job(self) -> str:
        return f"Job {self._job_name}" if self._job_name else "The job"

    async def _end(self, word: str, verb: str, *, is_wanted: bool) -> None:
        """Send the last message after the others, all within one deadline."""
        deadline = time.monotonic() + self.timeout_seconds
        if self._on_their_way:
            await asyncio.wait(self._on_their_way, timeout=self.timeout_seconds)
        if is_wanted:
            took = duration(time.monotonic() - self._began)
            first = f"{self._job} {verb} at {_local_time()} after {took}."
            await self._send(word, "\n".join([first, *self._listed()]), max(0.0, deadline - time.monotonic()))

    def _listed(self) -> list[str]:
        """Which tasks did not complete, and why, as far as a message can hold."""
        lines = []
        for state, word in _LISTED.items():
            tasks = self._tasks[state]
            shown = [f"{name} ({reason})" if reason else name for name, reason in list(tasks.items())[:_MOST_NAMES]]
            more = f" and {len(tasks) - len(shown)} more" if len(tasks) > len(shown) else ""
            lines += [f"{word}: {', '.join(shown)}{more}"] if shown else []
        return lines

    def _send_beside(self, word: str, message: str) -> None:
        """Send a message for which nobody waits now."""
        sending = asyncio.get_running_loop().create_task(self._send(word, message))
        self._on_their_way.add(sending)
        sending.add_done_callback(self._on_their_way.discard)

    async def _send(self, word: str, message: str, seconds: float | None = None) -> None:
        try:
            async with asyncio.timeout(self.timeout_seconds if seconds is None else seconds):
                await self.send_notification(f"{_TITLE}: {word}", message)
        except TimeoutError:
            self._note(word, f"no answer within {self.timeout_seconds:g} s")
        except Exception as error:
            self._note(word, f"{type(error).__name__}: {self._without_secrets(error)}")

    def _note(self, word: str, why: str) -> None:
        self._unsent.append(word)
        self._why = self._why or why

    def _without_secrets(self, error: Exception) -> str:
        text = "(its message cannot be shown)"
        with contextlib.suppress(Exception):
            text = plain_line(str(error))
        for name in type(self).model_fields:
            value = getattr(self, name)
            for secret in value if isinstance(value, list) else [value]:
                if isinstance(secret, SecretStr) and secret.get_secret_value():
                    text = text.replace(secret.get_secret_value(), "***")
        return text[:_LONGEST_REASON]


def _no_tasks() -> dict[ExecutionState, dict[str, str]]:
    return {state: {} for state in _LISTED}


def _local_time() -> str:
    return datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
