"""CaseFile: a file of test cases, with the place of everything in it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import definition_error
from ..jobdefinition.keypath import spelled
from ..jobdefinition.plain_file import PlainFile
from ..problem import Problem
from .case import Case, CaseDocument

SUFFIX = ".test.yaml"

_SAID = {
    "extra_forbidden": "there is no such key here",
    "missing": "it is needed",
    "tuple_type": "a list is needed",
    "dict_type": "a mapping is needed",
    "model_type": "a mapping is needed",
    "string_type": "text is needed",
}


class CaseFile(PlainFile):
    """A file of test cases. Raises DefinitionError with everything that is wrong with it."""

    def __init__(self, path: Path, environ: Mapping[str, str]) -> None:
        super().__init__(path, environ)
        try:
            self._document = CaseDocument.model_validate(self.value)
        except ValidationError as error:
            raise definition_error([self._problem(one) for one in error.errors(include_url=False)]) from None

    @property
    def job(self) -> str:
        """The job as the file names it."""
        return self._document.job

    @cached_property
    def cases(self) -> dict[str, Case]:
        """The cases by name, each with what holds for all of them."""
        return {name: case.under(self._document) for name, case in self._document.cases.items()}

    def _problem(self, error: Any) -> Problem:
        path = tuple(error["loc"])
        message = _SAID.get(error["type"]) or error["msg"].removeprefix("Value error, ")
        return Problem("FR117", f"`{spelled(path)}`: {message}", self.place(path), spelled(path))
