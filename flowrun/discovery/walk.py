"""ModuleWalk: one walk through the directories of a project, importing every module on the way."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from ..problem import Place
from .project_modules import ProjectModules

_FLOWRUN = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")
_NOT_MODULES = ("__init__.py", "__main__.py")
_SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGPIPE", "SIGALRM")
    if hasattr(signal, name)
)


class BrokenModule(NamedTuple):
    """A module that could not be imported."""

    file: str
    """The module, or the directory that could not be read."""
    place: Place
    """The line of the user's code that failed: in this module or in one that it imports."""
    error: str
    """Type and message of the error, in one line."""


class Remark(NamedTuple):
    """Something that a module did while it was imported, and should not have done."""

    file: str
    message: str


class ModuleWalk:
    """Imports what it meets and lists everything that a person may want to know about it."""

    def __init__(self, root: str, project: ProjectModules) -> None:
        self.modules: list[str] = []
        self.files: list[str] = []
        self.broken: list[BrokenModule] = []
        self.left_out: list[str] = []
        self.remarks: list[Remark] = []
        self._project = project
        self._users = [os.path.join(root, "")]
        self._met = {_identity(getattr(sys.modules["__main__"], "__file__", None) or "")}

    def directory(self, path: str) -> None:
        """Import every module below a directory that was named by the job or by convention."""
        self._users.append(os.path.join(path, ""))
        if self._is_new(path):
            name = self._import(os.path.join(path, "__init__.py"), lambda: self._project.open_package(path))
            if name is not None:
                self._below(path, name)

    def package(self, name: str) -> str:
        """Import an installed package and every module in it. Answers why that is impossible, or an empty text."""
        if self._import(name, lambda: _imported(name)) is None:
            return f"package `{name}` cannot be imported: {self.broken.pop().error}"
        for path in getattr(sys.modules[name], "__path__", ()):
            self._users.append(os.path.join(path, ""))
            if self._is_new(path):
                self._below(path, name)
        return ""

    def _below(self, directory: str, package: str) -> None:
        sys.path_importer_cache.pop(directory, None)  # a listing from an earlier walk may be out of date
        try:
            entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
        except OSError as error:
            self._report(directory, error)
            return
        for entry in entries:
            if entry.name.startswith(".") or entry.name == "__pycache__":
                continue
            if entry.is_dir():
                self._subdirectory(entry, package)
            elif entry.name.endswith(".py") and entry.name not in _NOT_MODULES:
                self._module(entry, package)

    def _subdirectory(self, entry: os.DirEntry[str], package: str) -> None:
        name = f"{package}.{entry.name}"
        init = os.path.join(entry.path, "__init__.py")
        if not entry.name.isidentifier() or not self._is_new(entry.path):
            return
        if not os.path.isfile(init) or self._import(init, lambda: _imported(name)) is not None:
            self._below(entry.path, name)

    def _module(self, entry: os.DirEntry[str], package: str) -> None:
        stem = entry.name.removesuffix(".py")
        if not stem.isidentifier():
            self.left_out.append(entry.path)
        elif self._is_new(entry.path):
            self._import(entry.path, lambda: _imported(f"{package}.{stem}"))

    def _is_new(self, path: str) -> bool:
        """A file or directory that can be reached in two ways is imported once."""
        identity = _identity(path)
        if identity is not None and identity in self._met:
            return False
        self._met.add(identity)
        return True

    def _import(self, file: str, importing: Callable[[], str]) -> str | None:
        """Carry out an import that may do anything, for it is the user's code."""
        process, forks, handlers = os.getpid(), _forks().count, _handlers()
        try:
            name = importing()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._report(file, error)
            return None
        finally:
            if os.getpid() != process:
                os._exit(0)  # a child that the module forked must not go on as a second runner
            if _forks().count != forks:
                self.remarks.append(Remark(file, "starts a process when it is imported"))
            self._put_back(handlers, file)
        self.modules.append(name)
        if module_file := getattr(sys.modules.get(name), "__file__", None):
            self.files.append(module_file)
        return name

    def _put_back(self, handlers: dict[signal.Signals, Any], file: str) -> None:
        for number, handler in handlers.items():
            if signal.getsignal(number) is not handler and handler is not None:
                signal.signal(number, handler)
                self.remarks.append(
                    Remark(file, f"installs a handler for {number.name} when it is imported; it was taken back")
                )

    def _report(self, file: str, error: BaseException) -> None:
        self.broken.append(BrokenModule(file, self._place(error, file), _in_one_line(error)))

    def _place(self, error: BaseException, file: str) -> Place:
        if isinstance(error, SyntaxError) and error.filename and self._is_users(error.filename):
            return Place(error.filename, error.lineno or 0)
        place = Place(file)
        trace = error.__traceback__
        while trace is not None:
            if self._is_users(name := trace.tb_frame.f_code.co_filename):
                place = Place(name, trace.tb_lineno)
            trace = trace.tb_next
        return place

    def _is_users(self, file: str) -> bool:
        if file.startswith(_FLOWRUN):
            return False
        return any(file.startswith(path) and "site-packages" not in file[len(path) :] for path in self._users)


def _imported(name: str) -> str:
    """Import a module; bytecode that Python kept on a full disk is cut off, and is thrown away."""
    try:
        import_module(name)
    except EOFError as error:
        kept = _kept_bytecode(error)
        if kept is None:
            raise
        os.unlink(kept)
        return _imported(name)
    return name


def _kept_bytecode(error: EOFError) -> str | None:
    """The file of bytecode that Python was reading when it met its end; None if it was something else."""
    path, trace = None, error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_name == "get_code" and code.co_filename.startswith("<frozen importlib"):
            path = trace.tb_frame.f_locals.get("bytecode_path")
        trace = trace.tb_next
    return path if path and os.path.exists(path) else None


def _identity(path: str) -> tuple[int, int] | None:
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return (stat.st_dev, stat.st_ino)


def _handlers() -> dict[signal.Signals, Any]:
    return {number: signal.getsignal(number) for number in _SIGNALS}


def _in_one_line(error: BaseException) -> str:
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:  # its `__str__` is the user's code
        text = "(its message cannot be shown)"
    first = text.strip().partition("\n")[0]
    return f"{type(error).__name__}: {first[:200]}" if first else type(error).__name__


class _Forks:
    """How many processes were forked from this one."""

    count = 0

    def one_more(self) -> None:
        self.count += 1


@cache
def _forks() -> _Forks:
    forks = _Forks()
    os.register_at_fork(after_in_parent=forks.one_more)
    return forks
