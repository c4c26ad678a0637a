"""A stranger, another site, and a hostile request get nothing from the server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ..project import Project
from ..served import TOKEN, Served

_HEAD = f"HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of a project with one job."""
    directory: Path = tmp_path_factory.mktemp("security")
    project = Project(directory / "shop", directory / "aside")
    project.job({"one": "Step"}, file="jobs/plain.yaml", config={"name": "plain"})
    project.file("outside.txt", "root: nothing to see")
    running = Served(project)
    yield running
    running.close()
    project.end_everything()


def raw(served: Served, data: bytes, size: int = 65536) -> bytes:
    """The answer to bytes as they are."""
    with socket.create_connection(("127.0.0.1", served.port), 10) as connected:
        connected.sendall(data)
        return connected.recv(size)


@pytest.mark.parametrize(
    "given",
    [
        "Bearer",
        "Bearer null",
        "Basic Og==",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"bearer{TOKEN}",
        TOKEN,
    ],
)
def test_a_wrong_token_is_none(served: Served, given: str) -> None:
    """W-02: only the whole token, in the header that is meant for it, opens anything."""
    answer = served.stranger.get("/api/v1/runs", headers={"Authorization": given})
    assert answer.status_code == 401
    twice = [("Authorization", f"Bearer {TOKEN}"), ("Authorization", given)]
    assert served.stranger.get("/api/v1/runs", headers=twice).status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "a@127.0.0.1", "[::ffff:6.6.6.6]", "10.0.0.7"]
)
def test_a_foreign_name_is_refused(served: Served, host: str) -> None:
    """W-04: a site whose name was made to point here gets nothing, with and without the token."""
    for path in ("/", "/api/v1/runs", "/healthz"):
        answer = raw(served, f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
        assert answer.split()[1] in (b"400", b"421"), answer[:200]


@pytest.mark.parametrize("host", ["localhost", "localhost:9999", "127.0.0.1", "[::1]:80", "127.0.0.2"])
def test_this_machine_may_be_called_by_its_names(served: Served, host: str) -> None:
    """Whatever port a tunnel has."""
    answer = served.client.get("/api/v1/meta", headers={"Host": host})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_sites_may_not_ask(served: Served, headers: dict[str, str]) -> None:
    """W-05: neither to read nor to change, even with the token; and nobody is granted anything."""
    for method, path in (("GET", "/api/v1/runs"), ("POST", "/api/v1/jobs/plain/runs"), ("OPTIONS", "/api/v1/runs")):
        answer = served.client.request(method, path, headers=headers, json={} if method == "POST" else None)
        assert answer.status_code == 403, (method, answer.text)
        assert not any(name.startswith("access-control") for name in answer.headers)
    own = {"Origin": served.address, "Sec-Fetch-Site": "same-origin"}
    assert served.client.get("/api/v1/runs", headers=own).status_code == 200


def test_every_answer_has_the_headers(served: Served) -> None:
    """W-06: no foreign script, no frame, no guess at types, no referrer; refusals have them, too."""
    for path in ("/", "/api/v1/runs", "/nope", "/healthz", "/static/nope"):
        headers = served.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers


@pytest.mark.parametrize(
    "tail",
    [
        "../" * 8 + "outside.txt",
        "..%2f" * 8 + "outside.txt",
        "%2e%2e/" * 4 + "outside.txt",
        "..%252foutside.txt",
        "....//outside.txt",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "..\\outside.txt",
        "%00../outside.txt",
        "../jobs/plain.yaml",
    ],
)
def test_no_path_leads_out(served: Served, tail: str) -> None:
    """W-07: whatever is written in an address, only the files of the page and the logs of tasks are read."""
    for before in ("/", "/static/", "/runs/", "/api/v1/runs/", "/api/v1/jobs/", "/api/v1/runs/@last/log/raw?task="):
        answer = raw(served, f"GET {before}{tail} {_HEAD}\r\n".encode())
        assert b"root:" not in answer
        assert b"task: " not in answer


def test_large_and_endless_requests_are_cut_off(served: Served) -> None:
    """W-12, W-18: bodies, heads and numbers of ranges are limited before they are read."""
    head = f"POST /api/v1/jobs/plain/runs {_HEAD}Content-Type: application/json\r\n"
    assert raw(served, f"{head}Content-Length: 2000000000\r\n\r\n".encode()).split()[1] == b"413"
    chunks = b"".join(b"4000\r\n" + b" " * 0x4000 + b"\r\n" for _ in range(5)) + b"0\r\n\r\n"
    assert raw(served, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks).split()[1] == b"413"
    assert raw(served, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 70_000 + b"\r\n\r\n").split()[1] in (
        b"400",
        b"431",
    )
    both = f"{head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n"
    assert raw(served, both.encode()).split()[1] in (b"400", b"413", b"422")


def test_half_requests_do_not_keep_others_waiting(served: Served) -> None:
    """W-11: two hundred who never finish what they ask."""
    halves = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(200)]
    for half in halves:
        half.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    assert httpx.get(f"{served.address}/healthz", trust_env=False, timeout=30).status_code == 200
    for half in halves:
        half.close()


def test_methods_that_there_are_not_change_nothing(served: Served) -> None:
    """A method that is neither reading nor known needs the token before it is refused."""
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
        assert served.stranger.request(method, "/api/v1/runs").status_code == 401
        assert served.client.request(method, "/api/v1/runs").status_code == 405
