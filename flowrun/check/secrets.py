"""Secrets: every secret that a job names is found, before anything starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from ..errors import DefinitionError
from ..jobdefinition import Origins
from ..jobdefinition.keypath import KeyPath
from ..jobdefinition.parts import Plugin
from ..jobdefinition.wording import plain
from ..problem import Problem
from ..secrets.disguises import SHORTEST
from ..secrets.search import Found, search
from ..secrets.secret_values import SecretValues
from ..secrets.secrets import Secrets
from .secret_uses import SecretUse

Report = Callable[[Problem], None]


def our_sources() -> dict[str, Secrets]:
    """Whom every job asks first, under the names that messages have."""
    from ..secrets.dotenv import DotenvSecrets
    from ..secrets.environment import EnvironmentSecrets

    return {"the environment": EnvironmentSecrets(), "`.env`": DotenvSecrets()}


def named_sources(classes: Mapping[str, type[Secrets]], section: Mapping[str, Plugin]) -> dict[str, Secrets]:
    """Those of the section `secrets:`, but for the ones whose parameters are wrong: that has been told."""
    sources = {}
    for name, cls in classes.items():
        with suppress(Exception):  # the class may be the user's own
            sources[f"`{plain(name)}`"] = cls.model_validate(section[name].parameters)
    return sources


class SecretSearch:
    """Finds each secret once and reports each mistake once, at the first place that names it."""

    def __init__(
        self, sources: Mapping[str, Secrets], origins: Origins, shown: Callable[[str], str], report: Report
    ) -> None:
        """`sources` are settled; `shown` gives a file as messages call it."""
        self._sources = sources
        self._origins = origins
        self._shown = shown
        self._report = report

    def values(self, uses: Iterable[SecretUse], *, may_lack: bool = False) -> SecretValues:
        """The secrets that are named. Those with a mistake are not among them.

        `may_lack`: there are sources that cannot be asked because of another mistake, so nothing is said to be missing.
        """
        found: dict[str, Found] = {}
        mistaken: set[str] = set()
        try:
            for use in (it._replace(may_lack=it.may_lack or may_lack) for it in uses):
                if use.name not in found:
                    found[use.name] = search(use.name, self._sources)
                if use.name not in mistaken and self._is_mistaken(use, found[use.name]):
                    mistaken.add(use.name)
        except DefinitionError as error:
            for problem in error.problems:
                self._report(replace(problem, place=replace(problem.place, file=self._shown(problem.place.file))))
        return SecretValues(
            {name: it.value for name, it in found.items() if it.value is not None and name not in mistaken}
        )

    def _is_mistaken(self, use: SecretUse, found: Found) -> bool:
        if found.error:
            message = f"secret `{plain(use.name)}`: {found.source} cannot be asked"
            self._problem("FR423", use, message, plain(found.error, 200))
        elif found.value is None and not use.may_lack:
            self._problem(
                "FR421", use, f"no secret is called `{plain(use.name)}`", f"asked were: {', '.join(self._sources)}"
            )
        elif found.value is not None and len(found.value.strip()) < SHORTEST:
            message = (
                f"secret `{plain(use.name)}` is shorter than {SHORTEST} characters, too short to be kept from view"
            )
            self._problem("FR422", use, message, f"found in {found.source}")
        else:
            return False
        return True

    def _problem(self, code: str, use: SecretUse, message: str, note: str) -> None:
        path: KeyPath = ("tasks", use.task, *use.path) if use.task else use.path
        start = f"task `{plain(use.task)}`: " if use.task else ""
        self._report(
            Problem(code, start + message, self._origins.value(path), self._origins.spelled(path), notes=(note,))
        )
