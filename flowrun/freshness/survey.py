"""Survey: looks at what a task is given and at the files that it makes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .. import values
from ..attempt import Attempt
from ..errors import FlowrunError
from ..jobdefinition.task_definition import CacheDefinition, TaskDefinition
from ..values.file_store import FileStore
from .file_digests import FileDigest, FileDigests
from .files import is_wild, matched
from .grounds import Grounds
from .large_values import DigestStore, by_content
from .source import source_files

Unwanted = Callable[[], bool]
"""Asked while files are read: nobody waits for the answer any more."""


class UnfitError(FlowrunError):
    """A task cannot be performed, or what it made cannot be taken. The message says why."""

    exit_status = 1


class IrreproducibleError(UnfitError):
    """A task made something else than before, although nothing has changed."""


class Survey:
    """Looks at what the tasks of one job are given and at the files that they make."""

    def __init__(self, root: Path, environ: Mapping[str, str], digests: FileDigests) -> None:
        """`root` is the project root; `environ` has the variables that `cache.env` names."""
        self._root = root
        self._environ = environ
        self._digests = digests

    def learn(self, files: Mapping[str, FileDigest]) -> None:
        """What an earlier run found."""
        for name, digest in files.items():
            self._digests.learn(os.path.join(self._root, name), digest)

    def grounds(
        self, attempt: Attempt, task: TaskDefinition, variant: type[Any], salt: str, is_unwanted: Unwanted
    ) -> Grounds:
        """What an attempt is given, and all else by which it is decided whether its task is up to date.

        Raises UnfitError for inputs that are not there.
        """
        salted = _Salted(salt, FileStore(self._root, attempt.job_name, attempt.run_id))
        cache = task.cache if isinstance(task.cache, CacheDefinition) else CacheDefinition()
        key = attempt.declared.get("cache", cache.key)
        env = {name: attempt.env[name] for name in task.env if name in attempt.env}
        env |= {name: attempt.env.get(name, self._environ.get(name, "")) for name in cache.env}
        return Grounds(
            salt=salt,
            variant=task.variant,
            source=self._of_files([self._shown(file) for file in source_files(variant)], "file", is_unwanted),
            parameters=salted.parameters(attempt),
            key={name: salted.value(value) for name, value in _items(key)},
            env={name: salted.text(value) for name, value in env.items()},
            inputs=self._inputs(attempt.declared.get("inputs", task.inputs), is_unwanted),
        )

    def outputs(self, attempt: Attempt, task: TaskDefinition, is_unwanted: Unwanted) -> dict[str, FileDigest]:
        """What the task has made. Raises UnfitError for declared outputs that are not there."""
        found = matched(_texts(attempt.declared.get("outputs", task.outputs)), self._root)
        if found.missing:
            raise UnfitError(f"declared output {found.missing[0]!r} was not made")
        return self._of_files(found.files, "output", is_unwanted)

    def again(self, earlier: Mapping[str, FileDigest], is_unwanted: Unwanted) -> dict[str, FileDigest]:
        """Digests of these files as they are now, without those that are gone."""
        there = [name for name in earlier if os.path.isfile(os.path.join(self._root, name))]
        return self._of_files(there, "output", is_unwanted)

    def _inputs(self, patterns: Any, is_unwanted: Unwanted) -> dict[str, FileDigest]:
        found = matched(_texts(patterns), self._root)
        if found.missing and not is_wild(found.missing[0]):
            raise UnfitError(f"input {found.missing[0]!r} does not exist")
        return self._of_files(found.files, "input", is_unwanted)

    def _of_files(self, names: Any, what: str, is_unwanted: Unwanted) -> dict[str, FileDigest]:
        digests = {}
        for name in names:
            try:
                digests[name] = self._digests.of(os.path.join(self._root, name), is_unwanted)
            except OSError as error:
                raise UnfitError(f"{what} {name!r} cannot be read: {error.strerror}") from error
        return digests

    def _shown(self, file: str) -> str:
        return file.removeprefix(os.path.join(self._root, ""))


class _Salted:
    """Digests of values by which nobody finds out the values."""

    def __init__(self, salt: str, store: FileStore) -> None:
        self._salt = salt.encode()
        self._store = store

    def parameters(self, attempt: Attempt) -> dict[str, str]:
        """Those of the job file, and above them those that come from other tasks."""
        plain = {**attempt.parameters, **attempt.live}
        found = {name: self.value(value) for name, value in plain.items() if name not in attempt.given}
        for name, text in attempt.given.items():
            found[name] = self._encoded(by_content(text, self._store))
        return found

    def value(self, value: Any) -> str:
        """Of any value that can be kept. Raises UnfitError for others."""
        try:
            return self._encoded(values.encode(value, DigestStore()))
        except TypeError as error:
            raise UnfitError(f"a parameter {error}, so nobody can tell whether it has changed") from error

    def _encoded(self, text: str) -> str:
        """Of the text of a value; a long one may stand in a file, or not yet."""
        return self.text(values.put_aside(text, DigestStore()))

    def text(self, text: str) -> str:
        """Of a text."""
        from hashlib import blake2b

        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12, key=self._salt).hexdigest()


def _items(key: Any) -> list[tuple[str, Any]]:
    """The values of `cache.key` by name, or by number if they have none."""
    if isinstance(key, Mapping):
        return [(str(name), value) for name, value in key.items()]
    return [(str(number), value) for number, value in enumerate(key, 1)]


def _texts(patterns: Any) -> list[str]:
    return [str(pattern) for pattern in patterns]
