"""Formats: how they are registered, and the one that is bundled."""

from __future__ import annotations

import pytest

from flowrun.errors import DefinitionError
from flowrun.jobdefinition import (
    JobDefinition,
    LoadParams,
    SerializableJobDefinition,
    TaskDefinition,
    job_definition,
    yamlformat,
)
from flowrun.jobdefinition.formats import format_of


def _a_format(name: str, module: str) -> type[SerializableJobDefinition]:
    methods = {"load": lambda self, *_: JobDefinition(tasks={}), "dump": lambda self, *_: None, "__module__": module}
    return type(name, (SerializableJobDefinition,), methods)


def test_what_is_no_format_is_refused():
    """FM-03, FM-47: the decorator takes only what extends the contract."""
    with pytest.raises(TypeError, match="SerializableJobDefinition"):
        job_definition("formats-test-wrong")(dict)


def test_two_formats_of_one_name():
    """FM-47, X-FM-17: neither silently wins; the same class defined again does."""
    one, other = _a_format("One", "module_a"), _a_format("Other", "module_b")
    job_definition("formats-test")(one)
    assert format_of("formats-test") is one
    again = job_definition("formats-test")(_a_format("One", "module_a"))
    assert format_of("formats-test") is again
    job_definition("formats-test")(other)
    with pytest.raises(DefinitionError, match="module_a and in module_b"):
        format_of("formats-test")


def test_yaml_from_python(project, monkeypatch):
    """FM-93, X-FM-20: what is dumped loads again; the environment is that of the process."""
    monkeypatch.setenv("FORMATS_TEST", "from outside")
    yaml = yamlformat.YAMLJobDefinition()
    path = project.write("tasks: {a: {task: T, parameters: {x: $ENV{FORMATS_TEST} $VAR{v} $SYS{APP_ROOT_DIR}}}}\n")
    definition = yaml.load(path, LoadParams(APP_ROOT_DIR=str(project.root)), {"v": "w"})
    assert definition.tasks["a"].parameters == {"x": f"from outside w {project.root}"}

    yaml.dump(definition, project.root / "again.yaml")

    assert yaml.load(str(project.root / "again.yaml")) == definition
    assert sorted(path.name for path in project.root.iterdir()) == ["again.yaml", "job.yaml"]


def test_yaml_from_python_with_mistakes(project):
    """FM-95: the error carries every problem."""
    path = project.write("tasks: {a: {task: T, dependencies: [1]}, b: {}}\n")
    with pytest.raises(DefinitionError) as caught:
        yamlformat.YAMLJobDefinition().load(path)
    assert [problem.code for problem in caught.value.problems] == ["FR105", "FR106"]


def test_a_dump_that_fails_leaves_the_file(project):
    """What was there before is still whole."""
    path = project.write("before")
    with pytest.raises(DefinitionError, match=r"tasks\.a\.parameters\.x"):
        yamlformat.YAMLJobDefinition().dump(
            JobDefinition(tasks={"a": TaskDefinition(task="T", parameters={"x": object()})}), path
        )
    assert path.read_text() == "before"
