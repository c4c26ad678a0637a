"""Address: where a job in Python stands, as `module:job` or `path/to/file.py:job`."""

from __future__ import annotations

import importlib
import os
import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from ..errors import UsageError, definition_error
from ..problem import Place, Problem
from .job import Job

_FORM = re.compile(r"(?P<module>[A-Za-z_][\w.]*|.+\.py):(?P<name>[A-Za-z_][\w.]*)")


def is_address(text: str) -> bool:
    """Whether a text is of such a form."""
    return _FORM.fullmatch(text) is not None


def job_at(address: str, directory: Path) -> Job:
    """Import the module and give the job. Modules and files are looked for from `directory`.

    Raises DefinitionError if the module cannot be imported, and UsageError if there is no such job in it.
    """
    form = _FORM.fullmatch(address)
    if form is None:
        raise UsageError(f"{address!r} is not of the form `module:job` or `path/to/file.py:job`")
    module = _imported(form["module"], os.path.abspath(directory))
    found: object = module
    for step in form["name"].split("."):
        found = getattr(found, step, None)
    if not isinstance(found, Job):
        jobs = ", ".join(name for name, value in vars(module).items() if isinstance(value, Job)) or "none"
        what = "is no `Job`" if found is not None else "does not exist"
        raise UsageError(f"{address!r}: `{form['name']}` {what}; jobs in {form['module']}: {jobs}")
    return found


def _imported(named: str, directory: str) -> ModuleType:
    if named.endswith(".py") and not Path(directory, named).is_file():
        raise UsageError(f"there is no file {Path(directory, named)}")
    if directory not in sys.path:
        sys.path.insert(0, directory)
    try:
        return _of_file(Path(directory, named)) if named.endswith(".py") else importlib.import_module(named)
    except Exception as error:  # the module is the user's code
        if isinstance(error, ModuleNotFoundError) and error.name in (named, named.partition(".")[0]):
            raise UsageError(f"there is no module {named!r} in {directory} or among what is installed") from None
        raise definition_error(
            [Problem("FR413", f"{named} cannot be imported: {_said(error)}", _place(error, named))]
        ) from error


def _of_file(path: Path) -> ModuleType:
    known = sys.modules.get(path.stem)
    if known is not None and getattr(known, "__file__", None) == str(path):
        return known
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None, "it ends with .py"
    assert spec.loader is not None, "it ends with .py"
    module = module_from_spec(spec)
    if known is None:
        sys.modules[path.stem] = module
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    spec.loader.exec_module(module)
    return module


def _said(error: Exception) -> str:
    first = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _place(error: Exception, named: str) -> Place:
    """The last line of the user's code, as far as flowrun is not in between."""
    if isinstance(error, SyntaxError) and error.filename:
        return Place(_shown(error.filename), error.lineno or 0)
    place, trace = Place(named), error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if os.path.isfile(file) and not file.startswith((os.path.dirname(os.path.dirname(__file__)), sys.base_prefix)):
            place = Place(_shown(file), trace.tb_lineno)
        trace = trace.tb_next
    return place


def _shown(file: str) -> str:
    return file.removeprefix(os.path.join(os.getcwd(), ""))
