"""Served: `flowrun serve` of a project, as its callers see it."""

from __future__ import annotations

import contextlib
import json
import re
import signal
from collections.abc import Iterator
from typing import Any

import httpx

from .project import Finished, Project, eventually

TOKEN = "a-token-of-the-tests-0123456789"
_WHERE = re.compile(r"at (http://\S+/) ")


class Served:
    """A server that is running, and a client for it."""

    def __init__(self, project: Project, *arguments: str, token: str | None = TOKEN, **options: Any) -> None:
        """Without a token the server makes one of its own. `options` are those of a process."""
        env = {name: value for name, value in project.environment.items() if name != "FLOWRUN_TOKEN"}
        with _environment(project, {**env, **({} if token is None else {"FLOWRUN_TOKEN": token})}):
            self.process = project.command("serve", "--port", "0", *arguments, **options)
        eventually(lambda: self.process.is_over or _WHERE.search(self.said))
        found = _WHERE.search(self.said)
        assert found is not None, self.said
        self.address = found[1].removesuffix("/")
        self.port = int(self.address.split(":")[2].split("/")[0])
        self.token = token or (project.root / ".flowrun" / "token").read_text().strip()
        self.client = httpx.Client(
            base_url=self.address, headers={"Authorization": f"Bearer {self.token}"}, timeout=60, trust_env=False
        )
        self.stranger = httpx.Client(base_url=self.address, timeout=60, trust_env=False)

    @property
    def said(self) -> str:
        """What the server has said until now."""
        return self.process.said_so_far()

    def get(self, path: str, **more: Any) -> Any:
        """The answer of the API, which must be a good one."""
        answer = self.client.get(f"/api/v1{path}", **more)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:2000]}"
        return answer.json()

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """The answer to a change."""
        return self.client.post(f"/api/v1{path}", json={} if body is None else body, headers=headers)

    def ended(self, run: str) -> dict[str, Any]:
        """A run when it is over."""
        return dict(eventually(lambda: one if not (one := self.get(f"/runs/{run}"))["is_live"] else None))

    @contextlib.contextmanager
    def watching(self, query: str = "", **headers: str) -> Iterator[Iterator[tuple[str, Any, str]]]:
        """The events of a stream: name, data and id of each."""
        with self.client.stream("GET", f"/api/v1/stream{query}", headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            yield _events(answer.iter_lines())

    def stop(self, number: int = signal.SIGTERM) -> Finished:
        """End the server."""
        self.process.signal(number)
        return self.process.wait()

    def close(self) -> None:
        """Leave nothing behind."""
        self.client.close()
        self.stranger.close()
        if not self.process.is_over:
            self.stop()


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Any, str]]:
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line and name:
            found[name] = value
        elif "data" in found:
            yield found.get("event", "message"), json.loads(found["data"]), found.get("id", "")
            found = {}


@contextlib.contextmanager
def _environment(project: Project, environment: dict[str, str]) -> Iterator[None]:
    before, project.environment = project.environment, environment
    try:
        yield
    finally:
        project.environment = before
