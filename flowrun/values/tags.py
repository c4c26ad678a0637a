"""Tags: how a value that JSON does not have stands in JSON."""

from __future__ import annotations

import json
import sys
from binascii import a2b_base64
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any

from ..errors import CheckpointInvalidError
from . import blocks, moments, objects
from .compact_json import SCALARS, compact, faithful, looks_like_tag
from .file_store import FileStore
from .pickled import read_pickle, read_pickle_file, write_pickle
from .place import Place, Tagged, Writer

_SAFE_BITS = 2000
"""Integers up to here are never refused by the limit that Python sets to the digits of a number."""


class Tagger:
    """Gives what stands in JSON for a value, and for each that is inside it."""

    __slots__ = ("store",)

    def __init__(self, store: FileStore | None) -> None:
        self.store = store

    def __call__(self, value: Any, place: Place) -> Any:
        """What stands in JSON for `value`, which is at `place` inside the value to keep."""
        cls: type = type(value)
        if cls in SCALARS:
            return _tagged_scalar(value)
        if cls is list:
            return _tagged_list(value, place, self)
        if cls is dict:
            return _tagged_dict(value, place, self)
        writer = _writer_of(cls)
        found = writer(value, place, self) if writer else None
        return write_pickle(value, place, self.store) if found is None else found


def untagger(store: FileStore | None) -> Callable[[dict[str, Any]], Any]:
    """Gives the value that a mapping in JSON stands for: itself, if it is no tag."""
    return partial(_untagged, store)


def _untagged(store: FileStore | None, found: dict[str, Any]) -> Any:
    if not looks_like_tag(found):
        return found
    [(tag, body)] = found.items()
    try:
        if tag == "$file":
            return _read_file(body, store)
        reader = _READERS.get(tag)
        if reader is None:
            raise CheckpointInvalidError(f"a value of the unknown kind {tag!r} cannot be read")
        return reader(body)
    except CheckpointInvalidError:
        raise
    except Exception as error:  # a body may be anything, and unpickling runs the code of the user's classes
        raise CheckpointInvalidError(f"a value of the kind {tag!r} cannot be read: {error}") from error


def _tagged_scalar(value: Any) -> Any:
    if type(value) is int:
        return value if value.bit_length() <= _SAFE_BITS else {"$int": hex(value)}
    if faithful(value) is not None:
        return value
    return {"$text": value.encode("utf-8", "surrogatepass").hex()} if type(value) is str else {"$float": repr(value)}


def _tagged_list(values: Iterable[Any], place: Place, tagged: Tagged) -> list[Any]:
    return [tagged(value, (*place, f"[{index}]")) for index, value in enumerate(values)]


def _tagged_dict(mapping: dict[Any, Any], place: Place, tagged: Tagged) -> dict[str, Any]:
    values = [tagged(value, (*place, f"[{key!r}]")) for key, value in mapping.items()]
    if all(type(key) is str and faithful(key) for key in mapping) and not looks_like_tag(mapping):
        return dict(zip(mapping, values, strict=True))
    keys = [tagged(key, (*place, f"[{key!r}]")) for key in mapping]
    return {"$dict": [list(pair) for pair in zip(keys, values, strict=True)]}


def _tagged_members(values: Iterable[Any], place: Place, tagged: Tagged) -> list[Any]:
    """Sorted, so that equal sets have equal texts."""
    return sorted((tagged(value, (*place, f"{{{value!r}}}")) for value in values), key=compact)


_WRITERS: tuple[tuple[str, str, Writer], ...] = (
    ("builtins", "tuple", lambda value, place, tagged: {"$tuple": _tagged_list(value, place, tagged)}),
    ("builtins", "set", lambda value, place, tagged: {"$set": _tagged_members(value, place, tagged)}),
    ("builtins", "frozenset", lambda value, place, tagged: {"$frozenset": _tagged_members(value, place, tagged)}),
    ("builtins", "bytes", lambda value, _, tagged: blocks.write_bytes(value, tagged.store)),
    ("builtins", "bytearray", lambda value, _, tagged: blocks.write_bytes(value, tagged.store)),
    ("builtins", "memoryview", lambda value, _, tagged: blocks.write_view(value, tagged.store)),
    ("numpy", "ndarray", lambda value, _, tagged: blocks.write_array(value, tagged.store)),
    ("numpy", "memmap", lambda value, _, tagged: blocks.write_array(value, tagged.store)),
    ("builtins", "complex", lambda value, *_: {"$complex": str(value)}),
    ("datetime", "datetime", moments.write_datetime),
    ("datetime", "date", lambda value, *_: {"$date": value.isoformat()}),
    ("datetime", "time", moments.write_time),
    ("datetime", "timedelta", moments.write_timedelta),
    ("decimal", "Decimal", lambda value, *_: {"$decimal": str(value)}),
    ("pathlib", "PosixPath", lambda value, place, tagged: {"$path": tagged(str(value), place)}),
    ("uuid", "UUID", lambda value, *_: {"$uuid": str(value)}),
)
"""Module, class, and how it is written. Modules are looked up, not imported: a value's module is there already."""


@lru_cache(maxsize=1024)
def _writer_of(cls: type) -> Writer | None:
    for module, name, writer in _WRITERS:
        if getattr(sys.modules.get(module), name, None) is cls:
            return writer
    return objects.writer_of(cls)


def _read_file(body: Any, store: FileStore | None) -> Any:
    if store is None:
        raise CheckpointInvalidError("a value that is in a file of its run cannot be read without the run")
    if body["kind"] == "pickle":
        return read_pickle_file(body, store)
    return blocks.read_file(body, store, _of_text)


def _of_text(text: str, store: FileStore) -> Any:
    return json.loads(text, object_hook=untagger(store))


def _read_decimal(body: str) -> Any:
    from decimal import Decimal

    return Decimal(body)


def _read_path(body: str) -> Any:
    from pathlib import Path

    return Path(body)


def _read_uuid(body: str) -> Any:
    from uuid import UUID

    return UUID(body)


_READERS: dict[str, Callable[[Any], Any]] = {
    "$text": lambda body: bytes.fromhex(body).decode("utf-8", "surrogatepass"),
    "$int": lambda body: int(body, 16),
    "$float": float,
    "$dict": dict,
    "$tuple": tuple,
    "$set": set,
    "$frozenset": frozenset,
    "$bytes": a2b_base64,
    "$bytearray": lambda body: bytearray(a2b_base64(body)),
    "$memoryview": blocks.read_view,
    "$array": blocks.read_array,
    "$complex": complex,
    "$datetime": moments.read_datetime,
    "$date": moments.read_date,
    "$time": moments.read_time,
    "$timedelta": moments.read_timedelta,
    "$decimal": _read_decimal,
    "$path": _read_path,
    "$uuid": _read_uuid,
    "$enum": objects.read_enum,
    "$model": objects.read_model,
    "$dataclass": objects.read_dataclass,
    "$namedtuple": objects.read_namedtuple,
    "$pickle": read_pickle,
}
