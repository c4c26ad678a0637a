"""Versions: what must be the same in the runner, the scheduler and the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_PACKAGES = ("dask", "distributed", "msgpack")


def differences(versions: Mapping[str, Any]) -> list[str]:
    """What differs from the runner, one line each, in what `Client.get_versions` gives."""
    ours = _those_of(versions["client"])
    others = {"the scheduler": versions["scheduler"]}
    others |= {f"the worker {address}": found for address, found in versions["workers"].items()}
    return [line for who, found in others.items() for line in _lines(who, ours, _those_of(found))]


def _lines(who: str, ours: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[str]:
    for name, version in ours.items():
        found = theirs.get(name, "")
        if found != version:
            yield f"{who} has {name} {found or '(none)'}, and the runner has {version}"


def _those_of(found: Mapping[str, Any] | None) -> dict[str, str]:
    packages = (found or {}).get("packages") or {}
    python = str(packages.get("python", "")).split(".")
    return {"Python": ".".join(python[:2])} | {name: str(packages.get(name) or "") for name in _PACKAGES}
