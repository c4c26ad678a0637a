"""Hush: the loggers of Dask's client are silent as long as a run has a connection."""

from __future__ import annotations

import logging


class Hush:
    """What Dask's client logs of a connection is said by the run, in its own words."""

    def __init__(self) -> None:
        self._users = 0
        self._loggers = [logging.getLogger(f"distributed.{it}") for it in ("client", "core", "comm.tcp", "batched")]

    def begin(self) -> None:
        """For one more connection."""
        self._users += 1
        if self._users == 1:
            for logger in self._loggers:
                logger.addFilter(self._refuse)

    def end(self) -> None:
        """One connection is over."""
        self._users -= 1
        if not self._users:
            for logger in self._loggers:
                logger.removeFilter(self._refuse)

    @staticmethod
    def _refuse(_record: logging.LogRecord) -> bool:
        return False


hush = Hush()
"""One for this process, as the loggers are."""
