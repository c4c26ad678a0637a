"""Loans: the shared values that a task holds and may change inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from . import values
from .dataclass import dataclass
from .errors import CheckpointInvalidError, SharedValueError

_IMMUTABLE = frozenset({str, int, float, bool, bytes, type(None)})
_IMMUTABLE_MODULES = frozenset({"datetime", "decimal", "pathlib", "pathlib._local", "uuid"})


class SharedValuesPort(Protocol):
    """The shared values, here or in another process. Keys and values are encoded."""

    def get(self, key: str) -> tuple[str | None, int]:
        """The text of a key (None: there is none), and its version."""

    def put(self, key: str, text: str | None, expected_version: int | None = None) -> int | None:
        """Set a key, or delete it (None). Gives its new version, or None if it has another one than expected."""

    def keys(self) -> list[str]:
        """All keys."""


@dataclass(slots=True)
class _Loan:
    """A value, with the text and the version that are kept of it."""

    value: Any
    text: str
    version: int


class Loans:
    """What one attempt has read or set and may still change. Values that cannot change are not remembered.

    Of a key there may be several: after another task set it, the value read before may still be in the hands of
    this one. Keys are encoded.
    """

    def __init__(self, port: SharedValuesPort, changed: Callable[[str], None]) -> None:
        """`changed` is called with each key that was written back."""
        self._port = port
        self._note_changed = changed
        self._loans: dict[str, list[_Loan]] = {}

    def names(self) -> list[str]:
        """The keys of which there are any."""
        return list(self._loans)

    def value(self, name: str, text: str, version: int) -> Any:
        """The value of a text that was just read: the one that the task has already, if it is of this version."""
        loans = self._loans.get(name)
        if loans and loans[-1].version == version:
            return loans[-1].value
        try:
            value = values.decode(text)
        except CheckpointInvalidError as error:
            raise SharedValueError(f"{shown(name)}: {error}") from error
        has_pickle = '"$pickle"' in text  # an object's pickle differs from that of its copy
        self.lend(name, value, values.encode(value) if has_pickle else text, version)
        return value

    def lend(self, name: str, value: Any, text: str, version: int) -> None:
        """Remember a value that the task now has."""
        if not _is_immutable(value):
            self._loans.setdefault(name, []).append(_Loan(value, text, version))

    def forget(self, name: str) -> None:
        """The key was set or deleted: what was read of it is the task's own now."""
        self._loans.pop(name, None)

    def written_back(self, name: str) -> list[str]:
        """Write back what was changed inside. Gives what went wrong, once."""
        errors = []
        for loan in list(self._loans.get(name, ())):
            if error := self._error_of(name, loan):
                errors.append(error)
                self._loans[name].remove(loan)
        return errors

    def _error_of(self, name: str, loan: _Loan) -> str | None:
        try:
            text = values.encode(loan.value)
        except TypeError as error:
            return f"{shown(name)} {error}"
        if text == loan.text:
            return None
        version = self._port.put(name, text, loan.version)
        if version is None:
            return (
                f"{shown(name)} was changed by another task while this task changed something inside of it; "
                "the change of this task is not kept. Give each task a key of its own, or let them depend on each other"
            )
        self._note_changed(name)
        loan.text, loan.version = text, version
        return None


def shown(name: str) -> str:
    """An encoded key as the user writes it."""
    return f"shared_dict[{values.decode(name)!r}]"


def _is_immutable(value: Any) -> bool:
    cls = type(value)
    if cls is tuple or cls is frozenset:
        return all(map(_is_immutable, value))
    return cls in _IMMUTABLE or cls.__module__ in _IMMUTABLE_MODULES
