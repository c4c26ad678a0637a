"""Variant: the task class of a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import AsyncGeneratorType, GeneratorType
from typing import Any, Protocol

from pydantic import ConfigDict

from .parameters import parameters_of


class Declared(Protocol):
    """A function, as far as its class needs it."""

    name: str
    target: Callable[..., Any]
    contract: type[Any]

    @property
    def qualname(self) -> str:
        """Its name within its module."""

    @property
    def call(self) -> Callable[..., Any]:
        """What is called."""


def variant_of(function: Declared) -> type[Any]:
    """A class whose fields are the parameters of the function and whose `run` calls it."""
    call, contract = function.call, function.contract
    parameters = parameters_of(call, contract)
    waits = inspect.iscoroutinefunction(call) or inspect.isasyncgenfunction(call)
    namespace: dict[str, Any] = {
        "__module__": function.target.__module__,
        "__qualname__": function.qualname,
        "__doc__": function.target.__doc__,
        "__annotations__": dict(parameters.types),
        "__function__": function,
        "__arguments__": parameters,
        "run": _run_waiting if waits else _run,
        **parameters.defaults,
    }
    if parameters.others is not None:
        namespace["model_config"] = ConfigDict(extra="allow")
        namespace["__annotations__"]["__pydantic_extra__"] = dict[str, parameters.others]  # type: ignore[name-defined]
    variant: type[Any] = type(contract)(function.name, (contract,), namespace)  # type: ignore[misc]  # a metaclass
    return variant


def _run(self: Any) -> Any:
    """Call the function; what a generator yields is collected."""
    with self._performed():
        value = _called(self)
        return list(value) if isinstance(value, GeneratorType) else value


async def _run_waiting(self: Any) -> Any:
    """Call the function and await it; what a generator yields is collected."""
    with self._performed():
        value = _called(self)
        if isinstance(value, AsyncGeneratorType):
            return [item async for item in value]
        return await value


def _called(task: Any) -> Any:
    parameters, call = type(task).__arguments__, type(task).__function__.call
    given = {name: getattr(task, field) for name, field in parameters.arguments}
    given |= dict.fromkeys(parameters.task_arguments, task)
    return call(**given, **(task.model_extra or {}))
