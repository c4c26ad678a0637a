"""The job definition as the history keeps it: each once, by its digest."""

from __future__ import annotations

import os
from _blake2 import blake2b  # that of `hashlib` loads OpenSSL
from collections.abc import Iterator
from typing import Any

from .assemble import OpenJob
from .errors import DefinitionError
from .history.places import Places
from .problem import Place
from .project_root import path_from_root
from .version import __version__

_FRESH = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
_SUFFIXES = (".yaml", ".yml")
_MOST_TASKS_WITH_ORIGINS = 2000
"""Of a larger job only the places of tasks are kept."""


def keep_definition(job: OpenJob, places: Places) -> str:
    """See to it that the definition is kept; gives its digest. Raises OSError."""
    digest = _digest(job)
    path = places.definition(digest) if digest else None
    if path is not None and path.exists():
        os.utime(path)
        return digest
    import json

    mask = job.checked.secrets.mask if job.checked.secrets else None
    plain = json.dumps(_whole(job), default=str)
    text = (mask.encoded(plain) if mask else plain).encode()
    if path is None:
        digest = blake2b(text, digest_size=16).hexdigest()
        path = places.definition(digest)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{digest}.{os.getpid()}")
    with open(os.open(draft, _FRESH, 0o600), "wb") as stream:
        stream.write(text)
    os.replace(draft, path)
    return digest


def from_root(file: str, job: OpenJob) -> str:
    """A file as it is found again: from the project root if it is below it. What is no file stays as it is."""
    return path_from_root(file, job.root) if os.path.exists(file) else file


def _digest(job: OpenJob) -> str:
    """That of all it follows from: files, variables, modules. Empty for a job that does not follow from files alone."""
    if not (job.loaded.files and all(file.endswith(_SUFFIXES) for file in job.loaded.files)):
        return ""
    whole = blake2b(digest_size=16)
    try:
        for part in _parts(job):
            whole.update(b"%d " % len(part))
            whole.update(part)
    except OSError:  # a file was deleted since it was read
        return ""
    return whole.hexdigest()


def _parts(job: OpenJob) -> Iterator[bytes]:
    yield __version__.encode()
    yield "\n".join(job.definition.tasks).encode("utf-8", "surrogateescape")  # names may come from the environment
    for file in job.loaded.files:
        yield from_root(file, job).encode("utf-8", "surrogateescape")
        with open(file, "rb") as stream:
            yield stream.read()
    for name, value in sorted(job.loaded.variables.items()):
        yield f"{name}={value}".encode("utf-8", "surrogateescape")
    for module in sorted(job.discovery.files):
        status = os.stat(module)
        yield f"{module} {status.st_mtime_ns} {status.st_size}".encode("utf-8", "surrogateescape")


def _whole(job: OpenJob) -> dict[str, Any]:
    merged = _merged(job)
    files = [from_root(file, job) for file in job.loaded.files]
    return {"tasks": list(_tasks(job)), "merged": merged, "origins": _origins(job, merged), "files": files}


def _merged(job: OpenJob) -> dict[str, Any]:
    """As `flowrun show` shows it; empty for a job in Python with values that no file can hold."""
    from .jobdefinition.dump import sections_of  # most runs find their definition there

    try:
        return sections_of(job.loaded.written or job.definition, job.loaded.origins)
    except DefinitionError:
        return {}


def _tasks(job: OpenJob) -> Iterator[list[Any]]:
    flat, origins = job.loaded.flat, job.loaded.origins
    for name, task in job.definition.tasks.items():
        kind = "group" if task.is_group else "items" if task.is_fan else "task"
        parent, executor = flat.parents.get(name, ""), job.checked.executor_of.get(name, "")
        place = origins.key(flat.path_of(name))
        about = [name, kind, task.variant, parent, executor, task.max_attempts]
        yield [*about, list(task.depends_on), from_root(place.file, job), place.line]


def _origins(job: OpenJob, merged: dict[str, Any]) -> dict[str, str]:
    """`file:line` of each value."""
    if len(job.definition.tasks) > _MOST_TASKS_WITH_ORIGINS:
        return {}
    from .jobdefinition.keypath import leaves, spelled

    origins = job.loaded.origins
    return {spelled(path): _place(origins.value(path), job) for path, _ in leaves(merged)}


def _place(place: Place, job: OpenJob) -> str:
    return str(Place(from_root(place.file, job), place.line))
