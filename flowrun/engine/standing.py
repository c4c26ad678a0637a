"""Standing: where every task of a job stands. Nothing else moves a state."""

from __future__ import annotations

from collections.abc import Iterator

from ..attempt import Outcome
from ..errors import IllegalTransition
from ..eventbus.execution import MAY_FOLLOW, TERMINAL, UNSUCCESSFUL, ExecutionState
from ..jobdefinition.task_definition import TaskDefinition
from .entry import Entry, Past
from .family import Family, Fan
from .instruction import Move


class Standing:
    """Where every task stands, as far as others may ask."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._entries: dict[str, Entry] = {}
        self._families: dict[str, Family] = {}
        self._items: dict[str, tuple[Fan, int]] = {}
        self._stand_ins: dict[str, str] = {}
        self._moves: list[Move] = []
        self._left = 0
        self._detached_left = 0
        self._is_stopping = False

    @property
    def is_finished(self) -> bool:
        """Every task has ended."""
        return self._left == 0

    @property
    def is_over(self) -> bool:
        """Every task has ended but those that nobody waits for."""
        return self._left == self._detached_left

    @property
    def is_stopping(self) -> bool:
        """Nothing more is started, but what cleans up."""
        return self._is_stopping

    def state(self, name: str) -> ExecutionState:
        """Where a task, or an item that is under way, stands."""
        return self._entries[name].state

    def states(self) -> dict[str, ExecutionState]:
        """Where every task stands, in file order; the items of a fan after it."""
        return dict(self._walk())

    def _walk(self) -> Iterator[tuple[str, ExecutionState]]:
        for name, entry in self._entries.items():
            if name not in self._items:
                yield name, entry.state
                if isinstance(fan := self._families.get(name), Fan):
                    yield from self._walk_items(fan)

    def _walk_items(self, fan: Fan) -> Iterator[tuple[str, ExecutionState]]:
        for item, state in fan.states_by_name():
            entry = self._entries.get(item)
            yield item, state if entry is None else entry.state

    def names(self) -> list[str]:
        """The tasks of the job in file order, then those that were added; no items."""
        return [name for name in self._entries if name not in self._items]

    def knows(self, name: str) -> bool:
        """It is a task, or an item that is under way."""
        return name in self._entries

    def fan(self, name: str) -> Fan | None:
        """The items of a task that is performed for each item; None before they are known."""
        family = self._families.get(name)
        return family if isinstance(family, Fan) else None

    def around(self, name: str) -> list[str]:
        """The groups that a task is in, and the tasks that added it, from the inside out."""
        found = []
        entry = self._entries.get(name)
        while entry is not None and entry.parent is not None:
            found.append(entry.parent)
            entry = self._entries.get(entry.parent)
        return found

    def has_members(self, name: str) -> bool:
        """It is a group or a fan, or has added tasks."""
        return name in self._families

    def item(self, name: str) -> tuple[str, int]:
        """The fan and the position of an item that is under way."""
        fan, position = self._items[name]
        return fan.name, position

    def base(self, name: str) -> str:
        """The task that the job defines: the fan of an item that is under way, else the task itself."""
        found = self._items.get(name)
        return name if found is None else found[0].name

    def stand_in(self, name: str) -> str:
        """The task whose result is that of `name`: itself, if it added none to stand in for it."""
        while name in self._stand_ins:
            name = self._stand_ins[name]
        return name

    def definition(self, name: str) -> TaskDefinition:
        """What the job says of a task; for an item, of its fan."""
        return self._entries[name].definition

    def definition_of_item(self, name: str) -> TaskDefinition:
        """What the job says of the task of which an item was that has ended."""
        return self._entries[self._fan_of(name) or name].definition

    def attempts(self) -> dict[str, int]:
        """Number of the last attempt of each task that had one."""
        numbers = {name: entry.number for name, entry in self._entries.items() if entry.number}
        for family in self._families.values():
            if isinstance(family, Fan):
                numbers.update((family.item(position), number) for position, number in family.numbers.items())
        return numbers

    def number(self, name: str) -> int:
        """Number of the last attempt of a task; 0 if it had none."""
        return self._entries[name].number

    def tries(self, name: str) -> int:
        """How many attempts of a task this plan has started."""
        entry = self._entries.get(name)
        return 1 if entry is None else entry.number - self._past.attempts.get(name, 0)  # an item that has ended had one

    def may_be_under_way(self, name: str, number: int) -> bool:
        """An earlier life of the run has begun the attempt, and it may go on elsewhere."""
        past = self._past
        return bool(past.outlived) and name in past.outlived and number == past.attempts.get(name, 0) + 1

    @property
    def has_succeeded(self) -> bool:
        """Nothing failed but what may; to be asked when every task has ended."""
        return not any(
            entry.state in UNSUCCESSFUL or self._failed_later(name)
            for name, entry in self._entries.items()
            if entry.parent is None and not entry.is_detached
        )

    @property
    def has_failed(self) -> bool:
        """A task failed that may not, to be asked when every task has ended. One that was stopped has not failed."""
        return any(
            entry.state is ExecutionState.FAILED and not self.may_have_failed(name)
            for name, entry in self._entries.items()
        )

    def may_have_failed(self, name: str) -> bool:
        """A task or an item failed, and a group or fan that it is in has completed all the same."""
        entry = self._entries.get(name)
        if entry is not None and entry.is_detached:
            return True
        parent = entry.parent if entry is not None else self._fan_of(name)
        while parent is not None:
            owner = self._entries.get(parent)
            if owner is None:  # an item that has ended, of which an added task failed
                parent = self._fan_of(parent)
                continue
            if owner.state is ExecutionState.COMPLETED and not self._failed_later(parent):
                return True
            parent = owner.parent
        return False

    def _failed_later(self, name: str) -> bool:
        """The task completed, and what it added failed."""
        family = self._families.get(name)
        return family is not None and (family.has_failed or bool(family.aborted))

    def _fan_of(self, item: str) -> str | None:
        ends = (at for at, sign in enumerate(item) if sign == "[")
        return next((item[:at] for at in ends if isinstance(self._families.get(item[:at]), Fan)), None)

    def held_back_by(self, name: str) -> str:
        """The dependency that did not complete, for a task that was held back."""
        entry = self._entries[name]
        return entry.cause if entry.state is ExecutionState.DEFAULTED else ""

    def take_moves(self) -> list[Move]:
        """What has moved since the last call, in order."""
        moves, self._moves = self._moves, []
        return moves

    def _move(self, name: str, to: ExecutionState, outcome: Outcome | None = None, pause: float = 0.0) -> None:
        entry = self._entries[name]
        if to not in MAY_FOLLOW[entry.state]:
            raise IllegalTransition(name, entry.state.name, to.name)
        is_sought = to is ExecutionState.RUNNING and self.may_be_under_way(name, entry.number)
        self._moves.append(Move(name, entry.state, to, entry.number, outcome, pause, is_sought))
        entry.state = to
        if to in TERMINAL:
            self._left -= 1
            self._detached_left -= entry.is_detached
