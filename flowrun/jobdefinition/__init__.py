"""What a job file says, and how it is read."""

from __future__ import annotations

from .flat import Flat, flatten
from .formats import LoadParams, SerializableJobDefinition, job_definition
from .load import Loaded, load
from .model import ConfigurationDefinition, JobDefinition
from .origins import Origins
from .outside import Outside
from .parts import CheckpointerDefinition, ExecutorDefinition, ExtensionDefinition, LoggerDefinition, PoolDefinition
from .task_definition import Backoff, TaskDefinition

__all__ = [
    "Backoff",
    "CheckpointerDefinition",
    "ConfigurationDefinition",
    "ExecutorDefinition",
    "ExtensionDefinition",
    "Flat",
    "JobDefinition",
    "LoadParams",
    "Loaded",
    "LoggerDefinition",
    "Origins",
    "Outside",
    "PoolDefinition",
    "SerializableJobDefinition",
    "TaskDefinition",
    "flatten",
    "job_definition",
    "load",
]
