"""Use: one place of a job definition that names a class and gives it parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from ..jobdefinition.keypath import KeyPath


class Use(NamedTuple):
    """A class with the parameters that a job gives to it."""

    path: KeyPath
    """As in ("tasks", "load")."""
    title: str
    """How messages call it, as in "task `load`"."""
    cls: type[BaseModel]
    parameters: Mapping[str, Any]

    def error(self) -> BaseException | None:
        """What making an object of the class raises, for that is the user's code."""
        try:
            self.cls.model_validate(dict(self.parameters))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return error
        return None
