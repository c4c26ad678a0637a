"""ProjectModules: the modules that belong to one project, and their place in this process."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

Stamp = tuple[int, int, int]


class ProjectModules:
    """Gives each directory of a project a package of its own, and takes the modules out of the way for other projects.

    Of several projects in one process, the one that was entered last owns the plain names, as in `tasks.common`;
    the modules of the others are kept aside and come back, as they were, when their project is entered again.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._directories: dict[str, str] = {}  # by the name of the package
        self._helpers: set[str] = set()  # modules beside the directories, found because the root is on the path
        self._modules: dict[str, ModuleType] = {}
        self._stamps: dict[str, Stamp] = {}
        self._is_entered = False
        self._is_on_path = False

    @property
    def helper_files(self) -> list[str]:
        """Files of the modules beside the directories that a module of the project has imported."""
        return [file for name, file in self._files() if name.partition(".")[0] in self._helpers]

    @property
    def is_changed(self) -> bool:
        """A file was changed or removed since its module was imported."""
        return any(_stamp(file) != stamp for file, stamp in self._stamps.items())

    def enter(self) -> None:
        """Put the modules back, and the root at the end of the path, where it shadows nothing."""
        if self._is_entered:
            return
        self._is_entered = True
        sys.modules.update(self._modules)
        if self._root not in sys.path:
            sys.path.append(self._root)
            self._is_on_path = True

    def leave(self) -> None:
        """Take the modules and the root out of the way."""
        if not self._is_entered:
            return
        self._is_entered = False
        self.keep(list(sys.modules))
        for name in self._modules:
            sys.modules.pop(name, None)
        if self._is_on_path and self._root in sys.path:
            sys.path.remove(self._root)
        self._is_on_path = False

    def keep(self, names: Iterable[str]) -> None:
        """Remember those of the imported modules that are the project's own."""
        for name in names:
            module = sys.modules.get(name)
            if module is not None and self._owns(name):
                self._modules[name] = module
        for _, file in self._files():
            if file not in self._stamps:
                self._stamps[file] = _stamp(file)

    def open_package(self, directory: str) -> str:
        """Import `directory` as a package and say under which name; whatever its `__init__` raises passes through.

        It is the directory's own name, unless that belongs to somebody else.
        """
        name = self._name_of(directory)
        if name not in sys.modules:
            package = sys.modules[name] = _empty_package(name, directory)
            try:
                _run_init(package)
            except BaseException:
                del sys.modules[name]
                raise
        return name

    def _name_of(self, directory: str) -> str:
        for name, known in self._directories.items():
            if known == directory:
                return name
        name = os.path.basename(directory)
        if _is_loaded_from(name, directory):
            return name
        if not name.isidentifier() or name in sys.modules or name in self._directories or _is_installed(name):
            name = _alias(directory)
        self._directories[name] = directory
        return name

    def _files(self) -> list[tuple[str, str]]:
        return [(name, file) for name, module in self._modules.items() if (file := getattr(module, "__file__", None))]

    def _owns(self, name: str) -> bool:
        top = name.partition(".")[0]
        if top in self._directories or top in self._helpers:
            return True
        if self._is_on_path and _home(sys.modules.get(top)) == self._root:
            self._helpers.add(top)
            return True
        return False


def _stamp(file: str) -> Stamp:
    try:
        stat = os.stat(file)
    except OSError:
        return (0, 0, 0)
    return (stat.st_ino, stat.st_mtime_ns, stat.st_size)


def _home(module: ModuleType | None) -> str | None:
    """The directory in which a module or package stands."""
    paths = [*getattr(module, "__path__", ()), getattr(module, "__file__", None)]
    return os.path.dirname(str(paths[0])) if paths[0] else None


def _is_loaded_from(name: str, directory: str) -> bool:
    """The driver script has imported this very directory already."""
    paths = getattr(sys.modules.get(name), "__path__", ())
    return any(os.path.realpath(path) == os.path.realpath(directory) for path in paths)


def _is_installed(name: str) -> bool:
    if name in sys.stdlib_module_names:
        return True
    installed = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    return PathFinder.find_spec(name, installed) is not None


def _alias(directory: str) -> str:
    """A name that the same directory gets in every process."""
    from zlib import crc32

    plain = re.sub(r"\W", "_", os.path.basename(directory))
    return f"{plain}__{crc32(os.fsencode(directory)):08x}"


def _empty_package(name: str, directory: str) -> ModuleType:
    init = os.path.join(directory, "__init__.py")
    if os.path.isfile(init):
        spec = spec_from_file_location(name, init, submodule_search_locations=[directory])
    else:
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [directory]
    assert spec is not None
    return module_from_spec(spec)


def _run_init(package: ModuleType) -> None:
    if package.__file__ is not None and package.__spec__ is not None and package.__spec__.loader is not None:
        package.__spec__.loader.exec_module(package)
