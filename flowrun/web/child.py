"""Children: commands of flowrun in processes of their own, for what imports the code of the project."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DefinitionError
from .refusal import ProblemBody, Refusal

_SECONDS = 60.0
_AT_ONCE = 2
_MOST_SAID = 4000
_KEPT_BACK = ("FLOWRUN_TOKEN",)
"""What the tasks of a job must not see."""
_OF_A_JOB = ("--job=", "--directory=", "--var=")


@dataclass(frozen=True, slots=True)
class Told:
    """What a command has answered."""

    status: int
    out: bytes
    err: str

    def json(self) -> Any:
        """Its answer. Raises Refusal with what it said if there is none."""
        if self.status != 0:
            raise refusal_of(self.status, self.err)
        return json.loads(self.out)


class Children:
    """Asks commands of flowrun, a few at a time."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self.root = root
        self.environ = {
            **{name: value for name, value in environ.items() if name not in _KEPT_BACK},
            "NO_COLOR": "1",
        }
        self._room = asyncio.Semaphore(_AT_ONCE)

    def command(self, arguments: Sequence[str]) -> list[str]:
        """The command line of a command. `-P`: the project is no place where flowrun itself is looked for."""
        return [sys.executable, "-P", "-m", "flowrun", *arguments]

    async def ask(self, *arguments: str) -> Told:
        """The answer of a command that reads. Raises Refusal if it takes too long."""
        async with self._room:
            process = await asyncio.create_subprocess_exec(
                *self.command(arguments),
                cwd=self.root,
                env=self.environ,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
            try:
                async with asyncio.timeout(_SECONDS):
                    out, err = await process.communicate()
            except TimeoutError:
                raise Refusal(504, f"`flowrun {arguments[0]}` has not answered within {_SECONDS:g} s") from None
            finally:
                if process.returncode is None:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
            assert process.returncode is not None, "its end was waited for"
            return Told(process.returncode, out, err.decode("utf-8", "replace"))

    async def refusal(self, status: int, said: str, arguments: Sequence[str]) -> Refusal:
        """Why a command with these arguments ended so; of a job with mistakes, with each of them."""
        if status != DefinitionError.exit_status:
            return refusal_of(status, said)
        return refusal_of(status, said, await self._found("errors", arguments))

    async def warnings(self, arguments: Sequence[str]) -> list[ProblemBody]:
        """What hinders no run with these arguments; nothing where that is not known."""
        try:
            return await self._found("warnings", arguments)
        except Refusal:  # it takes too long
            return []

    async def _found(self, kind: str, arguments: Sequence[str]) -> list[ProblemBody]:
        named = [one for one in arguments if one.startswith(_OF_A_JOB)]
        found = await self.ask("validate", "--json", *named)
        files = json.loads(found.out)["files"] if found.status in (0, DefinitionError.exit_status) else []
        return [problem for file in files for problem in file[kind]]


def refusal_of(status: int, said: str, problems: Sequence[Any] = ()) -> Refusal:
    """What is answered when a command of flowrun ended with this status and said this."""
    code = {2: 422, 3: 422, 4: 409, 5: 409}.get(status, 500)
    detail = said.strip()[-_MOST_SAID:].removeprefix("error: ") or f"flowrun ended with status {status}"
    return Refusal(code, detail, problems=problems)
