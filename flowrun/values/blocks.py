"""Blocks: bytes, views, NumPy arrays and long texts. Large ones go to files as they are, without becoming JSON."""

from __future__ import annotations

import sys
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from typing import Any, BinaryIO

from ..errors import CheckpointInvalidError
from .file_store import FileStore

LARGE = 64 << 10
"""Bytes from which on a block has a file of its own."""
_FORMATS = frozenset("bBhHiIlLqQfd?c")


def write_bytes(value: Any, store: FileStore | None) -> Any:
    """In base64, or the name of a file. The tag of the short form is the type: `$bytes`, `$bytearray`."""
    kind = type(value).__name__
    if store is None or len(value) <= LARGE:
        return {f"${kind}": _text(value)}
    return in_file(kind, *store.put_bytes(value))


def write_view(value: memoryview, store: FileStore | None) -> Any:
    """As bytes, with the form if it is more than a row of bytes. None: its items are of no form that comes back."""
    data = value if value.c_contiguous else value.tobytes()
    form: dict[str, Any] = {}
    if value.format != "B" or value.ndim != 1:
        form = {"format": value.format, "shape": list(value.shape or ())}
    if form and (value.format not in _FORMATS or not value.nbytes or not value.ndim):
        return None
    if store is None or value.nbytes <= LARGE:
        return {"$memoryview": [_text(data), *([form] if form else [])]}
    return in_file("memoryview", *store.put_bytes(data), **form)


def write_text(kind: str, value: str, store: FileStore) -> Any:
    """The name of a file, for a text that is the value (`text`), or that `encode` made of it (`json`)."""
    return in_file(kind, *store.put_bytes(value.encode("utf-8", "surrogatepass")))


def write_array(value: Any, store: FileStore | None) -> Any:
    """In NumPy's own file format. None: without a store, and of arrays of objects, it is left to be pickled."""
    if store is None or value.dtype.hasobject:
        return None
    save = sys.modules["numpy"].save
    if value.nbytes > LARGE:
        name, size = store.put(lambda stream: save(stream, value, allow_pickle=False), "npy")
        return in_file("array", name, size, dtype=str(value.dtype), shape=list(value.shape))
    from io import BytesIO

    stream = BytesIO()
    save(stream, value, allow_pickle=False)
    return {"$array": _text(stream.getbuffer())}


def read_view(body: list[Any]) -> memoryview:
    """The inverse of the short form of `write_view`."""
    text, form = body if len(body) == 2 else (*body, {})
    return _formed(memoryview(a2b_base64(text)), form)


def read_array(body: str) -> Any:
    """The inverse of the short form of `write_array`. Nobody can change it, as with the arrays in files."""
    from io import BytesIO

    import numpy

    array = numpy.load(BytesIO(a2b_base64(body)), allow_pickle=False)
    array.flags.writeable = False
    return array


def read_file(body: dict[str, Any], store: FileStore, decode: Callable[[str, FileStore], Any]) -> Any:
    """What is in a file: bytes are read, views and arrays are mapped into memory and read where they are used.

    `decode` reads a text that `encode` made.
    """
    kind, name, size = body["kind"], body["name"], body["size"]
    if body.get("stayed") and not store.has(name):
        raise CheckpointInvalidError("it stayed on the cluster where it was made, and is gone: run its task again")
    if kind == "array":
        import numpy

        return numpy.asarray(numpy.load(store.path(name, size), mmap_mode="r", allow_pickle=False))
    if kind == "memoryview":
        with open(store.path(name, size), "rb") as stream:
            return _formed(memoryview(_mapped(stream)), body)
    if kind in ("text", "json"):
        text = str(store.get_bytes(name, size), "utf-8", "surrogatepass")
        return text if kind == "text" else decode(text, store)
    if kind in ("bytes", "bytearray"):
        data = store.get_bytes(name, size)
        return data if kind == "bytes" else bytearray(data)
    raise CheckpointInvalidError(f"a value of the unknown kind {kind!r} cannot be read")


def in_file(kind: str, name: str, size: int, **more: Any) -> dict[str, Any]:
    """What stands for a value that is in a file."""
    return {"$file": {"name": name, "kind": kind, "size": size, **more}}


def _formed(view: memoryview, form: dict[str, Any]) -> memoryview:
    return view.cast("B").cast(form["format"], form["shape"]) if "format" in form else view.toreadonly()


def _mapped(stream: BinaryIO) -> Any:
    import mmap

    return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def _text(data: Any) -> str:
    return b2a_base64(data, newline=False).decode()
