"""SharedDict: the view that one attempt has of what the tasks of a job share."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, MutableMapping, ValuesView
from threading import Lock, RLock
from typing import Any, Self

from . import values
from .errors import SharedValueError
from .loans import Loans, SharedValuesPort, shown

_NOTHING: Any = object()
_making = Lock()


class SharedDict(MutableMapping[Any, Any]):
    """A dictionary that all tasks of the job share.

    Reading gives a copy. What the task changes inside of it is written back when the task next does anything
    with the same key, and at the end of each hook. If another task changed the key in between, that change
    stands and SharedValueError is raised: no change is lost unseen. `pop`, `popitem` and `setdefault` are atomic.
    """

    __slots__ = ("_changed", "_loans", "_made_lock", "_port")

    def __init__(self, port: SharedValuesPort) -> None:
        self._port = port
        self._made_lock: RLock | None = None

    def changed_keys(self) -> set[str]:
        """The keys, encoded, that this attempt set or deleted."""
        if self._made_lock is None:
            return set()
        with self._lock:
            return set(self._changed)

    def flush(self) -> None:
        """Write back what was changed inside of values. Raises SharedValueError, after all keys were seen to."""
        if self._made_lock is None:
            return
        with self._lock:
            errors = [error for name in self._loans.names() for error in self._loans.written_back(name)]
        if errors:
            raise SharedValueError("; ".join(errors))

    def __getitem__(self, key: Any) -> Any:
        with self._lock:
            value, _version = self._read(_encoded(key))
        if value is _NOTHING:
            raise KeyError(key)
        return value

    def __setitem__(self, key: Any, value: Any) -> None:
        with self._lock:
            self._write(_encoded(key), value)

    def __delitem__(self, key: Any) -> None:
        name = _encoded(key)
        with self._lock:
            text, version = self._port.get(name)
            while text is not None:
                if self._delete(name, version):
                    return
                text, version = self._port.get(name)
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return self._port.get(_encoded(key))[0] is not None

    def __iter__(self) -> Iterator[Any]:
        return map(values.decode, self._port.keys())

    def __len__(self) -> int:
        return len(self._port.keys())

    def items(self) -> ItemsView[Any, Any]:
        """Keys and values. Keys that another task deletes meanwhile are left out."""
        return _Items(self)

    def values(self) -> ValuesView[Any]:
        """The values, as in `items`."""
        return _Values(self)

    def pop(self, key: Any, default: Any = _NOTHING) -> Any:
        """Take a value out. Of several tasks that try, one gets it."""
        name = _encoded(key)
        with self._lock:
            value, version = self._read(name)
            while value is not _NOTHING:
                if self._delete(name, version):
                    return value
                value, version = self._read(name)
        if default is _NOTHING:
            raise KeyError(key)
        return default

    def popitem(self) -> tuple[Any, Any]:
        """Take out the key that was set last. Raises KeyError if there is none."""
        while keys := list(self):
            key = keys[-1]
            try:
                return key, self.pop(key)
            except KeyError:
                continue  # another task was quicker
        raise KeyError("popitem(): shared_dict is empty")

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """The value of a key, which is `default` if there was none. Of several tasks that try, one sets it."""
        name = _encoded(key)
        with self._lock:
            value, version = self._read(name)
            while value is _NOTHING:
                if self._write(name, default, version):
                    return default
                value, version = self._read(name)
        return value

    def clear(self) -> None:
        """Delete all keys."""
        with self._lock:
            names = self._port.keys()
            for name in names:
                self._delete(name)

    def copy(self) -> dict[Any, Any]:
        """A dictionary of the task's own with what is shared now."""
        return dict(self.items())

    def __or__(self, other: Any) -> dict[Any, Any]:
        return self.copy() | dict(other)

    def __ror__(self, other: Any) -> dict[Any, Any]:
        return dict(other) | self.copy()

    def __ior__(self, other: Any) -> Self:
        self.update(other)
        return self

    def __repr__(self) -> str:
        return f"SharedDict({self.copy()!r})"

    @property
    def _lock(self) -> RLock:
        """A task may have threads. Made at the first use, with what it guards: few tasks share anything."""
        if self._made_lock is None:
            with _making:
                if self._made_lock is None:
                    self._changed: set[str] = set()
                    self._loans = Loans(self._port, self._changed.add)
                    self._made_lock = RLock()
        return self._made_lock

    def _read(self, name: str) -> tuple[Any, int]:
        """The value of an encoded key, or `_NOTHING`, and the version of the key."""
        if errors := self._loans.written_back(name):
            raise SharedValueError("; ".join(errors))
        text, version = self._port.get(name)
        if text is None:
            return _NOTHING, version
        return self._loans.value(name, text, version), version

    def _write(self, name: str, value: Any, expected_version: int | None = None) -> bool:
        """Set an encoded key; False if it has not the expected version."""
        try:
            text = values.encode(value)
        except TypeError as error:
            raise SharedValueError(f"{shown(name)} {error}") from None
        version = self._port.put(name, text, expected_version)
        if version is None:
            return False
        self._changed.add(name)
        self._loans.forget(name)
        self._loans.lend(name, value, text, version)
        return True

    def _delete(self, name: str, expected_version: int | None = None) -> bool:
        if self._port.put(name, None, expected_version) is None:
            return False
        self._changed.add(name)
        self._loans.forget(name)
        return True


class _Items(ItemsView[Any, Any]):
    def __init__(self, shared: SharedDict) -> None:
        super().__init__(shared)
        self._shared = shared

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        for key in self._shared:
            value = self._shared.get(key, _NOTHING)
            if value is not _NOTHING:
                yield key, value


class _Values(ValuesView[Any]):
    def __init__(self, shared: SharedDict) -> None:
        super().__init__(shared)
        self._shared = shared

    def __iter__(self) -> Iterator[Any]:
        return (value for _key, value in self._shared.items())


def _encoded(key: Any) -> str:
    hash(key)  # raises TypeError, as a dictionary does
    try:
        return values.encode(key)
    except TypeError as error:
        raise SharedValueError(f"a key of shared_dict {error}") from None
