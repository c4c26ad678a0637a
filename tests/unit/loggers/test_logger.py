"""What all loggers have in common."""

from __future__ import annotations

from pathlib import Path

from flowrun.eventbus.log import SerializableLogEvent
from flowrun.loggers.logger import Logger, log_of


class Plain(Logger):
    async def update(self, evt: SerializableLogEvent) -> None:
        """Keep nothing."""


class WithFiles(Plain):
    def log_path(self, task: str) -> Path | None:
        return Path(f"{task}.log") if task != "silent" else None


class Damaged(Plain):
    def log_path(self, task: str) -> Path | None:
        raise OSError("no")


class WithField(Plain):
    log_path: str = "mine.log"


def test_the_log_of_a_task_is_that_of_the_first_logger_that_has_one() -> None:
    """Of users' loggers, `log_path` may be anything."""
    loggers = [Plain(), Damaged(), WithField(), WithFiles()]

    assert log_of(loggers, "a") == Path("a.log")
    assert log_of(loggers, "silent") is None
    assert log_of(loggers[:3], "a") is None
