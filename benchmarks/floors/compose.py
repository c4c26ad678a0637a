"""Read a job file with PyYAML's C composer and check it with Pydantic, and nothing else: FILE."""

import sys
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict


class Task(BaseModel):
    """A task."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    task: str
    parameters: dict[str, Any] = {}
    dependencies: tuple[str, ...] = ()
    max_attempts: int = 1


class Job(BaseModel):
    """A job."""

    version: float
    config: dict[str, Any]
    tasks: dict[str, Task]


def main(path: Path) -> None:
    """Compose, construct, validate."""
    loader = yaml.CSafeLoader(path.read_bytes())
    node = loader.get_single_node()
    Job.model_validate(loader.construct_document(node))


main(Path(sys.argv[1]))
