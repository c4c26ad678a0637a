"""Load: a job definition from a file, from text or from Python, with every problem in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flowrun.errors import DefinitionError
from flowrun.problem import Place, Problem

from .collector import paused_collector
from .document import document_of
from .formats import LoadParams, format_of
from .include import Gathered, Include
from .model import JobDefinition
from .nodes import nodes_of
from .origins import NOWHERE, Origins
from .refused import Refused
from .text import decode, read_text
from .validation import validate
from .variables import Variables
from .wording import plain

_YAML = "yaml"
_STDIN = "<stdin>"

# What a file that could not be read may have held: its keys and tasks cannot be told from missing ones.
_UNSURE = ("FR106", "FR111")


@dataclass(frozen=True)
class Loaded:
    """What came of loading a job definition."""

    definition: JobDefinition | None
    """None if a file could not be used. Tasks with problems are left out, so that later checks can add theirs."""
    problems: tuple[Problem, ...]
    """All of them, the main file's first, then by line."""
    origins: Origins
    """Where each value was written."""
    files: tuple[str, ...]
    """Every file that was read, as messages call it; the main file first."""
    left_out: frozenset[str] = frozenset()
    """The tasks that are missing in `definition` because of their problems: others may well depend on them."""
    warnings: tuple[Problem, ...] = ()
    """What a person should know, though nothing is wrong with the definition."""


def load(
    source: str | Path | Mapping[str, Any] | JobDefinition,
    *,
    root: Path,
    variables: Mapping[str, str] = {},
    environ: Mapping[str, str],
    stdin: bytes | None = None,
    kind: str = _YAML,
    cwd: Path | None = None,
) -> Loaded:
    """Read, include, fill in and check the job definition that `source` names or is.

    `source` is a path, `-` for the text in `stdin`, the sections as a mapping, or a definition. `variables` are
    the values of `$VAR{}`, `environ` those of `$ENV{}`; `kind` is the format of a file. Relative paths in the job
    start at `root`, those in messages at `cwd`.

    Every mistake in the definition is a problem in the answer. Raises UsageError for a `kind` that is not registered.
    """
    if isinstance(source, JobDefinition) and not source.include:
        return _of_definition(source)
    where = Path(os.path.abspath(root))
    if kind != _YAML and isinstance(source, str | Path):
        return _of_format(source, kind, where, variables)
    names = Variables(environ, variables, {"APP_ROOT_DIR": str(where)})
    reader = Include(where, str(cwd or _cwd()), names)
    try:
        with paused_collector():
            gathered = _gather(source, reader, stdin)
            loaded = _checked(gathered, Origins(gathered.layers, names))
            return replace(loaded, warnings=_unused(names, gathered.files[0]))
    except Refused as refused:
        return Loaded(None, (refused.problem,), Origins(), ())


def _gather(source: str | Path | Mapping[str, Any] | JobDefinition, reader: Include, stdin: bytes | None) -> Gathered:
    """The sections of the main file and of all that it includes. Raises Refused if there are none."""
    if isinstance(source, JobDefinition):
        values = source.model_dump(by_alias=True, exclude_unset=True)
        return reader.gather(nodes_of(values, NOWHERE.file, is_filled=True), NOWHERE.file, None)
    if isinstance(source, Mapping):
        return reader.gather(nodes_of(source, NOWHERE.file), NOWHERE.file, None)
    if str(source) == "-":
        return reader.gather(document_of(decode(stdin or b"", _STDIN), _STDIN), _STDIN, None)
    file = str(source)
    return reader.gather(document_of(read_text(Path(source), file), file), file, Path(source))


def _checked(gathered: Gathered, origins: Origins) -> Loaded:
    validated = validate(gathered.value, origins, gathered.bad_paths)
    problems = [*gathered.problems, *validated.problems]
    if not gathered.is_whole:
        problems = [problem for problem in problems if problem.code not in _UNSURE]
    return Loaded(
        validated.definition if gathered.is_whole else None,
        _in_order(problems, gathered.files),
        origins,
        tuple(gathered.files),
        validated.left_out,
    )


def _unused(names: Variables, file: str) -> tuple[Problem, ...]:
    """A variable that nothing names is most likely misspelt, and a default was taken in its place."""
    return tuple(
        Problem(
            "FR114",
            f"no `$VAR{{{plain(name)}}}` is in the job: what was given for it has no effect",
            Place(file),
            label=f"did you mean `{plain(near)}`?" if (near := names.near(name)) else "",
        )
        for name in names.unused()
    )


def _in_order(problems: list[Problem], files: list[str]) -> tuple[Problem, ...]:
    """Each problem once, by place. What an alias repeats is one problem."""
    rank = {file: number for number, file in enumerate(files)}
    unique = {(problem.code, problem.place, problem.message): problem for problem in problems}

    def position(problem: Problem) -> tuple[int, int, int]:
        return rank.get(problem.place.file, len(rank)), problem.place.line, problem.place.column

    return tuple(sorted(unique.values(), key=position))


def _of_definition(definition: JobDefinition) -> Loaded:
    validated = validate({"tasks": definition.tasks}, Origins(), ())
    return Loaded(definition, tuple(validated.problems), Origins(), ())


def _of_format(source: str | Path, kind: str, root: Path, variables: Mapping[str, str]) -> Loaded:
    """Reads with a class of the user, which may do anything wrong."""
    file, format_class = str(source), format_of(kind)
    try:
        definition = format_class().load(file, LoadParams(APP_ROOT_DIR=str(root)), dict(variables))
    except DefinitionError as error:
        problems = error.problems or (Problem("FR101", str(error), Place(file)),)
        return Loaded(None, problems, Origins(), (file,))
    except Exception as error:
        message = f"the format `{kind}` cannot read it: {type(error).__name__}: {error}"
        return Loaded(None, (Problem("FR101", message, Place(file)),), Origins(), (file,))
    if not isinstance(definition, JobDefinition):
        message = f"the format `{kind}` gave no JobDefinition but {type(definition).__name__}"
        return Loaded(None, (Problem("FR101", message, Place(file)),), Origins(), (file,))
    return _of_definition(definition)


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:
        return os.sep
