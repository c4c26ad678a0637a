"""The format `yaml`."""

from __future__ import annotations

import os
from pathlib import Path

from flowrun.errors import DefinitionError

from .dump import dump
from .formats import LoadParams, SerializableJobDefinition, job_definition
from .load import load
from .model import JobDefinition
from .outside import Outside

_DEFAULT = LoadParams()


@job_definition("yaml")
class YAMLJobDefinition(SerializableJobDefinition):
    """Job files in YAML, for Python code that reads or writes them itself."""

    def load(
        self, filename: Path | str, params: LoadParams = _DEFAULT, vars: dict[str, str] | None = None
    ) -> JobDefinition:
        """The definition in a file. Raises DefinitionError with every problem in it."""
        loaded = load(filename, Outside(Path(params.APP_ROOT_DIR), os.environ, vars or {}))
        if loaded.written is None or loaded.problems:
            raise DefinitionError(loaded.problems)
        return loaded.written

    def dump(self, jdef: JobDefinition, filename: Path | str) -> None:
        """Write `jdef` to a file, which is whole at every moment. Raises DefinitionError for what YAML cannot hold."""
        target = Path(filename)
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        beside.write_text(dump(jdef), encoding="utf-8")
        os.replace(beside, target)
