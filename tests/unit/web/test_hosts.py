"""Under which names a server may be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.web.hosts import Hosts
from flowrun.web.settings import Settings, is_loopback

ROOT = Path("/project")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:80", "127.0.0.1:8080", "127.9.9.9", "[::1]", "jobs.example.com"]
)
def test_its_own_names(host: str) -> None:
    """Loopback in every spelling, any port, and what was allowed."""
    assert Hosts(Settings(ROOT, allowed_hosts=frozenset({"jobs.example.com"}))).has(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "a@127.0.0.1",
        "127.0.0.1/",
        "[::ffff:6.6.6.6]",
        "10.0.0.7",
        "localhost:x",
        "localhost\n",
        "[::1",
        "::1",
        "1",
    ],
)
def test_foreign_names(host: str) -> None:
    """Any name that could stand for an attacker's page, and what is no name."""
    assert not Hosts(Settings(ROOT)).has(host)


def test_a_public_server_has_addresses_and_no_foreign_names() -> None:
    """An address cannot be made to point elsewhere; a name can."""
    hosts = Hosts(Settings(ROOT, host="0.0.0.0", token="x" * 20, is_token_given=True))

    assert hosts.has("10.0.0.7:8080")
    assert not hosts.has("evil.example")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("box", False),
        ("", False),
    ],
)
def test_what_only_this_machine_can_reach(host: str, expected: bool) -> None:
    """A name other than localhost may stand for anything."""
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        (Settings(ROOT, port=1), "http://127.0.0.1:1/"),
        (Settings(ROOT, host="::1", port=1), "http://[::1]:1/"),
        (Settings(ROOT, host="0.0.0.0", port=1, root_path="/f"), "http://localhost:1/f/"),
    ],
)
def test_where_a_browser_finds_it(settings: Settings, address: str) -> None:
    """An address that can be opened on this machine."""
    assert settings.address == address
