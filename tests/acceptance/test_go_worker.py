"""Go workers: the functions that they serve are tasks of a job, without a Python class."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ..papers import DOCS, ROOT, blocks_of
from ..project import Project, eventually
from ..redis_server import RedisServer

GO_WORKER = ROOT / "go_worker"
PAGE = DOCS / "how-to" / "write-a-go-worker.md"


def go(directory: Path, *arguments: str) -> str:
    """Run the go command."""
    program = shutil.which("go")
    assert program, "these tests need Go; see https://go.dev/dl"
    done = subprocess.run([program, *arguments], cwd=directory, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def ready_worker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that serves the bundled handlers."""
    target = tmp_path_factory.mktemp("go") / "flowrun-worker"
    go(GO_WORKER, "build", "-o", str(target), "./cmd/flowrun-worker")
    return target


class GoWorkers:
    """Programs that serve a queue until the test ends."""

    def __init__(self, project: Project, server: RedisServer) -> None:
        self._environment = {**os.environ, "FLOWRUN_REDIS_URL": server.url, "FLOWRUN_LISTEN": "", "FLOWRUN_GRACE": "1s"}
        self._log = project.root / "worker.log"
        self._started: list[subprocess.Popen[bytes]] = []
        project.environment["FLOWRUN_REDIS_URL"] = server.url

    def start(self, program: Path, *arguments: str) -> None:
        """Start a program and wait until it serves."""
        with self._log.open("wb") as said:
            self._started.append(
                subprocess.Popen([program, *arguments], env=self._environment, stdin=subprocess.DEVNULL, stderr=said)
            )
        eventually(lambda: "the worker serves" in self._log.read_text())

    def end(self) -> None:
        """Have all of them drain."""
        for started in self._started:
            started.terminate()
        for started in self._started:
            started.wait(30)


@pytest.fixture
def go_workers(project: Project, shared_redis: RedisServer) -> Iterator[GoWorkers]:
    """Starts Go workers."""
    workers = GoWorkers(project, shared_redis)
    yield workers
    workers.end()


def test_the_worker_of_the_page_serves_its_job(project: Project, go_workers: GoWorkers) -> None:
    """A worker of ten lines, built as the how-to page says, serves the tasks of the page's job. CF-78"""
    (project.root / "flowrun").mkdir()
    (project.root / "flowrun" / "go_worker").symlink_to(GO_WORKER)
    own = project.root / "own"
    own.mkdir()
    (source,) = (block.text for block in blocks_of(PAGE) if block.language == "go")
    (own / "main.go").write_text(source)
    (job,) = (block.text for block in blocks_of(PAGE) if block.language == "yaml")
    project.file("hello.yaml", job)
    commands = [line for block in blocks_of(PAGE) if block.language == "console" for line in block.text.splitlines()]
    for command in commands:
        if command.startswith("go "):
            go(own, *command.split()[1:])
    assert "./hello-worker --queue go-cpu" in commands

    go_workers.start(own / "hello-worker", "--queue", "go-cpu")
    finished = project.run(job="hello.yaml")

    assert finished.states == {"greet": "COMPLETED", "greet-again": "COMPLETED"}, finished
    assert "greeting" in project.log("greet-again")
    assert "Hello, Ada" in project.log("greet-again")


def test_the_scaffold_of_a_worker_serves_its_job(project: Project, go_workers: GoWorkers) -> None:
    """What `flowrun new go-worker` writes is formatted, vetted, tested, and its worker performs its job. CF-78"""
    own = project.root / "words"

    written = project.command("new", "go-worker", "words", "--module", "example.org/me/words").wait()

    assert written.status == 0, written
    assert (own / "go.mod").read_text().startswith("module example.org/me/words\n")
    assert "\ngo 1." in (own / "go.mod").read_text()
    formatter = shutil.which("gofmt")
    assert formatter
    assert subprocess.run([formatter, "-l", own], capture_output=True, text=True).stdout == ""
    for target in ("test", "worker"):
        made = subprocess.run(["make", "-C", own, target], capture_output=True, text=True)
        assert made.returncode == 0, made.stdout + made.stderr
    go_workers.start(own / "worker", "--queue", "go")
    assert project.command("validate", "--strict", "words/words.yaml").wait().status == 0
    finished = project.run(job="words/words.yaml")
    assert finished.states == {"count": "COMPLETED", "count-again": "COMPLETED"}, finished
    assert json.loads(finished.outcome("count")["result"]) == {"words": 4, "letters": 16}


def test_the_example_is_that_of_the_page() -> None:
    """The smallest worker in the repository is the one that the page shows."""
    (shown,) = (block.text for block in blocks_of(PAGE) if block.language == "go")
    kept = (GO_WORKER / "examples" / "hello" / "main.go").read_text()

    assert shown.partition("package main")[2] == kept.partition("package main")[2]


def test_a_worker_has_no_traces_unless_it_is_built_with_them() -> None:
    """Nothing of OpenTelemetry is compiled in without the build tag."""
    needed = {tags: go(GO_WORKER, "list", "-deps", tags, "./cmd/flowrun-worker") for tags in ("-tags=", "-tags=otel")}

    assert "opentelemetry" not in needed["-tags="]
    assert "go.opentelemetry.io/otel/sdk/trace" in needed["-tags=otel"]


def test_both_languages_have_the_same_scripts() -> None:
    """The Lua scripts are part of the protocol: byte for byte the same on both sides."""
    there = {path.name: path.read_bytes() for path in (ROOT / "flowrun" / "frq" / "lua").glob("*.lua")}
    here = {path.name: path.read_bytes() for path in (GO_WORKER / "frq" / "lua").glob("*.lua")}

    assert there
    assert there == here


class _Web(BaseHTTPRequestHandler):
    """Gives a file, or says that there is none."""

    def do_GET(self) -> None:
        found = self.path == "/file"
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(b"content" if found else b"none")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def web() -> Iterator[str]:
    """The address of a small server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Web)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_ready_worker_serves_what_its_predecessors_did(
    project: Project, go_workers: GoWorkers, ready_worker: Path, web: str
) -> None:
    """Sums, Fibonacci numbers and downloads; what cannot be done is a failed task with its reason. CF-79, CF-81"""
    kept, missing = project.root / "kept", project.root / "missing"
    tasks = {
        "total": {"task": "sum", "parameters": {"numbers": [1, 2, 3]}},
        "more": {"task": "add100", "parameters": {"number": "${{ tasks.total.result }}"}},
        "number": {"task": "fibonacci", "parameters": {"n": 20}},
        "fetch": {"task": "download_to_file", "parameters": {"url": f"{web}/file", "path": str(kept)}},
        "again": {
            "task": "download_to_file",
            "parameters": {"url": f"{web}/gone", "path": str(kept)},
            "dependencies": ["fetch"],
        },
        "lost": {"task": "download_to_file", "parameters": {"url": f"{web}/gone", "path": str(missing)}},
        "wrong": {"task": "fibonacci", "parameters": {"n": 0}},
    }
    for task in tasks.values():
        task["executor"] = "go"
    project.job(tasks, executors={"go": {"executor": "redis", "parameters": {"queue": "ready"}}})

    go_workers.start(ready_worker, "--queue", "ready", "--slots", "2")
    finished = project.run()

    assert finished.states == {
        **dict.fromkeys(("total", "more", "number", "fetch", "again"), "COMPLETED"),
        **dict.fromkeys(("lost", "wrong"), "FAILED"),
    }, finished
    assert kept.read_text() == "content"
    assert not missing.exists()
    assert "404" in finished.message("lost")
    assert "1 to 92 are allowed" in finished.message("wrong")
    assert finished.progress("fetch") == [{"done": 7, "total": None, "message": "bytes"}]
    assert "bytes" not in project.log("fetch")


def test_parameters_of_a_go_function_are_checked_before_the_run(
    project: Project, go_workers: GoWorkers, ready_worker: Path
) -> None:
    """The worker tells the types of the parameters: a wrong one is a mistake of the job file. CF-81"""
    project.job(
        {"total": {"task": "sum", "executor": "go", "parameters": {"numbers": "many"}}},
        executors={"go": {"executor": "redis", "parameters": {"queue": "checked"}}},
    )
    go_workers.start(ready_worker, "--queue", "checked")

    finished = project.command("validate", "job.yaml").wait()

    assert finished.status == 3, finished
    assert "numbers" in finished.text


def test_a_go_function_is_performed_alone(project: Project, go_workers: GoWorkers, ready_worker: Path) -> None:
    """`spin` gives the task to a worker with other inputs; what would need a class here is refused in one line."""
    project.job(
        {"number": {"task": "fibonacci", "executor": "go", "parameters": {"n": 20}}},
        executors={"go": {"executor": "redis", "parameters": {"queue": "alone"}}},
    )
    go_workers.start(ready_worker, "--queue", "alone")

    done = project.command("spin", "number", "job.yaml", "--input", "n=10").wait()
    here = project.command("spin", "number", "job.yaml", "--executor", "thread").wait()

    assert (done.status, done.out) == (0, "55\n"), done
    assert here.status == 2, here
    assert "only workers of its executor 'go' know it" in here.err
    assert "leave out --executor" in here.err


def test_the_ready_worker_tells_what_it_serves(ready_worker: Path) -> None:
    """Names and JSON Schemas, without a Redis."""
    said = subprocess.run([ready_worker, "handlers"], capture_output=True, text=True, check=True)

    schemas = json.loads(said.stdout)

    assert schemas["sum"]["required"] == ["numbers"]
    assert {"add100", "checksum", "compress", "download_to_file", "fibonacci", "http_probe"} < set(schemas)
