"""The page: how much script it is, how soon it shows something, and how smoothly it follows a run."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flowrun.web

from ..contest import Claim, Contest, Figures
from ..jobfile import JobFile
from ..served import served
from ..workload import chain, independent
from ..workspace import Workspace

_MANY = 10_000
_STEPS = 40
_MOVES = 12
_SCRIPTS = Path(flowrun.web.__file__).parent / "static"
_WATCH_SECONDS = 3.0
_ROWS = ".lane-row.running, .tasks .row .running"
_PATIENCE_MILLISECONDS = 60_000

_OPENED = """
  window.opened = new Promise(done => new MutationObserver((_, watcher) => {
    if (!document.querySelector(".lane-row")) return;
    watcher.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() / 1000)));
  }).observe(document, { childList: true, subtree: true }));
"""
_FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"
_FRAMES = """seconds => new Promise(done => {
  const begin = performance.now(), frames = [];
  const next = at => {
    frames.push(at);
    if (performance.now() - begin < seconds * 1000) requestAnimationFrame(next);
    else done(frames);
  };
  requestAnimationFrame(next);
})"""
_SEEN = """
  window.seen = {};
  new MutationObserver(() => {
    for (const row of document.querySelectorAll(".lane-row.completed a")) window.seen[row.title] ??= Date.now() / 1000;
  }).observe(document, { childList: true, subtree: true, attributes: true });
"""


def page(workspace: Workspace) -> Contest:
    """The targets of the page, with Chromium."""
    return Contest(
        parts=[
            _script,
            _at_the_page(workspace, _large),
            _at_the_page(workspace, _moving),
            _at_the_page(workspace, _late),
        ],
        claims=[
            Claim("script of the page, gzip, file by file", "script", at_most=100_000, unit="B"),
            Claim("first paint of a run of 10,000 tasks", "first paint", at_most=1.0),
            Claim("a run of 10,000 tasks is open", "open", at_most=2.0),
            Claim("frames of the timeline while 1,000 tasks move", "frames of the timeline", at_least=55, unit="/s"),
            Claim("frames of the table while 1,000 tasks move", "frames of the table", at_least=55, unit="/s"),
            Claim("an event is on the page, p95", "late", at_most=0.3),
        ],
    )


def _script() -> Figures:
    return {"script": sum(len(gzip.compress(path.read_bytes(), 9)) for path in _SCRIPTS.rglob("*.js"))}


def _at_the_page(workspace: Workspace, look: Callable[[Workspace, Any, str], Figures]) -> Callable[[], Figures]:
    """Look with a fresh browser at a server that was just started."""

    def measure() -> Figures:
        with served(workspace.project) as address, _browser() as browser:
            return look(workspace, browser.new_page(viewport={"width": 1440, "height": 900}), address)

    return measure


@contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    assert program, "this contest needs Chromium; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def _newest(workspace: Workspace, job: JobFile) -> str:
    """The id of the newest run of a job; empty if there is none."""
    from flowrun.history.reader import History

    history = History(workspace.project.directory)
    history.refresh()
    found = history.runs(job=job.name, limit=1).runs
    history.close()
    return found[0].id if found else ""


def _begun(workspace: Workspace, job: JobFile) -> tuple[subprocess.Popen[bytes], str]:
    """A run of a job that is under way, and its id."""
    before = _newest(workspace, job)
    process = workspace.project.run(job).start()
    while (run := _newest(workspace, job)) == before:
        time.sleep(0.05)
    return process, run


def _large(workspace: Workspace, page: Any, address: str) -> Figures:
    job = JobFile("page-large", independent(_MANY), ("task: EmptyAsync",))
    if not _newest(workspace, job):
        workspace.project.run(job).seconds()
    run = _newest(workspace, job)
    page.add_init_script(_OPENED)
    page.goto(f"{address}/runs/{run}")
    return {"open": page.evaluate("window.opened"), "first paint": page.evaluate(_FIRST_PAINT)}


def _moving(workspace: Workspace, page: Any, address: str) -> Figures:
    """Every three seconds a thousand tasks end and a thousand start."""
    keys = ("task: NapAsync", "parameters: {seconds: 3}")
    chains = {f"t{n}_{step}": (f"t{n}_{step - 1}",) if step else () for n in range(1000) for step in range(_MOVES)}
    job = JobFile("page-moving", chains, keys, {"max_concurrency": 1000})
    process, run = _begun(workspace, job)
    found = {}
    for name, tail in (("frames of the timeline", "?order=file"), ("frames of the table", "/tasks?sort=state")):
        page.goto(f"{address}/runs/{run}{tail}")
        page.wait_for_selector(_ROWS, timeout=_PATIENCE_MILLISECONDS)
        frames = page.evaluate(_FRAMES, _WATCH_SECONDS)
        found[name] = (len(frames) - 1) * 1000 / (frames[-1] - frames[0])
    process.terminate()
    process.wait()
    return found


def _late(workspace: Workspace, page: Any, address: str) -> Figures:
    keys = ("task: NapAsync", "parameters: {seconds: 0.1}")
    job = JobFile("page-late", chain(_STEPS), keys)
    process, run = _begun(workspace, job)
    page.set_viewport_size({"width": 1440, "height": 2000})  # what is not seen is not made
    page.add_init_script(_SEEN)
    page.goto(f"{address}/runs/{run}")
    process.wait()
    page.wait_for_selector(".headline .completed", timeout=_PATIENCE_MILLISECONDS)
    tasks = page.evaluate(f"fetch('/api/v1/runs/{run}/tasks').then(answer => answer.json())")["items"]
    shown = page.evaluate("window.seen")
    opened = page.evaluate("performance.timeOrigin / 1000") + 1.0
    late = sorted(shown[one["name"]] - ended for one in tasks if (ended := _seconds(one["ended"])) > opened)
    return {"late": late[int(len(late) * 0.95)]}


def _seconds(moment: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(moment).timestamp()
