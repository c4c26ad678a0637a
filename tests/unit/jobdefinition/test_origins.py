"""Where the values of a definition were written."""

from __future__ import annotations

import pytest

from flowrun.jobdefinition import Origins, Outside, load
from flowrun.problem import Place


@pytest.fixture
def origins(project, monkeypatch) -> Origins:
    """The origins of a job in three files."""
    monkeypatch.chdir(project.root)
    project.write("config:\n  name: low\n  max_concurrency: 1\n", "low.yaml")
    project.write(
        "include: [low.yaml]\n"
        "config: {name: middle, fail_fast: true}\n"
        "tasks:\n"
        "  load:\n"
        "    task: Load\n"
        "    dependencies: [a, b]\n"
        "    parameters: {old: 1}\n",
        "middle.yaml",
    )
    text = """include:
  - middle.yaml
aliases:
  shared: &shared
    depth: 7
tasks:
  load:
    depends_on:
      - c
      - "the last"
    parameters:
      <<: *shared
      user: $ENV{USER}
      day: $VAR{day}
      list: [{k: v}]
      nothing:
  $ENV{NAME}:
    task: Other
"""
    project.write(text)
    loaded = load("job.yaml", Outside(project.root, {"USER": "ann", "NAME": "secret"}, {"day": "x"}))
    assert loaded.problems == ()
    return loaded.origins


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("config", "name"), ("middle.yaml", 2, 10, 4), ("middle.yaml", 2, 16, 6)),
        (("config", "max_concurrency"), ("low.yaml", 3, 3, 15), ("low.yaml", 3, 20, 1)),
        (("tasks", "load", "task"), ("middle.yaml", 5, 5, 4), ("middle.yaml", 5, 11, 4)),
        (("tasks", "load", "variant"), ("middle.yaml", 5, 5, 4), ("middle.yaml", 5, 11, 4)),
        (("tasks", "load", "dependencies"), ("job.yaml", 8, 5, 10), ("job.yaml", 9, 7, 1)),
        (("tasks", "load", "dependencies", 1), ("job.yaml", 10, 9, 10), ("job.yaml", 10, 9, 10)),
        (("tasks", "load", "parameters", "depth"), ("job.yaml", 5, 5, 5), ("job.yaml", 5, 12, 1)),
        (("tasks", "load", "parameters", "old"), ("middle.yaml", 7, 18, 3), ("middle.yaml", 7, 23, 1)),
        (("tasks", "load", "parameters", "list", 0, "k"), ("job.yaml", 15, 15, 1), ("job.yaml", 15, 18, 1)),
        (("tasks", "load", "parameters", "nothing"), ("job.yaml", 16, 7, 7), ("job.yaml", 16, 7, 7)),
        (("tasks", "secret", "task"), ("job.yaml", 18, 5, 4), ("job.yaml", 18, 11, 5)),
    ],
)
def test_places(origins, path, key, value):
    """Each key and value has the place in the file that counts, also through merge keys and includes."""
    assert origins.key(path) == Place(*key)
    assert origins.value(path) == Place(*value)


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        (("tasks", "load", "timeout"), ("tasks", "load")),
        (("tasks", "load", "dependencies", 7), ("tasks", "load", "dependencies")),
        (("tasks", "load", "task", "x", 0), ("tasks", "load", "task")),
        (("pools", "x"), ()),
    ],
)
def test_what_is_not_written_is_at_the_nearest_that_is(origins, path, nearest):
    """A default has the place of what it belongs to."""
    assert origins.value(path) == origins.value(nearest)
    assert origins.key(path) == origins.key(nearest)


def test_what_is_shown(origins):
    """D-09: a value is shown as it was written, and whether it came from the environment is known."""
    parameters = ("tasks", "load", "parameters")
    assert origins.shown((*parameters, "user")) == "$ENV{USER}"
    assert origins.shown((*parameters, "day")) == "$VAR{day}"
    assert origins.shown((*parameters, "depth")) == "7"
    assert origins.shown(parameters) == ""
    assert [origins.is_tainted((*parameters, name)) for name in ("user", "day", "depth")] == [True, False, False]
    assert origins.is_tainted(parameters)
    assert not origins.is_tainted(("config",))


def test_history(origins):
    """What was replaced or merged with is known, the oldest first."""
    assert [str(place) for place in origins.history(("config", "name"))] == ["low.yaml:2"]
    assert [str(place) for place in origins.history(("tasks", "load", "dependencies"))] == ["middle.yaml:6"]
    assert origins.history(("tasks", "load", "dependencies", 0)) == ()
    assert origins.history(("tasks", "load", "parameters", "day")) == ()


def test_how_it_came(origins):
    """The way of an included value is told in a sentence."""
    assert origins.came_through(("tasks", "load", "dependencies")) is None
    sentence = "this value reached job.yaml through its include on line 2"
    assert origins.came_through(("tasks", "load", "task")) == sentence
    assert origins.came_through(("config", "max_concurrency")) == f"{sentence}, by way of middle.yaml"


def test_how_a_path_is_spelled(origins):
    """With the keys of the file, and those from the environment as they were written."""
    assert origins.spelled(("tasks", "load", "dependencies", 1)) == "tasks.load.depends_on[1]"
    assert origins.spelled(("tasks", "secret", "task")) == "tasks.$ENV{NAME}.task"
    assert origins.spelled(()) == ""


def test_what_is_replaced_by_another_kind_of_value(project):
    """A mapping that something else has replaced is gone; a mapping after that begins anew."""
    project.write("tasks: {a: {parameters: {x: {p: 1, q: 1}}}}\n", "1.yaml")
    project.write("tasks: {a: {parameters: {x: 5}}}\n", "2.yaml")
    loaded = project.load("include: [1.yaml, 2.yaml]\ntasks: {a: {task: T, parameters: {x: {p: 3}}}}\n")
    path = ("tasks", "a", "parameters", "x")
    assert loaded.definition.tasks["a"].parameters == {"x": {"p": 3}}
    assert loaded.origins.history((*path, "p")) == ()
    assert loaded.origins.value((*path, "q")) == loaded.origins.value(path)
    assert len(loaded.origins.history(path)) == 2


def test_origins_in_python(project):
    """What was given as a mapping has no line, but it is known how it was written."""
    origins = project.load({"tasks": {"a": {"task": "$ENV{X}", "parameters": {"d": 1}}}}, environ={"X": "T"}).origins
    assert str(origins.value(("tasks", "a", "task"))) == "<python>"
    assert origins.shown(("tasks", "a", "task")) == "$ENV{X}"
    assert origins.is_tainted(("tasks", "a", "task"))
    assert origins.shown(("tasks", "a", "parameters", "d")) == "1"


def test_no_origins():
    """A definition that was never written still answers."""
    origins = Origins()
    assert str(origins.value(("tasks", "a"))) == str(origins.key(())) == "<python>"
    assert origins.shown(("a",)) == ""
    assert origins.history(("a",)) == ()
    assert origins.came_through(("a",)) is None
    assert origins.spelled(("a", 0)) == "a[0]"
    assert not origins.is_tainted(("a",))
