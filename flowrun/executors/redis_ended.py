"""Ended: the attempts of which nothing is wanted any more."""

from __future__ import annotations


class Ended:
    """Ids of attempts that have ended a short time ago: what is said of one once more is of no earlier life of the run.

    They are forgotten in two steps, so that each stays for as long as lies between two calls of `forget`, or longer.
    """

    def __init__(self) -> None:
        self._late: set[str] = set()
        self._early: set[str] = set()

    def add(self, attempt_id: str) -> None:
        """An attempt has ended."""
        self._late.add(attempt_id)

    def __contains__(self, attempt_id: object) -> bool:
        return attempt_id in self._late or attempt_id in self._early

    def __len__(self) -> int:
        return len(self._late) + len(self._early)

    def forget(self) -> None:
        """What was there at the last call goes."""
        self._early, self._late = self._late, set()
