"""Items: what a task with `foreach` or `matrix` is performed for, one by one, each with a key of its own."""

from .failures import failures_allowed
from .items import Items
from .source import items_of, refuse_literals

__all__ = ["Items", "failures_allowed", "items_of", "refuse_literals"]
