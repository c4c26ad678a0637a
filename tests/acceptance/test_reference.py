"""The reference cannot drift: job file, command line, errors and states are those of the code."""

from __future__ import annotations

import re

import click
import pytest
from pydantic import BaseModel

import flowrun.errors
from flowrun.cli.commands import COMMANDS, commands
from flowrun.cli.plan import SOMETHING_TO_DO
from flowrun.error_codes import ERROR_CODES
from flowrun.errors import FlowrunError
from flowrun.eventbus.execution import MAY_FOLLOW, TERMINAL, ExecutionState
from flowrun.jobdefinition import model, parts, task_definition

from ..papers import DOCS, blocks_of, default_of, first_names, named, rows, section

REFERENCE = DOCS / "reference"


def keys_of(of: type[BaseModel]) -> dict[str, str]:
    """The keys of a model of job files with their defaults."""
    return {field.alias or name: default_of(field) for name, field in of.model_fields.items()}


@pytest.mark.parametrize(
    ("heading", "of"),
    [
        ("config", model.ConfigurationDefinition),
        ("A task", task_definition.TaskDefinition),
        ("backoff", task_definition.Backoff),
        ("loggers", parts.LoggerDefinition),
        ("extensions", parts.ExtensionDefinition),
        ("checkpointer", parts.CheckpointerDefinition),
        ("executors", parts.ExecutorDefinition),
        ("pools", parts.PoolDefinition),
        ("cache", task_definition.CacheDefinition),
        ("secrets", parts.SecretsDefinition),
    ],
)
def test_the_reference_has_every_key_of_a_job_file(heading: str, of: type[BaseModel]) -> None:
    """Each key with its default, and no other (FM-23 and the rows after it)."""
    written = {named(row[0])[0]: row[1] for row in rows(section(REFERENCE / "job-file.md", heading))}

    assert written == keys_of(of)


def test_the_reference_has_every_section_of_a_job_file() -> None:
    """Each section, and the free space for anchors."""
    written = first_names(section(REFERENCE / "job-file.md", "Sections"))

    assert set(written) == {*keys_of(model.JobDefinition), "aliases"}


def command_at(path: str) -> click.Command:
    """The command of this name; of a command below another, both names."""
    command: click.Command = commands
    for name in path.split():
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None, path
        command = found
    return command


def command_paths() -> list[str]:
    """Every command, those below another command too."""
    paths = []
    for name in COMMANDS:
        command = command_at(name)
        below = command.list_commands(click.Context(command)) if isinstance(command, click.Group) else []
        paths += [name, *(f"{name} {each}" for each in below)]
    return paths


@pytest.mark.parametrize("path", command_paths())
def test_the_reference_has_every_option_of_a_command(path: str) -> None:
    """Each option in all its spellings, with the values that it takes, and no other."""
    text = section(REFERENCE / "command-line.md", path)
    text = text.partition("\n###")[0]
    written = {name: row for row in rows(text) for name in named(row[0])}
    options = [option for option in command_at(path).params if isinstance(option, click.Option)]

    assert set(written) == {spelling for option in options for spelling in (*option.opts, *option.secondary_opts)}
    for option in options:
        if isinstance(option.type, click.Choice):
            shown = set(named(written[option.opts[0]][1]))
            assert set(option.type.choices) <= shown, f"{path} {option.opts}"


def test_the_reference_has_every_command() -> None:
    """The table at the top lists all commands in their order."""
    text = (REFERENCE / "command-line.md").read_text().partition("\n## ")[0]

    assert first_names(text) == list(COMMANDS)


def test_the_reference_has_every_error_code() -> None:
    """Each code with its title and its explanation."""
    written = {
        named(row[0])[0]: (row[1], row[2]) for row in rows(section(REFERENCE / "errors.md", "Codes of job files"))
    }

    assert written == {code.code: (code.title, code.explanation) for code in ERROR_CODES.values()}


def test_the_reference_has_every_exception() -> None:
    """Each class with what it extends and its exit status (FM-95)."""
    classes = {
        name: cls
        for name, cls in vars(flowrun.errors).items()
        if isinstance(cls, type) and issubclass(cls, FlowrunError) and cls.__module__ == "flowrun.errors"
    }
    written = {
        named(row[0])[0]: (named(row[1])[0], row[2]) for row in rows(section(REFERENCE / "errors.md", "Exceptions"))
    }

    assert written == {name: (cls.__base__.__name__, str(cls.exit_status)) for name, cls in classes.items()}


def test_the_reference_has_every_exit_status() -> None:
    """Each status that an error, a report or a command ends with (FM-20)."""
    written = {int(row[0]) for row in rows((REFERENCE / "exit-statuses.md").read_text())}
    of_errors = {
        cls.exit_status
        for cls in vars(flowrun.errors).values()
        if isinstance(cls, type) and issubclass(cls, FlowrunError)
    }

    assert written == of_errors | {0, 1, 2, 7, 124, 128 + 1, 128 + 2, 128 + 15, SOMETHING_TO_DO}


def test_the_diagram_shows_the_table_of_allowed_moves() -> None:
    """Each arrow is an allowed move, and each allowed move is an arrow (FM-66, FM-67)."""
    [diagram] = [block.text for block in blocks_of(DOCS / "state-machine.md") if block.language == "mermaid"]
    arrows = set(re.findall(r"^\s*(\S+) --> (\S+?):? ?(?:$| )", diagram, re.MULTILINE))
    moves = {(now.name, then.name) for now, all_then in MAY_FOLLOW.items() for then in all_then}

    assert arrows == moves | {("[*]", "INIT")} | {(state.name, "[*]") for state in TERMINAL}


def test_the_states_are_listed_with_their_letters() -> None:
    """Names and letters of all states (FM-66)."""
    listed = rows((DOCS / "state-machine.md").read_text())

    assert {named(row[0])[0]: named(row[1])[0] for row in listed} == {
        state.name: state.value for state in ExecutionState
    }
