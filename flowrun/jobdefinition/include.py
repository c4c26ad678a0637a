"""Includes: the files that a job definition names, merged below it."""

from __future__ import annotations

import os
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from yaml.nodes import MappingNode

from flowrun.problem import Problem

from ..dataclass import dataclass
from .document import document_of, refuse_foreign
from .keypath import KeyPath
from .layer import Layer
from .limits import MAX_DEPTH
from .origins import Origins
from .refused import Refused
from .spellings import settle, usual
from .text import read_text
from .values import Values
from .variables import Variables
from .wording import found, plain


@dataclass
class Gathered:
    """What a job definition and all that it includes say together, and where it was read."""

    value: dict[Any, Any] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unusable: set[KeyPath] = field(default_factory=set)
    unread: set[KeyPath] = field(default_factory=set)
    """As in `Doubts`."""
    files: list[str] = field(default_factory=list)


class Include:
    """Follows includes depth first. A file counts where it is reached first: below the file that includes it."""

    def __init__(self, root: Path, cwd: str, variables: Variables) -> None:
        self._root = root
        self._cwd = cwd
        self._variables = variables
        self._seen: set[str] = set()
        self._gathered = Gathered()

    def gather(self, main: MappingNode, file: str, path: Path | None) -> Gathered:
        """What the main file says with all its includes. `path` is None if it stands in no file."""
        self._gathered.files.append(file)
        self._take(Layer(file, main, _identity(path) if path else file))
        return self._gathered

    def _take(self, layer: Layer) -> None:
        """Merge one file on top of what it includes."""
        self._seen.add(layer.identity)
        values = Values(layer.file, self._variables)
        value = values.of_sections(layer.root)
        self._gathered.problems += values.problems
        self._gathered.unusable.update(map(usual, values.bad_paths))
        self._gathered.unread.update(map(usual, values.doubled))
        for path in settle(value):
            self._note(layer, path, "FR103", "this key is given twice, in its two spellings")
        for index, name in self._names(layer, value.pop("include", [])):
            if ("include", index) not in values.bad_paths:
                self._follow(layer, index, name)
        self._gathered.layers.append(layer)
        merge(self._gathered.value, value)

    def _names(self, layer: Layer, names: Any) -> list[tuple[int, str]]:
        if not isinstance(names, list):
            written = plain(Origins([layer], self._variables).shown(("include",)))
            label = f"write it as a list: `[{written}]`" if isinstance(names, str) else found(names)
            self._note(layer, ("include",), "FR105", "`include` must be a list of paths", label)
            return []
        for index, name in enumerate(names):
            if not isinstance(name, str | Path):
                self._note(layer, ("include", index), "FR105", f"`include[{index}]` must be a path", found(name))
        return [(index, str(name)) for index, name in enumerate(names) if isinstance(name, str | Path)]

    def _follow(self, layer: Layer, index: int, name: str) -> None:
        path = self._root / name
        identity = _identity(path)
        chain = layer.chain()
        identities = [link.identity for link in chain]
        if identity in identities:
            circle = [plain(link.file, 200) for link in chain[identities.index(identity) :]]
            self._refuse(layer, index, "FR107", "the includes run in a circle: " + " -> ".join([*circle, circle[0]]))
        elif len(chain) > MAX_DEPTH:
            self._refuse(layer, index, "FR109", f"includes are nested more than {MAX_DEPTH} deep")
        elif identity not in self._seen:
            self._read(layer, index, path, identity)

    def _read(self, layer: Layer, index: int, path: Path, identity: str) -> None:
        file = self._file(path)
        entry = Origins([layer], self._variables).value(("include", index))
        try:
            text = read_text(path, file)
            self._gathered.files.append(file)
            root = document_of(text, file)
            refuse_foreign(root, file)
        except Refused as refused:
            self._refuse_file(layer, index, refused.problem)
        else:
            self._take(Layer(file, root, identity, layer, entry))

    def _refuse_file(self, layer: Layer, index: int, problem: Problem) -> None:
        origins = Origins([layer], self._variables)
        if problem.code == "FR101":
            name = plain(origins.shown(("include", index)))
            self._refuse(layer, index, "FR108", f"cannot include `{name}`: {problem.label}", self._beside(layer, name))
            return
        # Without a column nobody shows the line: it may be one of a file that is none of ours.
        place = replace(problem.place, column=0)
        notes = (*problem.notes, "included by " + plain(origins.value(("include", index)), 200))
        self._gathered.problems.append(replace(problem, place=place, notes=notes))
        self._gathered.unread.add(())

    def _beside(self, layer: Layer, name: str) -> str:
        """What is said of a file that is not where it was looked for, but beside the file that names it."""
        beside = os.path.join(os.path.dirname(layer.identity), name)
        if os.path.isabs(name) or not os.path.isfile(beside):
            return ""
        return f"did you mean `{plain(os.path.relpath(beside, self._root), 200)}`? A path begins at the project root"

    def _refuse(self, layer: Layer, index: int, code: str, message: str, label: str = "") -> None:
        self._note(layer, ("include", index), code, message, label)
        self._gathered.unread.add(())

    def _note(self, layer: Layer, path: KeyPath, code: str, message: str, label: str = "") -> None:
        origins = Origins([layer], self._variables)
        self._gathered.problems.append(Problem(code, message, origins.value(path), origins.spelled(path), label))

    def _file(self, path: Path) -> str:
        """What messages call an included file: the shorter of its two paths."""
        try:
            return min(os.path.relpath(path, self._cwd), str(path), key=len)
        except ValueError:
            return str(path)


def merge(below: dict[Any, Any], above: dict[Any, Any]) -> None:
    """Lay `above` over `below`, which is changed: mappings merge, everything else is replaced."""
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(below.get(key), dict):
            merge(below[key], value)
        else:
            below[key] = value


def _identity(path: Path) -> str:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return str(path)
