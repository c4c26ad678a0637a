"""Result types: what the tasks of a job return, said by their annotations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import GenericAlias
from typing import Any

from ..annotations import return_annotation
from ..expressions.plain_types import UNKNOWN, shown_type
from ..expressions.reference import Step
from ..expressions.type_steps import NoSuchPart, type_after
from ..jobdefinition.flat import Flat


class ResultTypes:
    """The types of results, each looked up once."""

    def __init__(self, flat: Flat, classes: Mapping[str, type[Any]]) -> None:
        self._flat = flat
        self._classes = classes
        self._known: dict[type[Any], Any] = {}

    def after(self, name: str, steps: tuple[Step, ...]) -> Any:
        """The type of what `steps` lead to from the result of a task. Raises NoSuchPart."""
        if name in self._flat.members:
            return self._of_group(name, steps)
        task, cls = self._flat.tasks[name], self._classes.get(name)
        if cls is None:
            return UNKNOWN
        returned = self._returned(cls)
        return type_after(GenericAlias(list, (returned,)) if task.is_fan else returned, steps)

    def declared(self, name: str, shown: Callable[[str], str]) -> tuple[str, ...]:
        """A sentence with the place of what says the type of a result, if anything does."""
        cls = self._classes.get(name)
        if cls is None:
            return ()
        function = getattr(vars(cls).get("__function__"), "call", cls.run)
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        where = f" in {shown(code.co_filename)}:{_line_of_def(code)}" if code else ""
        each = "each of its attempts returns" if self._flat.tasks[name].is_fan else f"{cls.__name__} returns"
        return (f"{each} {shown_type(self._returned(cls))}, as declared{where}",)

    def _returned(self, cls: type[Any]) -> Any:
        if cls not in self._known:
            self._known[cls] = return_annotation(cls)
        return self._known[cls]

    def _of_group(self, name: str, steps: tuple[Step, ...]) -> Any:
        """The result of a group has those of its members by their names in it."""
        if not steps:
            return dict[str, Any]
        full = f"{name}/{steps[0]}"
        if full in self._flat.members[name]:
            try:
                return self.after(full, steps[1:])
            except NoSuchPart as error:
                raise NoSuchPart(str(error), error.number + 1) from None
        if full in self._flat.hidden:
            return UNKNOWN
        names = ", ".join(one.removeprefix(f"{name}/") for one in self._flat.members[name])
        raise NoSuchPart(f"is that of a group, which has no task `{steps[0]}`; it has: {names or 'none'}")


def _line_of_def(code: Any) -> int:
    """The line of the `def`, which may stand below decorators."""
    import linecache

    first: int = code.co_firstlineno
    for line in range(first, first + 50):
        if linecache.getline(code.co_filename, line).lstrip().startswith(("def ", "async def ")):
            return line
    return first
