"""Load: a job definition from a file, from text or from Python, with every problem in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from flowrun.errors import DefinitionError
from flowrun.problem import Place, Problem

from ..dataclass import dataclass
from .collector import paused_collector
from .document import document_of
from .doubts import Doubts
from .expression_places import is_variable
from .flat import Flat, flatten
from .formats import LoadParams, format_of
from .in_python import InPython
from .include import Gathered, Include
from .keypath import in_full_names
from .model import JobDefinition
from .nodes import nodes_of
from .origins import NOWHERE, Origins
from .outside import Outside
from .refused import Refused
from .text import decode, read_text
from .validation import validate
from .variables import Variables
from .wording import plain

_YAML = "yaml"
_STDIN = "<stdin>"


@dataclass(frozen=True)
class Loaded:
    """What came of loading a job definition."""

    definition: JobDefinition | None
    """Its tasks are flat: members of groups have full names. None if the main file could not be used.

    What has problems is left out, so that later checks can add theirs.
    """
    problems: tuple[Problem, ...]
    """All of them, the main file's first, then by line."""
    origins: Origins
    """Where each value was written."""
    files: tuple[str, ...]
    """Every file that was read, as messages call it; the main file first."""
    doubts: Doubts = field(default_factory=Doubts)
    """What `definition` lacks because of the problems; tasks in it have their full names."""
    warnings: tuple[Problem, ...] = ()
    """What a person should know, though nothing is wrong with the definition."""
    written: JobDefinition | None = None
    """The definition with its groups as they are written."""
    flat: Flat = field(default_factory=lambda: Flat({}))
    """The tasks of `definition`, with the tables of their groups."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """The variables that were given for this run."""


def load(
    source: str | Path | Mapping[str, Any] | JobDefinition | InPython,
    outside: Outside,
    *,
    stdin: bytes | None = None,
    kind: str = _YAML,
) -> Loaded:
    """Read, include, fill in and check the job definition that `source` names or is.

    `source` is a path, `-` for the text in `stdin`, the sections as a mapping, or a definition, the last perhaps
    as it was written in Python. `kind` is the format of a file.

    Every mistake in the definition is a problem in the answer. Raises UsageError for a `kind` that is not registered.
    """
    variables = outside.variables
    if isinstance(source, InPython):
        return replace(_of_python(source), variables=variables)
    if isinstance(source, JobDefinition) and not source.include:
        return replace(_of_definition(source), variables=variables)
    if kind != _YAML and isinstance(source, str | Path):
        return _of_format(source, kind, outside)
    names = outside.names()
    reader = Include(outside.absolute_root, outside.start_of_shown_paths, names)
    try:
        with paused_collector():
            gathered = _gather(source, reader, stdin)
            loaded = replace(_checked(gathered, Origins(gathered.layers, names)), variables=variables)
            return replace(loaded, warnings=() if () in gathered.unread else _unused(names, loaded))
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
    doubts = Doubts(frozenset(gathered.unusable), frozenset(gathered.unread))
    validated = validate(gathered.value, origins, doubts)
    loaded = Loaded(None, (), origins, tuple(gathered.files), validated.doubts)
    loaded = _flattened(loaded, validated.definition)
    problems = [*gathered.problems, *validated.problems, *loaded.problems]
    return replace(loaded, problems=_in_order(problems, gathered.files))


def _flattened(loaded: Loaded, written: JobDefinition | None) -> Loaded:
    """`loaded` with a definition, and what is wrong with its groups."""
    if written is None:
        return loaded
    doubts = _in_full_names(loaded.doubts)
    flat = flatten(written.tasks, frozenset(doubts.names_below(("tasks",))))
    problems = loaded.problems
    if flat.members or any(name.endswith("]") for name in flat.tasks):
        from .grouping import grouping_problems  # most jobs have neither

        problems = (*problems, *grouping_problems(written.tasks, flat, loaded.origins))
    definition = written.model_copy(update={"tasks": flat.tasks}) if flat.members else written
    origins = loaded.origins.with_members(flat.paths)
    return replace(
        loaded, definition=definition, problems=problems, origins=origins, doubts=doubts, written=written, flat=flat
    )


def _in_full_names(doubts: Doubts) -> Doubts:
    return Doubts(frozenset(map(in_full_names, doubts.unusable)), frozenset(map(in_full_names, doubts.unread)))


def _unused(names: Variables, loaded: Loaded) -> tuple[Problem, ...]:
    """A variable that nothing names is most likely misspelt, and a default was taken in its place."""
    return tuple(
        Problem(
            "FR114",
            f"no `$VAR{{{plain(name)}}}` or `vars.{plain(name)}` is in the job: what was given for it has no effect",
            Place(loaded.files[0]),
            label=f"did you mean `{plain(near)}`?" if (near := names.near(name)) else "",
        )
        for name in names.unused()
        if loaded.definition is None or not is_variable(name, loaded.definition)
    )


def _in_order(problems: list[Problem], files: list[str]) -> tuple[Problem, ...]:
    """Each problem once, by place. What an alias repeats is one problem."""
    rank = {file: number for number, file in enumerate(files)}
    unique = {(problem.code, problem.place, problem.message): problem for problem in problems}

    def position(problem: Problem) -> tuple[int, int, int]:
        return rank.get(problem.place.file, len(rank)), problem.place.line, problem.place.column

    return tuple(sorted(unique.values(), key=position))


def _of_definition(definition: JobDefinition) -> Loaded:
    validated = validate({"tasks": definition.tasks}, Origins(), Doubts())
    return _flattened(Loaded(None, tuple(validated.problems), Origins(), ()), definition)


def _of_python(job: InPython) -> Loaded:
    origins = Origins().with_places(job.places)
    validated = validate(dict(job.sections), origins, Doubts())
    files = tuple(dict.fromkeys(place.file for place in job.places.values()))
    loaded = Loaded(None, tuple(validated.problems), origins, files, validated.doubts)
    return _flattened(loaded, validated.definition)


def _of_format(source: str | Path, kind: str, outside: Outside) -> Loaded:
    """Reads with a class of the user, which may do anything wrong."""
    file, format_class = str(source), format_of(kind)
    params = LoadParams(APP_ROOT_DIR=str(outside.absolute_root))
    try:
        definition = format_class().load(file, params, dict(outside.variables))
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
