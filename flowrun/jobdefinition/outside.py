"""Outside: what a job definition takes from outside of its text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from ..dataclass import dataclass
from .variables import Variables


@dataclass(frozen=True, slots=True)
class Outside:
    """Where the paths of a job definition start, and the values of its variables."""

    root: Path
    """Relative paths in the job start here."""
    environ: Mapping[str, str]
    """The values of `$ENV{}`."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """The values of `$VAR{}`."""
    cwd: Path | None = None
    """Relative paths in messages start here; None: at the current directory."""

    @property
    def absolute_root(self) -> Path:
        """The root, from wherever it is looked at."""
        return Path(os.path.abspath(self.root))

    @property
    def start_of_shown_paths(self) -> str:
        """The directory that messages do not name."""
        if self.cwd is not None:
            return str(self.cwd)
        try:
            return os.getcwd()
        except OSError:  # it was deleted
            return os.sep

    def names(self) -> Variables:
        """The variables, none of which was asked for yet."""
        return Variables(self.environ, self.variables, {"APP_ROOT_DIR": str(self.absolute_root)})
