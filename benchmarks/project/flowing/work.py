"""The tasks that hand values on and those of items; apart, since the others are measured without them."""

from __future__ import annotations

from flowrun.task import Task, task

_SIZE = 1 << 20


@task
class HandOn(Task):
    """Returns the bytes that it is given; without any, one megabyte."""

    value: bytes = b""

    def run(self) -> bytes:
        """The value."""
        return self.value or b"x" * _SIZE


@task
class HandTextOn(Task):
    """The same with text."""

    value: str = ""

    def run(self) -> str:
        """The value."""
        return self.value or "x" * _SIZE


@task
class HandOnAsync(Task):
    """The same on an event loop."""

    value: bytes = b""

    async def run(self) -> bytes:
        """The value."""
        return self.value or b"x" * _SIZE


@task
class EmptyItem(Task):
    """Does nothing for an item, on an event loop."""

    item: int

    async def run(self) -> None:
        """Nothing."""
