"""Family: the members of a group, of a fan, or of a task that added further ones, and what they come to together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import ClassVar

from ..attempt import Outcome
from ..eventbus.execution import UNSUCCESSFUL, ExecutionState
from ..jobdefinition.task_definition import TaskDefinition

_S = ExecutionState
_WAITING = ord(_S.PENDING.value)

DEFAULT_WINDOW = 1000
"""So many items of a fan are under way at the same time, if nothing else limits them."""


class Family:
    """What has become of the members so far."""

    members_are: ClassVar[str] = "tasks"

    __slots__ = (
        "aborted",
        "allowed_failures",
        "broken",
        "cause",
        "failed",
        "is_open",
        "left",
        "members",
        "stops_on_failure",
    )

    def __init__(self, members: Sequence[str], *, allowed_failures: int = 0, stops_on_failure: bool = False) -> None:
        self.members = members
        self.left = len(members)
        self.allowed_failures = allowed_failures
        self.stops_on_failure = stops_on_failure
        self.is_open = False
        """The members may start."""
        self.failed = 0
        """Members that did not complete."""
        self.broken = 0
        """Those of them that had begun."""
        self.aborted = 0
        self.cause = ""
        """The first member that did not complete."""

    @property
    def has_failed(self) -> bool:
        """More members failed than may."""
        return self.failed > self.allowed_failures

    @property
    def is_to_stop(self) -> bool:
        """More members failed than may, and nothing more is to start then. One that was held back stops nobody."""
        return self.stops_on_failure and self.broken > self.allowed_failures

    @property
    def state(self) -> ExecutionState:
        """What the members come to, once all have ended."""
        if self.aborted:
            return _S.ABORTED
        return _S.FAILED if self.has_failed else _S.COMPLETED

    @property
    def outcome(self) -> Outcome | None:
        """The same in words; None if there is nothing to say."""
        if self.aborted:
            return Outcome.aborted()
        if not self.failed:
            return None
        message = f"{self.failed} of its {len(self.members)} {self.members_are} did not complete, {self.cause!r} first"
        return Outcome.failed(message) if self.has_failed else Outcome.completed().but(message=message)

    def ended(self, name: str, state: ExecutionState) -> None:
        """A member ended."""
        self.left -= 1
        if state is _S.ABORTED:
            self.aborted += 1
        elif state in UNSUCCESSFUL:
            self.failed += 1
            self.broken += state is _S.FAILED
        if state in UNSUCCESSFUL and not self.cause:
            self.cause = name


class Fan(Family):
    """A task that is performed once for each item. Only items that are under way have an entry in the plan."""

    members_are: ClassVar[str] = "items"

    __slots__ = ("kept", "name", "numbers", "position", "states", "under_way", "window")

    def __init__(
        self, name: str, keys: Sequence[str], *, allowed_failures: int, stops_on_failure: bool, window: int | None
    ) -> None:
        """`keys` are those of the items, in order; `window` is how many may be under way."""
        super().__init__(keys, allowed_failures=allowed_failures, stops_on_failure=stops_on_failure)
        self.name = name
        self.window = window or DEFAULT_WINDOW
        self.position = 0
        self.under_way = 0
        self.kept = 0
        """Items that completed before, in the run that is continued."""
        self.states = bytearray((_WAITING,)) * len(keys)
        """The letter of the state of each item."""
        self.numbers: dict[int, int] = {}
        """Number of the last attempt of each item that had more than one, by position."""

    def next_positions(self) -> Iterator[int]:
        """Positions of items that may be considered now; each counts as under way when it is taken."""
        while self.under_way < self.window and self.position < len(self.members):
            self.position += 1
            if self._waits(self.position - 1):
                self.under_way += 1
                yield self.position - 1

    def keep(self, position: int) -> None:
        """Take over an item that completed before. Called before any other is considered."""
        self.settle(position, _S.COMPLETED)
        self.ended(self.item(position), _S.COMPLETED)
        self.kept += 1

    def take_over(self, position: int, state: ExecutionState) -> None:
        """The same for an item about which there is more to be said: it is under way until then."""
        self.settle(position, state)
        self.under_way += 1
        self.kept += state is _S.COMPLETED

    def _waits(self, position: int) -> bool:
        return self.states[position] == _WAITING

    def item(self, position: int) -> str:
        """The full name of an item."""
        return item_name(self.name, self.members[position])

    def settle(self, position: int, state: ExecutionState) -> None:
        """Keep the state of an item that ended, or that never started."""
        self.states[position] = ord(state.value)

    def leave_out_rest(self, state: ExecutionState) -> None:
        """The items that were not considered yet are not started any more."""
        for position in range(self.position, len(self.members)):
            if self._waits(position):
                self.settle(position, state)
                self.ended(self.name, state)
        self.position = len(self.members)

    @property
    def counts(self) -> Counter[ExecutionState]:
        """How many items are in which state."""
        return Counter({_S(chr(letter)): number for letter, number in Counter(self.states).items()})

    def states_by_name(self) -> Iterator[tuple[str, ExecutionState]]:
        """Where every item stands."""
        for position, letter in enumerate(self.states):
            yield self.item(position), _S(chr(letter))


def group_of(task: TaskDefinition, members: tuple[str, ...]) -> Family:
    """The family of a group, of whose members none has started."""
    from ..items.failures import failures_allowed

    allowed = failures_allowed(task.allow_failures, len(members))
    return Family(members, allowed_failures=allowed, stops_on_failure=task.stops_on_failure)


def item_name(fan: str, key: str) -> str:
    """How an item is called: `NAME[key]`."""
    return f"{fan}[{key}]"
