"""Site: what the routes of one server share."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import time
from typing import Annotated

from fastapi import Depends, Path, Request

from ..errors import UsageError
from ..history.reader import History
from ..history.rows import RunRow
from .catalogue import Catalogue
from .child import Children
from .feed import Feed
from .kept import Kept
from .launcher import Launcher
from .log_size import LogSize
from .refusal import Refusal
from .run_logs import RunLogs
from .settings import Settings
from .task_rows import Course


@dataclass(frozen=True, slots=True)
class Site:
    """What the routes of one server share."""

    settings: Settings
    history: History
    feed: Feed
    logs: RunLogs
    log_size: LogSize
    catalogue: Catalogue
    children: Children
    launcher: Launcher
    environ: Mapping[str, str]
    started: float
    courses: Kept[Course] = field(default_factory=lambda: Kept(2))
    """What was read last for answers about large runs."""
    tasks: Kept[bytes] = field(default_factory=lambda: Kept(4))
    """The answers with all tasks of a run."""
    runs: Kept[bytes] = field(default_factory=lambda: Kept(64))
    """The answers for one run."""

    @classmethod
    def of(cls, settings: Settings, environ: Mapping[str, str]) -> Site:
        """The parts for these settings. Raises StateError if the history cannot be opened."""
        history = History(settings.root)
        children = Children(settings.root, environ)
        return cls(
            settings,
            history,
            Feed(history),
            RunLogs(history),
            LogSize(history),
            Catalogue(settings.root, environ),
            children,
            Launcher(settings.root, history, children),
            environ,
            time(),
        )

    def id_of(self, name: str) -> str:
        """The id of the run of this name. Raises Refusal if there is none."""
        try:
            if not name.startswith("@"):
                with suppress(UsageError):  # it may be new
                    return self.history.resolve(name)
            self.history.refresh()
            return self.history.resolve(name)
        except UsageError as error:
            raise Refusal(404, str(error)) from error

    def run(self, name: str) -> RunRow:
        """The run of this name, as it is now. Raises Refusal if there is none."""
        self.history.refresh()
        try:
            return self.history.run(self.history.resolve(name))
        except UsageError as error:
            raise Refusal(404, str(error)) from error


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


Here = Annotated[Site, Depends(_site)]
"""What a route asks for to have the site."""


RunName = Annotated[
    str,
    Path(
        max_length=200,
        examples=["@last"],
        description="The id of a run, the unique beginning of one, `@last`, `@last-good` or `@failed`.",
    ),
]


def _run(run: RunName, site: Here) -> RunRow:
    return site.run(run)


TheRun = Annotated[RunRow, Depends(_run)]
"""What a route with `{run}` in its path asks for to have the run."""
