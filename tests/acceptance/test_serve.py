"""`flowrun serve` listens where it is told, to whom it should, and ends within seconds."""

from __future__ import annotations

import os
import signal
import socket
import stat
from collections.abc import Callable

import httpx
import pytest

from ..project import Project, eventually
from ..served import TOKEN, Served

Serve = Callable[..., Served]


def test_without_a_token_reading_is_open_and_changing_is_not(project: Project, serve: Serve) -> None:
    """CF-64, X-CF-21: it listens on loopback, and makes a token for changes, in a file that only this user can read."""
    project.job({"one": "Step"}, file="jobs/plain.yaml", config={"name": "plain"})
    served = serve(token=None)

    file = project.root / ".flowrun" / "token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "127.0.0.1" in served.address
    assert served.token not in served.said, "it is not a terminal"
    assert served.stranger.get("/api/v1/runs").status_code == 200
    assert served.stranger.get("/api/v1/meta").json()["token_needed_for"] == "change"
    refused = served.stranger.post("/api/v1/jobs/plain/runs", json={})
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
    assert "Bearer" in refused.headers["www-authenticate"]
    assert served.post("/jobs/plain/plan").status_code == 200


def test_with_a_given_token_everything_needs_it(project: Project, serve: Serve) -> None:
    """Who was given a token by a person shows nothing without it but the page itself and whether it is there."""
    served = serve()

    for path in ("/api/v1/runs", "/api/v1/meta", "/api/v1/stream", "/api/v1/openapi.json", "/metrics"):
        assert served.stranger.get(path).status_code == 401, path
        assert served.stranger.get(f"{path}?token={TOKEN}").status_code == 401, "a token in an address is none"
        assert served.stranger.get(path, headers={"Cookie": f"token={TOKEN}"}).status_code == 401
    for path in ("/healthz", "/readyz", "/", "/runs/abc"):
        assert served.stranger.get(path).status_code == 200, path
    assert served.get("/meta")["token_needed_for"] == "read"
    assert TOKEN not in served.said


def test_the_token_is_read_from_a_file(project: Project, serve: Serve) -> None:
    """--token-file stands above the environment."""
    project.file("secret/token", "another-token-0123456789\n")
    served = serve("--token-file", "secret/token")

    assert served.client.get("/api/v1/runs").status_code == 401
    good = {"Authorization": "bearer another-token-0123456789"}
    assert served.stranger.get("/api/v1/runs", headers=good).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--host", "0.0.0.0"), "everything needs a token of your own"),
        (("--host", "::"), "everything needs a token of your own"),
        (("--token-file", "missing"), "the token file missing cannot be read"),
        (("--token-file", "short"), "has 5 characters"),
        (("--root-path", "/a b"), "is not a path such as /flowrun"),
        (("--port", "99999"), "99999"),
        (("--host", "no.such.host.invalid"), "everything needs a token of your own"),
    ],
)
def test_what_cannot_be_served_is_refused(project: Project, arguments: tuple[str, ...], said: str) -> None:
    """Nothing is served beyond this machine without a token, and every refusal says what to do. Status 2."""
    project.file("short", "12345")
    finished = project.command("serve", "--port", "0", *arguments).wait()

    assert finished.status == 2, finished
    assert said in finished.err
    assert "Traceback" not in finished.err


def test_a_port_that_is_taken_is_named(project: Project) -> None:
    """Two servers at one port: the second says so and ends with status 2."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        finished = project.command("serve", "--port", port).wait()

    assert finished.status == 2
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in finished.err


def test_the_extra_that_is_missing_is_named(project: Project) -> None:
    """Without the packages of the extra one line says how to get them."""
    project.file(
        "aside/without.py",
        "import sys\n"
        "class Without:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('fastapi', 'uvicorn', 'prometheus_client', 'starlette'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name.partition('.')[0])\n"
        "sys.meta_path.insert(0, Without())\n"
        "from flowrun.cli.main import main\n"
        "main()\n",
    )
    finished = project.python("aside/without.py", "serve").wait()

    assert finished.status == 2, finished
    assert "pip install 'flowrun-jobs[web]'" in finished.err
    assert "Traceback" not in finished.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_with_open_streams(project: Project, serve: Serve, number: int) -> None:
    """W-13: streams that are open, and half a request, do not keep the server from ending."""
    served = serve()
    sockets = []
    stream = f"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
    for text in (stream, "GET /"):
        for _ in range(20):
            sockets.append(socket.create_connection(("127.0.0.1", served.port)))
            sockets[-1].sendall(text.encode())
    eventually(lambda: served.get("/system")["viewers"] == 20)

    finished = served.stop(number)

    assert finished.status == 0
    assert "Traceback" not in finished.err
    for one in sockets:
        one.close()


def test_read_only_shows_and_changes_nothing(project: Project, serve: Serve) -> None:
    """--read-only: whatever changes something is refused, with and without a token."""
    project.job({"one": "Step"}, file="jobs/plain.yaml", config={"name": "plain"})
    served = serve("--read-only", token=TOKEN)

    assert served.get("/meta")["read_only"] is True
    assert served.get("/jobs/plain")["is_startable"] is False
    for path in ("/jobs/plain/runs", "/jobs/plain/plan", "/runs/x/stop", "/runs/x/restart"):
        assert served.post(path).status_code == 403, path
    assert not project.marks()


def test_the_server_says_how_it_is(project: Project, serve: Serve) -> None:
    """UX 6: what the store holds since when, what deletes from it, and with what each setting was given."""
    project.task_module("@task\ndef say() -> None:\n    print('hello')\n")
    project.job({"one": "say", "two": "say"})
    project.run()
    project.run()
    served = serve("--allow-host", "shop.example.com")
    system = served.get("/system")

    store, first = system["store"], served.get("/runs")["items"][1]
    logs = sum(file.stat().st_size for file in (project.root / "logs").rglob("*.log"))
    assert logs > 0
    assert (store["runs"], store["oldest"], store["logs_bytes"]) == (2, first["started"], logs)
    assert "flowrun clean" in store["retention"]
    origins = {one["name"]: one["origin"] for one in system["settings"]}
    assert (origins["port"], origins["allowed hosts"], origins["token needed"]) == (
        "--port",
        "--allow-host",
        "FLOWRUN_TOKEN",
    )
    assert (origins["host"], origins["read only"]) == ("default", "default")


def test_a_proxy_may_put_it_anywhere(project: Project, serve: Serve) -> None:
    """--root-path: the page knows where it is, and --allow-host under which name."""
    served = serve("--root-path", "flowrun/", "--allow-host", "jobs.example.com")
    named = {"Host": "jobs.example.com", "Authorization": f"Bearer {TOKEN}", "Origin": "https://jobs.example.com"}

    page = httpx.get(f"http://127.0.0.1:{served.port}/", headers=named, trust_env=False)
    assert '<base href="/flowrun/">' in page.text
    meta = httpx.get(f"http://127.0.0.1:{served.port}/api/v1/meta", headers=named, trust_env=False)
    assert meta.json()["schema"] == "/flowrun/api/v1/openapi.json"
    behind = httpx.get(f"{served.address}/api/v1/meta", headers=named, trust_env=False)
    assert behind.status_code == 200
    for address in (f"http://127.0.0.1:{served.port}", served.address):
        assert httpx.get(f"{address}/api/v1/runs", trust_env=False).status_code == 401
        assert httpx.get(f"{address}/metrics", trust_env=False).status_code == 401


def test_the_token_is_hidden_from_runs(project: Project, serve: Serve) -> None:
    """A task that the server has started does not find the token in its environment."""
    project.task_module("import os\n@task\ndef peek() -> str:\n    return os.environ.get('FLOWRUN_TOKEN', 'nothing')\n")
    project.job({"peek": "peek"}, file="jobs/peek.yaml", config={"name": "peek"})
    served = serve()
    run = served.post("/jobs/peek/runs").json()["run"]

    served.ended(run)
    assert served.get(f"/runs/{run}/values")["results"][0]["value"] == "nothing"
    assert "FLOWRUN_TOKEN" not in os.environ
