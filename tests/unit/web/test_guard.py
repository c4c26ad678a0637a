"""Who is let through."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from flowrun.web.guard import Guard, needs_token
from flowrun.web.settings import Settings

TOKEN = "0123456789abcdefghij"
OPEN = Settings(Path("/p"), token=TOKEN)
CLOSED = Settings(Path("/p"), token=TOKEN, is_token_given=True, root_path="/f")


def ask(settings: Settings, method: str = "GET", path: str = "/api/v1/runs", **headers: str) -> tuple[int, list[str]]:
    """The status of the answer, and the paths that were let through; 299 is the answer behind the guard."""
    reached: list[str] = []
    statuses: list[int] = []

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        reached.append(f"{scope['method']} {scope['path']}")
        await send({"type": "http.response.start", "status": 299, "headers": []})

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    given = {"host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw}
    asyncio.run(Guard(app, settings)(scope, receive, send))
    return statuses[0], reached


def test_reading_is_open_until_a_person_gives_a_token() -> None:
    """Then everything of the API is closed, also where a proxy has put it."""
    bearer = f"Bearer {TOKEN}"
    assert ask(OPEN)[0] == 299
    for path in ("/api/v1/runs", "/f/api/v1/runs", "/metrics", "/f/metrics"):
        assert ask(CLOSED, path=path)[0] == 401, path
        assert ask(CLOSED, path=path, authorization=bearer)[0] == 299, path
    for path in ("/", "/f/", "/healthz", "/f/readyz", "/static/a.js"):
        assert ask(CLOSED, path=path)[0] == 299, path


def test_a_proxy_may_take_its_path_away_or_not() -> None:
    """Routes know only what is below it, and a HEAD is a GET without its body."""
    assert ask(CLOSED, method="HEAD", path="/f/x")[1] == ["GET /x"]
    assert ask(CLOSED, path="/fx")[1] == ["GET /fx"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "ANYTHING"])
def test_every_change_needs_the_token(method: str) -> None:
    """What is no reading is a change, on whatever path."""
    assert needs_token(method, "/", OPEN)
    assert ask(OPEN, method=method, path="/")[0] == 401
    assert ask(Settings(Path("/p"), is_read_only=True), method=method, path="/")[0] == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content_length": "65537", "content_type": "application/json"}, 413),
        ({"content_length": "-1", "content_type": "application/json"}, 413),
        ({"content_length": "²", "content_type": "application/json"}, 413),
        ({"content_length": "5", "content_type": "text/plain"}, 415),
        ({"transfer_encoding": "chunked"}, 415),
        ({"content_length": "5", "content_type": "application/json; charset=utf-8"}, 299),
        ({"origin": "http://localhost"}, 299),
        ({"origin": "http://localhost.evil"}, 403),
        ({"origin": "null"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"host": "evil"}, 421),
        ({"x": "y" * 20_000}, 431),
    ],
)
def test_a_change_is_looked_at_before_it_is_read(headers: dict[str, str], status: int) -> None:
    """Where it comes from, how large it is, and of which kind."""
    assert ask(OPEN, method="POST", authorization=f"Bearer {TOKEN}", **headers)[0] == status
