"""Bytes, views and arrays come back as themselves, from the text or from a file."""

from __future__ import annotations

import json
import mmap
from array import array
from pathlib import Path
from typing import Any

import pytest

from flowrun.errors import CheckpointInvalidError
from flowrun.values import decode, encode, put_aside
from flowrun.values.blocks import LARGE
from flowrun.values.file_store import FileStore

numpy = pytest.importorskip("numpy")

BIG = bytes(range(256)) * 800


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path, "nightly", "run-1")


def afresh(store: FileStore) -> FileStore:
    """The store as another process has it."""
    return FileStore(store.directory.parents[3], "nightly", "run-1")


def mapping_of(value: Any) -> Any:
    """What an array or a view rests on in the end."""
    while not isinstance(value, mmap.mmap):
        value = value.obj if isinstance(value, memoryview) else value.base
    return value


@pytest.mark.parametrize("value", [BIG, bytearray(BIG), {"a": [(BIG,)]}], ids=["bytes", "bytearray", "inside"])
def test_large_bytes_are_in_files(store: FileStore, value: Any) -> None:
    """The text only names the file."""
    text = encode(value, store)

    assert len(text) < 200
    again = decode(text, afresh(store))
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize("size", [0, 1, LARGE])
def test_small_bytes_are_in_the_text(store: FileStore, size: int) -> None:
    """A file for each small value would cost more than it saves."""
    value = bytes(size)

    text = encode(value, store)

    assert "$file" not in text
    assert decode(text) == value


@pytest.mark.parametrize(
    "view",
    [memoryview(BIG), memoryview(BIG)[::2], memoryview(array("d", range(20_000))), memoryview(numpy.ones((200, 200)))],
    ids=["bytes", "every other byte", "numbers", "table"],
)
def test_a_large_view_is_mapped_into_memory(store: FileStore, view: memoryview) -> None:
    """It has the same form and cannot be written to."""
    again = decode(encode(view, store), afresh(store))

    assert again == view
    assert (again.format, again.shape, again.readonly) == (view.format, view.shape, True)
    assert mapping_of(again)


@pytest.mark.parametrize(
    "value",
    [
        numpy.arange(100_000),
        numpy.zeros((300, 400), ">f4"),
        numpy.asfortranarray(numpy.arange(90_000.0).reshape(300, 300)),
        numpy.arange(200_000)[::2],
        numpy.full((20_000,), "é", "<U4"),
        numpy.zeros(20_000, "M8[ns]"),
        numpy.zeros(20_000, [("a", "i4"), ("b", "f8", (2,))]),
    ],
    ids=lambda value: str(value.dtype),
)
def test_a_large_array_is_mapped_into_memory(store: FileStore, value: Any) -> None:
    """Type, shape and content are the same; it is read where it is used, and cannot be written to."""
    text = encode([value], store)
    [again] = decode(text, afresh(store))

    assert len(text) < 300
    assert type(again) is numpy.ndarray
    assert again.dtype == value.dtype
    assert numpy.array_equal(again, value)
    assert mapping_of(again)
    with pytest.raises(ValueError, match="read-only"):
        again[0] = again[1]


@pytest.mark.parametrize("value", [numpy.arange(3), numpy.array(5), numpy.zeros((0, 3)), numpy.array(["a", "bc"])])
def test_a_small_array_behaves_as_a_large_one(store: FileStore, value: Any) -> None:
    """It is in the text, and cannot be written to either."""
    again = decode(encode(value, store))

    assert again.dtype == value.dtype
    assert again.shape == value.shape
    assert numpy.array_equal(again, value)
    assert not again.flags.writeable


def test_an_array_that_was_read_can_be_handed_on(store: FileStore) -> None:
    """A task may return what it was given, or a part of it."""
    array = decode(encode(numpy.arange(100_000), store), store)

    again = decode(encode((array, array[1:]), store), store)

    assert numpy.array_equal(again[1], numpy.arange(1, 100_000))


def test_a_mapped_array_of_the_tasks_own_comes_back(store: FileStore, tmp_path: Path) -> None:
    """`numpy.memmap` is an array like any other."""
    own = numpy.memmap(tmp_path / "own", "f8", "w+", shape=(20_000,))
    own[:] = 1.5

    assert numpy.array_equal(decode(encode(own, store), store), own)


@pytest.mark.parametrize("value", [numpy.array([{"a": 1}, None], object), numpy.float64(1.5), numpy.int32(3)])
def test_what_numpy_has_besides_is_pickled(store: FileStore, value: Any) -> None:
    """It comes back as itself all the same."""
    again = decode(encode(value, store), store)

    assert type(again) is type(value)
    assert numpy.array_equal(again, value)


def test_without_a_store_an_array_is_a_value_like_others() -> None:
    """As in `shared_dict`, where a task may go on changing it."""
    again = decode(encode({"a": numpy.arange(3)}))

    again["a"][0] = 7
    assert list(again["a"]) == [7, 1, 2]


class Heap:
    """A class that only pickle knows."""

    def __init__(self, data: bytes) -> None:
        self.data = data


def test_a_large_pickle_is_in_a_file_with_its_signature(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """X-FM-21: and it is not loaded without a valid one."""
    text = encode(Heap(BIG), store)

    assert decode(text, afresh(store)).data == BIG
    body = json.loads(text)["$file"]
    (store.directory / body["name"]).write_bytes(bytes(body["size"]))
    with pytest.raises(CheckpointInvalidError, match=r"Heap.*not signed"):
        decode(text, afresh(store))


@pytest.mark.parametrize(
    "body",
    [
        {"name": "../../state.key", "kind": "bytes", "size": 3},
        {"name": "/etc/passwd", "kind": "array", "size": 3},
        {"name": "0" * 32 + ".bin", "kind": "bytes", "size": 3},
        {"name": "0" * 32 + ".bin", "kind": "elephant", "size": 3},
        {"kind": "bytes"},
        [],
        None,
    ],
    ids=str,
)
def test_a_changed_reference_is_refused(store: FileStore, body: Any) -> None:
    """Whatever stands there, it is one kind of error, and no other file is read."""
    with pytest.raises(CheckpointInvalidError):
        decode(json.dumps({"$file": body}), store)


def test_a_file_that_holds_objects_is_not_unpickled(store: FileStore, tmp_path: Path) -> None:
    """An array of objects that somebody has put there would run code."""
    text = encode(numpy.arange(100_000), store)
    body = json.loads(text)["$file"]
    path = store.directory / body["name"]
    with path.open("wb") as stream:
        numpy.save(stream, numpy.array([{"a": 1}] * 10, object), allow_pickle=True)
    text = json.dumps({"$file": {**body, "size": path.stat().st_size}})

    with pytest.raises(CheckpointInvalidError, match="'\\$file' cannot be read"):
        decode(text, store)


def test_a_reference_needs_its_run(store: FileStore) -> None:
    """Who has no store is told so."""
    with pytest.raises(CheckpointInvalidError, match="without the run"):
        decode(encode(BIG, store))


@pytest.mark.parametrize("value", ["x" * 300_000, "é\ud800" * 150_000], ids=["plain", "not in UTF-8"])
def test_a_long_text_is_in_a_file(store: FileStore, value: str) -> None:
    """It stands there as it is."""
    text = encode(value, store)

    assert len(text) < 200
    assert decode(text, afresh(store)) == value


def test_the_long_text_of_a_value_is_put_aside(store: FileStore) -> None:
    """What is left tells where it is; one that names other files stays, so that they are found."""
    value = {"rows": list(range(100_000))}
    with_file = encode([BIG, "x" * 300_000], store)

    text = put_aside(encode(value, store), store)

    assert len(text) < 200
    assert decode(text, afresh(store)) == value
    assert put_aside(with_file, store) == with_file
    assert put_aside('"short"', store) == '"short"'
