"""Endpoint: what is answered to a request, whoever sends it."""

from __future__ import annotations

import asyncio

import pytest

from flowrun.worker.endpoint import Answer, Endpoint
from flowrun.worker.metrics import Metrics
from flowrun.worker.probes import pages_of


def answered(head: bytes) -> str:
    """The whole answer to a request."""
    endpoint = Endpoint({"/here": lambda: Answer(200, b"yes\n")})
    return endpoint._answered(head).decode()


@pytest.mark.parametrize(
    ("request_line", "status", "body"),
    [
        (b"GET /here HTTP/1.1", 200, "yes\n"),
        (b"GET /here?full=1 HTTP/1.1", 200, "yes\n"),
        (b"HEAD /here HTTP/1.1", 200, ""),
        (b"GET /there HTTP/1.1", 404, "there are: /here\n"),
        (b"POST /here HTTP/1.1", 405, "only GET is answered here\n"),
        (b"\xff\xfe", 405, "only GET is answered here\n"),
    ],
)
def test_requests_are_answered(request_line: bytes, status: int, body: str) -> None:
    """Pages are read and nothing else."""
    head, _, said = answered(request_line + b"\r\n\r\n").partition("\r\n\r\n")

    assert head.startswith(f"HTTP/1.1 {status} ")
    assert said == body
    assert "Connection: close" in head


def test_probes_tell_how_a_worker_is() -> None:
    """503 where it is not well, with the reason."""

    class Unwell:
        is_healthy = False
        is_ready = False

    pages = pages_of(Unwell(), Metrics())

    assert pages["/healthz"]().status == 503
    assert pages["/readyz"]().status == 503
    assert b"flowrun_worker_fenced_total 0.0" in pages["/metrics"]().body


def test_an_endpoint_that_was_not_opened_can_be_closed() -> None:
    """A worker that ends early closes it all the same, and nothing is raised."""

    async def close() -> None:
        Endpoint({}).close()

    asyncio.run(close())
