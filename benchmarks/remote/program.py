"""Program: what measures one way to do remote work, with its own clock, and prints what it found as JSON."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..command import CommandFailed
from ..contest import Figures

_PATIENCE_SECONDS = 300.0


@dataclass(frozen=True)
class Program:
    """The last line of its output is an object of figures: seconds, or numbers a second."""

    name: str
    argv: Sequence[str | Path]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def figures(self) -> Figures:
        """Run it; the figures have its name in front."""
        try:
            done = subprocess.run(
                [str(part) for part in self.argv],
                cwd=self.directory,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=_PATIENCE_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise CommandFailed(f"{self.name} did not end within {_PATIENCE_SECONDS:g} s") from error
        if done.returncode:
            raise CommandFailed(f"{self.name} ended with status {done.returncode}\n{done.stderr[-2000:]}")
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return {f"{self.name} {what}": value for what, value in found.items()}
