"""RunTree: the tasks of a run, each with its state, members and items below their group or fan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..checkpointer.checkpointer import CheckpointContents
from ..eventbus.execution import ExecutionState
from .printable import harmless
from .task_look import LOOKS

_S = ExecutionState

_MOST_BELOW = 20
"""Of more members or items only those are shown that did not complete."""


class RunTree:
    """The tasks of a run, in the order of the job."""

    def __init__(
        self, states: Mapping[str, ExecutionState], attempts: Mapping[str, int], remarks: Mapping[str, str] = {}
    ) -> None:
        """`remarks` are what else is said of a task."""
        self.states = states
        """By name."""
        self._attempts = attempts
        self._remarks = remarks
        self._below: dict[str, list[str]] = {}
        for name in self.states:
            self._below.setdefault(_parent(name, self.states), []).append(name)

    @classmethod
    def of_checkpoint(cls, run: CheckpointContents) -> RunTree:
        """The tasks of a run that is kept."""
        states = _in_order(run)
        running = [name for name, state in states.items() if state is _S.RUNNING]
        return cls(states, run.attempts, dict.fromkeys(running, "(or cut off)"))

    def text(self, *, has_symbols: bool) -> str:
        """One line for each task."""
        lines = list(self._lines("", "  ", has_symbols=has_symbols))
        width = max((len(left) for left, _ in lines), default=0)
        return "\n".join(f"{left:<{width}}   {right}".rstrip() for left, right in lines)

    def _lines(self, above: str, indent: str, *, has_symbols: bool) -> Iterator[tuple[str, str]]:
        names = self._below.get(above, [])
        shown = names if len(names) <= _MOST_BELOW else self._incomplete(names)
        for name in shown:
            state = self.states[name]
            look = LOOKS["PENDING" if state is _S.INIT else state.name]
            attempts = self._attempts.get(name, 0)
            tries = f"{attempts} attempts" if attempts > 1 else ""
            title = harmless(name.removeprefix(above).removeprefix("/"), 100)
            said = "   ".join(filter(None, (look.word, tries, self._remarks.get(name, ""))))
            yield f"{indent}{f'{look.sign} ' if has_symbols else ''}{title}", said
            yield from self._lines(name, f"{indent}  ", has_symbols=has_symbols)
        if len(shown) < len(names):
            yield f"{indent}… and {len(names) - len(shown):,} more", ""

    def _incomplete(self, names: Sequence[str]) -> Sequence[str]:
        return [name for name in names if self.states[name] is not _S.COMPLETED][:_MOST_BELOW]


def _in_order(run: CheckpointContents) -> dict[str, ExecutionState]:
    states = {name: ExecutionState(letter) for letter, names in run.states.items() for name in sorted(names)}
    return {name: states[name] for name in dict.fromkeys([*run.digests, *states]) if name in states}


def _parent(name: str, known: Mapping[str, ExecutionState]) -> str:
    """The group or fan that a task is in: the longest name of another with which its own begins."""
    cuts = (at for at in range(len(name) - 1, 0, -1) if name[at] in "/[")
    return next((name[:at] for at in cuts if name[:at] in known), "")
