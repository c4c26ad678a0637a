"""Items of `foreach`: where they come from, and the keys that tell them apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from flowrun.errors import ItemsError
from flowrun.items import Items, failures_allowed, items_of, refuse_literals
from flowrun.jobdefinition.task_definition import TaskDefinition

Give = Callable[..., Items]


def task(foreach: Any) -> TaskDefinition:
    return TaskDefinition.model_validate({"task": "A", "foreach": foreach})


def items(foreach: Any, root: Path = Path()) -> Items:
    return items_of(task(foreach), foreach, root=root)


@pytest.fixture
def in_file(tmp_path: Path) -> Give:
    """The items of a file with this text."""

    def give(name: str, text: str | bytes, **more: str) -> Items:
        (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return items({"file": name, **more}, tmp_path)

    return give


def test_a_list() -> None:
    """The items in order; of a second one with the same text the key has a number."""
    found = items(["eu", "us", 3, None, True, {"id": 1}, "eu", "eu", date(2026, 1, 31)])

    assert list(found) == ["eu", "us", 3, None, True, {"id": 1}, "eu", "eu", date(2026, 1, 31)]
    assert list(found.keys()) == ["eu", "us", "3", "4", "true", "6", "eu#2", "eu#3", "2026-01-31"]
    assert (len(found), found.item(1), found.key(6)) == (9, "us", "eu#2")


def test_an_empty_list() -> None:
    """There is nothing to do, and that is no mistake."""
    assert list(items([])) == list(items({})) == []


def test_a_mapping() -> None:
    """Each entry is an item with its key and its value."""
    found = items({"eu": [1], 2: None})

    assert list(found) == [{"key": "eu", "value": [1]}, {"key": 2, "value": None}]
    assert list(found.keys()) == ["eu", "2"]


def test_a_field_with_the_keys() -> None:
    """`key` names it, in mappings and in objects."""

    class Order(BaseModel):
        id: str

    assert list(items({"items": [{"id": "b"}, {"id": 7}], "key": "id"}).keys()) == ["b", "7"]
    expression = {"items": "${{ tasks.load.result }}", "key": "id"}
    found = items_of(task(expression), {"items": [Order(id="x")], "key": "id"}, root=Path())
    assert list(found.keys()) == ["x"]


def test_what_an_expression_gives_is_data() -> None:
    """A result with a key `file` or `items` is a mapping as any other."""
    found = items_of(task("${{ tasks.load.result }}"), {"file": "a.csv", "other": 1}, root=Path())

    assert list(found.keys()) == ["file", "other"]


def test_long_and_odd_texts_make_short_keys() -> None:
    """One line of bearable length, different for different texts."""
    found = items(["x" * 500 + "a", "x" * 500 + "b", "two\nlines", ""])

    one, other, lines, empty = found.keys()
    assert one != other
    assert len(one) == len(other) < 100
    assert (lines, empty) == ("two\\nlines", "4")


@given(st.lists(st.one_of(st.sampled_from(["x", "x#2", "x#3", "1", "2", ""]), st.integers(0, 3), st.just({}))))
def test_keys_are_never_the_same(values: list[Any]) -> None:
    """However the texts of the items are chosen."""
    found = items(values)

    assert len(set(found.keys())) == len(values)
    assert list(found.keys()) == [found.key(position) for position in range(len(values))]


@pytest.mark.parametrize(
    ("name", "text", "expected", "keys"),
    [
        ("a.txt", "one\r\n\n two \none", ["one", " two ", "one"], ["one", " two ", "one#2"]),
        ("a", "\ufeffone\n", ["one"], ["one"]),
        (
            "a.csv",
            'id,name\n7,"two\nlines"\n\n8,b\n',
            [{"id": "7", "name": "two\nlines"}, {"id": "8", "name": "b"}],
            "12",
        ),
        ("a.csv", "\ufeffid\r\n7\r\n", [{"id": "7"}], "1"),
        ("a.csv", "\nid\n", [], ""),
        ("a.jsonl", '{"id": 1}\n\n"x"\n3\n', [{"id": 1}, "x", 3], ["1", "x", "3"]),
        ("a.ndjson", "[]", [[]], "1"),
        ("a.json", '[{"id": 1}, "x"]', [{"id": 1}, "x"], "1x"),
        ("a.json", '{"eu": 1}', [{"key": "eu", "value": 1}], ["eu"]),
    ],
)
def test_a_file(in_file: Give, name: str, text: str, expected: list[Any], keys: Any) -> None:
    """The suffix says what is in it; items can be read in any order and as often as one likes."""
    found = in_file(name, text)

    assert list(found) == list(found) == expected
    assert list(found.keys()) == list(keys)
    backwards = range(len(found) - 1, -1, -1)
    assert [found.item(position) for position in backwards] == expected[::-1]
    assert [found.key(position) for position in backwards] == list(keys)[::-1]


def test_a_format_that_the_suffix_does_not_say(in_file: Give) -> None:
    """`format` stands above it."""
    assert list(in_file("a.data", "id\n7\n", format="csv")) == [{"id": "7"}]
    assert list(in_file("a.csv", "id\n7\n", format="lines")) == ["id", "7"]


def test_a_column_with_the_keys(in_file: Give) -> None:
    """Keys stay the same when rows are added elsewhere, so a restart finds what was done."""
    assert list(in_file("a.csv", "id,x\nb,1\nc,2\n", key="id").keys()) == ["b", "c"]
    assert list(in_file("a.csv", "id,x\na,0\nb,1\nc,2\n", key="id").keys()) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("name", "text", "more", "message"),
    [
        ("a.csv", "id,x\n1,2\n3\n", {}, "`a.csv`: line 3: the row has 1 fields, and there are 2 columns"),
        ("a.csv", 'id\n"1\n', {}, "`a.csv`: line 2: unexpected end of data"),
        ("a.csv", "", {}, "`a.csv`: the file is empty; its first row must have the names of the columns"),
        ("a.csv", "id,id\n", {}, "`a.csv`: line 1: two columns are called `id`"),
        ("a.csv", "id\na\nb\na\n", {"key": "id"}, "`a.csv`: lines 2 and 4 have the same `id`: `a`"),
        ("a.csv", "id\na\n", {"key": "no"}, "`a.csv`: line 2: there is no `no` for the key; there are: id"),
        (
            "a.jsonl",
            "1\n{\n",
            {},
            "`a.jsonl`: line 2: this is not JSON: Expecting property name enclosed in double quotes",
        ),
        ("a.json", "[1,\n", {}, "`a.json`: line 2: this is not JSON: Expecting value"),
        ("a.json", "3", {}, "`a.json`: items must be a list or a mapping, found int"),
        ("a.txt", b"ok\n\xff\n", {}, "`a.txt`: line 2 is not text in UTF-8"),
        ("a.txt", "ok", {"key": "id"}, "lines have no fields, so none can be the key"),
    ],
)
def test_a_file_that_cannot_be_read(in_file: Give, name: str, text: str, more: Any, message: str) -> None:
    """The message names the file, the line, and what is wrong there."""
    with pytest.raises(ItemsError) as caught:
        in_file(name, text, **more)

    assert str(caught.value) == message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Paths begin at the project root."""
    with pytest.raises(ItemsError, match=r"`no\.csv` cannot be read: no such file or directory"):
        items({"file": "data/no.csv"}, tmp_path)
    with pytest.raises(ItemsError, match="cannot be read: it is no regular file"):
        items({"file": "."}, tmp_path)


@pytest.mark.parametrize("text", ["one\n", "one\ntwo\nthree\nfour\n"])
def test_a_file_that_changes_meanwhile(in_file: Give, tmp_path: Path, text: str) -> None:
    """Items are never mixed up: what was counted is what is read, or nothing is."""
    found = in_file("a.txt", "1\n2\n")
    (tmp_path / "a.txt").write_text(text)

    with pytest.raises(ItemsError, match=r"`a\.txt` has changed since its items were counted"):
        found.item(1)


def test_large_files_are_not_kept_in_memory(in_file: Give) -> None:
    """Of each record only its place is kept."""
    import tracemalloc

    text = "id,text\n" + "".join(f"{number},{'x' * 100}\n" for number in range(20_000))
    tracemalloc.start()
    found = in_file("a.csv", text, key="id")
    kept, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(found) == 20_000
    assert kept < 1_000_000


@pytest.mark.parametrize(
    ("foreach", "message", "steps"),
    [
        ("eu, us", "items must be a list or a mapping, found text", ()),
        (3, "items must be a list or a mapping, found int", ()),
        ({"items": 3}, "items must be a list or a mapping, found int", ("items",)),
        ({"file": "a", "items": []}, "`items` cannot stand beside `file`; allowed are: file, format, key", ("items",)),
        ({"file": "a", "kez": "id"}, "`kez` cannot stand beside `file`; allowed are: file, format, key", ("kez",)),
        ({"file": 3}, "`file` must be text", ("file",)),
        ({"file": "a", "format": "cvs"}, "`format` must be one of lines, csv, json, jsonl", ("format",)),
        ({"file": "a", "format": "lines", "key": "id"}, "lines have no fields, so none can be the key", ("key",)),
        ({"items": [{"id": 1}, {"id": 1}], "key": "id"}, "items 1 and 2 have the same `id`: `1`", ("items", 1)),
        (
            {"items": [{"id": 1}, {"no": 1}], "key": "id"},
            "item 2: there is no `id` for the key; there are: no",
            ("items", 1),
        ),
        (
            {"items": [{"id": []}], "key": "id"},
            "item 1: `id` cannot be the key: it is empty or has parts",
            ("items", 0),
        ),
        (
            {"items": {"a": 1}, "key": "id"},
            "`key` names a field of the items in a list; a mapping brings its own keys",
            ("key",),
        ),
    ],
)
def test_what_is_wrong_is_seen_before_the_run(foreach: Any, message: str, steps: tuple[Any, ...]) -> None:
    """With the place inside `foreach`."""
    with pytest.raises(ItemsError) as caught:
        refuse_literals(task(foreach))

    assert (str(caught.value), caught.value.steps) == (message, steps)


@pytest.mark.parametrize(
    "foreach",
    [
        "${{ tasks.load.result }}",
        {"items": "${{ tasks.load.result }}", "key": "id"},
        {"items": ["${{ vars.x }}", {"no": 1}], "key": "id"},
        {"file": "${{ vars.file }}", "format": "${{ vars.format }}", "key": "id"},
        {"file": "made-by-another-task.csv"},
        [],
    ],
)
def test_what_is_not_known_yet_is_let_pass(foreach: Any) -> None:
    """Expressions and files are looked at when the task is due: nothing is raised before."""
    refuse_literals(task(foreach))


@pytest.mark.parametrize(
    ("allowed", "total", "number"),
    [
        (0, 10, 0),
        (3, 10, 3),
        ("5%", 100, 5),
        ("5%", 39, 1),
        ("5%", 7, 0),
        ("29%", 100, 29),
        ("2.5%", 80, 2),
        ("100%", 3, 3),
    ],
)
def test_failures_that_are_allowed(allowed: int | str, total: int, number: int) -> None:
    """A share is rounded down, and exactly."""
    assert failures_allowed(allowed, total) == number


def test_a_json_document_in_a_job_is_the_same_as_its_file(in_file: Give) -> None:
    """Where items stand makes no difference to their keys."""
    values = [{"id": 1}, "x", "x", 2]

    assert list(in_file("a.json", json.dumps(values)).keys()) == list(items(values).keys())
    lines = "\n".join(map(json.dumps, values))
    assert list(in_file("a.jsonl", lines).keys()) == list(items(values).keys())
