"""Grounds: all by which it is decided whether a task is up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..dataclass import dataclass
from .file_digests import FileDigest

_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a task is given, as digests by name: equal digests mean equal values."""

    salt: str
    """With which digests of values are made: a value cannot be found by comparing records."""
    variant: str
    source: Mapping[str, FileDigest]
    """The files with its class and the classes that this one extends."""
    parameters: Mapping[str, str]
    key: Mapping[str, str]
    """Of `cache.key`."""
    env: Mapping[str, str]
    """Environment variables that were declared."""
    inputs: Mapping[str, FileDigest]

    def difference(self, earlier: Grounds) -> str:
        """What has changed since, in words; empty: nothing."""
        said = [
            "" if self.variant == earlier.variant else f"the class is {self.variant}, it was {earlier.variant}",
            _files(_texts(earlier.inputs), _texts(self.inputs), "inputs"),
            _named(earlier.parameters, self.parameters, "parameter"),
            _named(earlier.key, self.key, "cache key"),
            _named(earlier.env, self.env, "environment variable"),
            _files(_texts(earlier.source), _texts(self.source), "files of the task"),
        ]
        return "; ".join(filter(None, said))


def changed_files(earlier: Mapping[str, FileDigest], now: Mapping[str, FileDigest], what: str) -> str:
    """Which of several files have changed, in words; empty: none. `what` is their common name."""
    return _files(_texts(earlier), _texts(now), what)


def _texts(digests: Mapping[str, FileDigest]) -> dict[str, str]:
    return {name: digest.text for name, digest in digests.items()}


def _files(earlier: Mapping[str, str], now: Mapping[str, str], what: str) -> str:
    changed = _differing(earlier, now)
    if not changed:
        return ""
    first = changed[0]
    verb = "is gone" if first not in now else "changed" if first in earlier else "is new"
    others = len(changed) - 1
    return f"{first} {verb}" + (f", and {others} more of the {what}" if others else "")


def _named(earlier: Mapping[str, str], now: Mapping[str, str], what: str) -> str:
    changed = _differing(earlier, now)
    if not changed:
        return ""
    if len(changed) == 1:
        return f"{what} {changed[0]} changed".replace("  ", " ")
    return f"{what}s changed: {_listed(changed)}"


def _differing(earlier: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return sorted(name for name in earlier.keys() | now.keys() if earlier.get(name) != now.get(name))


def _listed(names: Iterable[str]) -> str:
    first = list(names)
    more = len(first) - _MOST_NAMES
    return ", ".join(first[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
