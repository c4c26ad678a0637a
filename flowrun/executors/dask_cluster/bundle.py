"""Bundle: the Python files of a project and what lies beside them, as one zip file."""

from __future__ import annotations

import os
import stat
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp

from ...errors import DefinitionError

USUAL = ("tasks", "extensions", "loggers")
"""Directories that are searched for classes, besides those of `config.extension_directories`."""
_LARGEST = 64 << 20
_PASSED_OVER = frozenset({"__pycache__", "node_modules"})
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""Of every file: equal projects have equal bundles."""


def packed(root: Path, directories: Sequence[str]) -> bytes:
    """The modules at the root, what was imported from below it, and all of `tasks`, `extensions` and `directories`.

    Raises DefinitionError if that is too much to send to every worker.
    """
    buffer, size = BytesIO(), 0
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in _files(root, directories):
            size += path.stat().st_size
            if size > _LARGEST:
                raise DefinitionError(
                    f"the task directories of {root} hold more than {_LARGEST >> 20} MiB, which is too much to upload "
                    "to every Dask worker: keep data elsewhere, or put the project on a file system that the workers "
                    "share and say `code: shared`"
                )
            info = zipfile.ZipInfo(str(path.relative_to(root)), _MOMENT)
            info.external_attr = path.stat().st_mode << 16
            archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpacked(bundle: bytes, parent: Path, mark: str) -> Path:
    """A directory below `parent` with the files of a bundle: a new one, or without a change the one of this mark."""
    whole = parent / f"flowrun-{mark}"
    if mark and whole.is_dir():
        return whole
    into = Path(mkdtemp(prefix="flowrun-", dir=parent))
    unpack(bundle, into)
    if mark:
        with suppress(OSError):  # another one was quicker
            into.rename(whole)
            return whole
    return into


def unpack(bundle: bytes, into: Path) -> None:
    """Write the files of a bundle below a directory."""
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        for info in archive.infolist():
            Path(archive.extract(info, into)).chmod(0o700 if info.external_attr >> 16 & stat.S_IXUSR else 0o600)


def _files(root: Path, directories: Sequence[str]) -> Iterator[Path]:
    found = {path for path in root.glob("*.py") if path.is_file()}
    for name in {*USUAL, *_imported_below(root), *directories}:
        for directory, below, names in os.walk(root / name, followlinks=True):
            below[:] = [it for it in below if it not in _PASSED_OVER and not it.startswith(".")]
            found.update(path for it in names if (path := Path(directory, it)).is_file() and not it.endswith(".pyc"))
    yield from sorted(found)


def _imported_below(root: Path) -> Iterator[str]:
    """The directories at the root from which the modules of the tasks have imported something."""
    home = os.path.join(root, "")
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None) or ""
        top, _, rest = file.removeprefix(home).partition(os.sep)
        if file.startswith(home) and rest and not top.startswith(".") and "site-packages" not in rest:
            yield top
