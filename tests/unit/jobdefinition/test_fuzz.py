"""Whatever stands in a job file: problems, never an exception, and nothing that a terminal would obey."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flowrun.jobdefinition import JobDefinition, Loaded, Outside, TaskDefinition, load
from flowrun.jobdefinition.dump import dump

SEED = """version: 0.1
include: []
config: {name: nightly, on_overlap: skip, deadline: 1h}
aliases:
  - &parameters {label: first, day: "$VAR{day:2026-01-01}"}
tasks:
  first:
    task: Step
    parameters: *parameters
  second:
    task: $ENV{CLASS:Step}
    parameters:
      <<: *parameters
      text: |
        $SYS{APP_ROOT_DIR}
    dependencies:
      - first
    backoff: {first: 2s, factor: 2, cap: 1m, jitter: true}
pools: {p: 2}
"""

PIECES = [
    *(
        "&a ",
        "*a",
        "<<: *a",
        "*parameters",
        "!!python/object:x.y ",
        "!!binary ",
        "!!set ",
        "!x ",
        "!!int ",
        "? ",
        "| \n",
    ),
    *(">\n", "---\n", "...\n", "%YAML 9.9\n", "%TAG ! x\n", "{", "}", "[", "]", "'", '"', "\\", "\t", "\r", "\0", "#"),
    *(": ", "- ", "\n", "  ", "null", "~", "yes", "1e400", "-.inf", ".nan", "0x1F", "0o17", "12:30:45", "2024-02-30"),
    *(
        "9" * 23,
        "9" * 5000,
        "[" * 200,
        "{a: " * 200,
        "$ENV{X}",
        "$VAR{y:",
        "$SYS{",
        "$$",
        "${",
        "${{",
        "\\}",
        "../../x",
    ),
    *("/dev/full", "\x1b[2J", "\U0001f4a5", "\u2028", "\ufeff", "\x85", "\U0010fe00", "include:\n  - job.yaml\n"),
    *("tasks:\n", "config:\n", "tasks: {}\n", "max_attempts: -1\n", "dependencies: [second]\n", "parameters: null\n"),
    *("version: []\n", "depends_on: x\n", "variant: {}\n", "aliases: *parameters\n", "checkpointer: x\n"),
]
RAW = [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xfe\xff", *(piece.encode() for piece in PIECES)]


def mutated(seed: int) -> bytes:
    """The seed file after a few random edits."""
    rng = random.Random(seed)
    text = bytearray(SEED.encode())
    for _ in range(rng.choice([1, 1, 1, 2, 3, 8])):
        rng.choice([_insert, _delete, _flip, _swap_lines, _repeat_line, _indent, _cut, _replace_word])(rng, text)
    return bytes(text)


def _insert(rng: random.Random, text: bytearray) -> None:
    at = rng.randrange(len(text) + 1)
    text[at:at] = rng.choice(RAW)


def _delete(rng: random.Random, text: bytearray) -> None:
    at = rng.randrange(len(text) + 1)
    del text[at : at + rng.choice([1, 2, 5, 20])]


def _flip(rng: random.Random, text: bytearray) -> None:
    if text:
        text[rng.randrange(len(text))] = rng.randrange(256)


def _swap_lines(rng: random.Random, text: bytearray) -> None:
    lines = text.split(b"\n")
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    text[:] = b"\n".join(lines)


def _repeat_line(rng: random.Random, text: bytearray) -> None:
    lines = text.split(b"\n")
    at = rng.randrange(len(lines))
    lines[at:at] = [lines[at]] * rng.choice([1, 2, 50])
    text[:] = b"\n".join(lines)


def _indent(rng: random.Random, text: bytearray) -> None:
    lines = text.split(b"\n")
    at = rng.randrange(len(lines))
    lines[at] = b" " * rng.randrange(9) + lines[at].lstrip()
    text[:] = b"\n".join(lines)


def _cut(rng: random.Random, text: bytearray) -> None:
    del text[rng.randrange(len(text) + 1) :]


def _replace_word(rng: random.Random, text: bytearray) -> None:
    words = text.split(b" ")
    words[rng.randrange(len(words))] = bytearray(rng.choice(RAW))
    text[:] = b" ".join(words)


def check(loaded: Loaded) -> None:
    """What holds for every answer."""
    assert loaded.definition is not None or loaded.problems
    for problem in loaded.problems:
        assert problem.code.startswith("FR1")
        words = [problem.message, problem.label, problem.path, *problem.notes]
        assert all(text.isprintable() and len(text) < 1000 for text in words), problem
        assert problem.message
    places = [problem.place.line for problem in loaded.problems if problem.place.file.endswith("job.yaml")]
    assert places == sorted(places)


@pytest.mark.parametrize("block", range(8))
def test_mutated_job_files(project, block):
    """B-21: a job file with random edits."""
    for seed in range(block * 100, block * 100 + 100):
        check(project.load(mutated(seed)))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30))
@example(pieces=["a: &a [*a]"])
@example(pieces=["{", "$VAR{y:", "}", "}"])
def test_random_text(project, pieces):
    """Text put together of whatever YAML and variables react to."""
    check(project.load("tasks: {a: {task: T}}\n" + "".join(pieces)))


texts = st.text(max_size=6) | st.sampled_from(PIECES)
plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
SECTIONS = ["version", "include", "config", "tasks", "loggers", "checkpointer", "pools", "aliases"]
KEYS = ["task", "variant", "dependencies", "depends_on", "parameters", "max_attempts", "backoff", "x"]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sections=st.dictionaries(st.sampled_from(SECTIONS), plain_values),
    task=st.dictionaries(st.sampled_from(KEYS), plain_values),
)
def test_random_mappings(project, sections, task):
    """Sections of any shape, given from Python."""
    check(project.load({"tasks": {"a": task}, **sections}))


@settings(max_examples=150)
@given(parameters=st.dictionaries(texts, plain_values, max_size=4))
def test_random_parameters_come_back(parameters: dict[str, Any]):
    """FM-92, FM-93: what is dumped loads to the same, whatever the values are."""
    definition = JobDefinition(tasks={"a": TaskDefinition(task="T", parameters=parameters)})
    loaded = load("-", Outside(Path("/"), {}, cwd=Path("/")), stdin=dump(definition).encode())
    assert loaded.problems == ()
    assert loaded.definition == definition
