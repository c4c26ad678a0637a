"""Orders: what a worker is told from outside, by operators and by its own heartbeat, and what follows from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from ..attempt import Reason
from ..frq.consumer import Beat, Lease
from ..frq.control_message import ControlMessage
from .delivery import GRACE_SECONDS, Delivery
from .heartbeat import ASK_AT, KILL_AT
from .holdings import Holdings
from .intake import Intake
from .reach import Reach


class Orders:
    """Passes on what is told to those whom it concerns."""

    def __init__(
        self,
        holdings: Holdings[Delivery],
        intake: Intake,
        reach: Reach,
        grace_seconds: float,
        say: Callable[[str], None],
    ) -> None:
        """`grace_seconds` is what attempts have to end when the worker is told to end by a signal."""
        self.grace_seconds = grace_seconds
        self.is_to_end = asyncio.Event()
        self.is_to_end_now = asyncio.Event()
        self.signals: list[int] = []
        self.refusal = ""
        """Why Redis lets this worker do no more."""
        self._holdings = holdings
        self._intake = intake
        self._reach = reach
        self._say = say

    def signalled(self, number: int) -> None:
        """A signal came: the first one ends the worker, the second one at once."""
        self.signals.append(number)
        (self.is_to_end_now if self.is_to_end.is_set() else self.is_to_end).set()

    def told(self, message: ControlMessage) -> None:
        """An operator, or a client, said something."""
        match message.kind:
            case "cancel":
                self._cancel(message.id, 0.0 if message.is_hard else message.grace_ms / 1000)
            case "drain":
                self.grace_seconds = message.grace_ms / 1000
                self._say("told to end, through the queue")
                self.is_to_end.set()
            case "pause" if not self._intake.is_paused:
                self._intake.pause()
                self._say("paused: nothing is taken until it is told to go on")
            case "resume" if self._intake.is_paused:
                self._intake.resume()
                self._say("taking attempts again")

    def beaten(self, leases: Sequence[Lease], beat: Beat) -> None:
        """Leases were renewed, but for those that are lost."""
        self._reach.met()
        for entry, number, _id in leases:
            if entry in beat.lost and (delivery := self._holdings.find((entry, number))):
                delivery.lose()
        for attempt_id in beat.cancelled:
            self._cancel(attempt_id, GRACE_SECONDS)

    def refused(self, why: str) -> None:
        """Redis does not let leases be renewed, and never will: the worker ends at once."""
        self.refusal = why
        self.is_to_end.set()
        self.is_to_end_now.set()

    def missed(self, why: str, silent_leases: float) -> None:
        """Redis did not answer. Attempts end before others have them."""
        self._reach.missed(why)
        if silent_leases < ASK_AT:
            return
        for delivery in self._holdings:
            if delivery.is_over.is_set():
                continue  # it is a result now, and Redis knows whether it still counts
            if not delivery.is_lost:
                self._say(f"the lease of {delivery.message.id} cannot be renewed: it is stopped")
            delivery.lose()
            if silent_leases >= KILL_AT:
                delivery.kill()

    def _cancel(self, attempt_id: str, grace_seconds: float) -> None:
        for delivery in self._holdings.of_attempt(attempt_id):
            if grace_seconds:
                delivery.abort(Reason.ABORTED, grace_seconds)
            else:
                delivery.kill()
