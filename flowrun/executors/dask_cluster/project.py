"""Project: what a Dask worker must have of a project to perform its tasks."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...dataclass import dataclass
from ...errors import DefinitionError, StateError
from ...state_key import state_key
from ...task import tasks
from ...version import __version__
from ..executor import Workplace
from ..new_starter import address_of
from .bundle import USUAL, packed
from .settings import Isolation

Address = tuple[str, str]
"""Module, or main file below the root, and the name in it of a task class. Empty: it is found by its own name."""

_BY_NAME: Address = ("", "")


@dataclass(frozen=True, slots=True)
class Project:
    """Sent once to each worker of a run."""

    version: str
    """Of the flowrun that sends it."""
    bundle: bytes | None
    """The files; None: they are at `root` on every worker, too."""
    root: str
    variants: Mapping[str, Address]
    discovery: Mapping[str, Any] | None
    """Directories, below the root, and packages with classes. None: no class comes from there."""
    max_result_bytes: int
    state_key: str
    """What pickled values are signed with. Empty: this user has no key."""
    isolation: Isolation = "process"
    """What an attempt runs in."""

    @property
    def has_directory_of_its_own(self) -> bool:
        """On each worker, for this run alone: it goes with the run."""
        return self.bundle is not None and self.isolation == "process"

    @property
    def mark(self) -> str:
        """What a directory that is used again is called by: the same for the same files. Empty: it is not."""
        return "" if self.bundle is None or self.has_directory_of_its_own else sha256(self.bundle).hexdigest()[:32]

    def needs(self, root: Path) -> dict[str, Any]:
        """What `flowrun.starting` must know to find the classes on a worker that has the files below `root`."""
        return {
            "root": str(root),
            "max_result_bytes": self.max_result_bytes,
            "private_descriptors": (),
            "variants": {
                name: (str(root / module) if module.endswith(".py") else module, qualname)
                for name, (module, qualname) in self.variants.items()
            },
            "discovery": self.discovery,
            "is_remote": True,
        }


def project_of(workplace: Workplace, *, is_shared: bool, isolation: Isolation = "process") -> Project:
    """The project of a job. Raises DefinitionError for what cannot be brought to other machines."""
    discovery = _discovery_below(workplace) if workplace.is_discovered else None
    directories = discovery["directories"] if discovery else ()
    discovered = (*USUAL, *directories) if discovery else ()
    root = workplace.root
    variants = {name: _address(name, cls, root, discovered) for name, cls in workplace.variants.items()}
    if isolation == "thread":
        _refuse_main_file(variants)
    return Project(
        version=__version__,
        bundle=None if is_shared else packed(root, directories),
        root=str(root),
        variants=variants,
        discovery=discovery,
        max_result_bytes=workplace.max_result_bytes,
        state_key=_key(),
        isolation=isolation,
    )


def _refuse_main_file(variants: Mapping[str, Address]) -> None:
    """It would take the place of the worker's own. Raises DefinitionError."""
    for name, (module, _) in variants.items():
        if module.endswith(".py"):
            raise DefinitionError(
                f"the task `{name}` stands in the program itself: with `isolation: thread` put it into a module that "
                "the program imports"
            )


def _discovery_below(workplace: Workplace) -> dict[str, Sequence[str]]:
    """Directories as they are below the root, whatever it is called elsewhere."""
    root = workplace.root
    below = []
    for name in workplace.discovery.get("directories", ()):
        path = os.path.relpath(root / name, root)
        if path.startswith(os.pardir):
            raise DefinitionError(
                f"config.extension_directories: `{name}` is outside of the project, so it cannot be brought to the "
                "workers of a Dask cluster: move it below the project root, or install it there as a package"
            )
        below.append(path)
    return {"directories": below, "packages": list(workplace.discovery.get("packages", ()))}


def _address(name: str, cls: type[Any], root: Path, discovered: Sequence[str]) -> Address:
    """Where a worker finds a class. What discovery finds has perhaps another module name below another root."""
    entry = tasks.entry_of(cls)
    if entry is not None and any(Path(entry.origin.file).is_relative_to(root / it) for it in discovered):
        return _BY_NAME
    module, qualname = address_of(cls)
    if not module:
        raise DefinitionError(
            f"the task `{name}` cannot be found by a Dask worker: its class or function is made inside of another "
            "one, or belongs to an object; define it at the top of a module"
        )
    if not os.path.isabs(module):
        return (module, qualname)
    below = os.path.relpath(module, root)
    if below.startswith(os.pardir):
        raise DefinitionError(
            f"the task `{name}` stands in {module}, outside of the project {root}: a Dask worker has no such file"
        )
    return (below, qualname)


def _key() -> str:
    try:
        return state_key().decode("utf-8", "surrogateescape")
    except StateError:  # then nothing can be pickled here either
        return ""
