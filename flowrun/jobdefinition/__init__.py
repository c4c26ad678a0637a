"""What a job file says, and how it is read."""

from __future__ import annotations

from .flat import Flat, flatten
from .formats import LoadParams, SerializableJobDefinition, job_definition
from .load import Loaded, load
from .model import (
    Backoff,
    CheckpointerDefinition,
    ConfigurationDefinition,
    ExecutorDefinition,
    ExtensionDefinition,
    JobDefinition,
    LoggerDefinition,
    PoolDefinition,
    TaskDefinition,
)
from .origins import Origins

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
    "PoolDefinition",
    "SerializableJobDefinition",
    "TaskDefinition",
    "flatten",
    "job_definition",
    "load",
]
