"""What stands under `loggers:`, `extensions:`, `checkpointer:`, `secrets:`, `executors:` and `pools:`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from .component import Component
from .quantities import WholeNumber


class Plugin(Component):
    """A named part: its registered class and the parameters it is made with."""

    variant: str
    """Name of the registered class."""
    parameters: dict[str, Any] = Field(default={})
    """Fields of the class."""


class LoggerDefinition(Plugin):
    """One entry under `loggers:`."""

    variant: str = Field(alias="logger")
    """Name of a `@logger` class."""


class ExtensionDefinition(Plugin):
    """One entry under `extensions:`."""

    variant: str = Field(alias="extension")
    """Name of an `@extension` class."""


class CheckpointerDefinition(Plugin):
    """The section `checkpointer:`."""

    variant: str = Field(alias="checkpointer")
    """Name of a `@checkpointer` class."""


class SecretsDefinition(Plugin):
    """One entry under `secrets:`."""

    variant: str = Field(alias="secrets")
    """Name of a `@secrets` class."""


class ExecutorDefinition(Plugin):
    """One entry under `executors:`."""

    variant: str = Field(alias="executor")
    """Name of an `@executor` class, or `process`, `thread`, `async`."""


class PoolDefinition(Component):
    """A named limit: at most `slots` tasks of the pool run at the same time."""

    slots: WholeNumber = Field(ge=1)
    """This many tasks of the pool at most run at the same time."""


def _pool_form(value: Any) -> Any:
    return value if isinstance(value, dict | PoolDefinition) else {"slots": value}


Pool = Annotated[PoolDefinition, BeforeValidator(_pool_form, json_schema_input_type=PoolDefinition | int)]
"""A named limit as a mapping, or the bare number of its slots."""
