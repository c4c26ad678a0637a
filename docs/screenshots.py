"""Make the pictures of docs/images anew: real runs of a small shop, seen with Chromium.

Run it from the root of the repository: `make screenshots`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

IMAGES = Path(__file__).parent / "images"
_PATIENCE_MILLISECONDS = 60_000

TASKS = '''
import random
import sys
import time
from pathlib import Path

from flowrun.task import Task, progress, task


class Rested(Task):
    """Says what it does, and takes its time."""

    seconds: float = 1.0

    def rest(self, *lines: str) -> None:
        for line in lines:
            print(line)
            time.sleep(self.seconds * random.uniform(0.7, 1.3) / len(lines))


@task
class Extract(Rested):
    """Fetch the rows of one table."""

    table: str
    shaky: bool = False

    def run(self) -> dict:
        self.rest(f"\\x1b[36mSELECT\\x1b[0m * FROM {self.table}", "fetched 20,000 rows", "fetched 41,000 rows")
        if self.shaky and self.metadata.attempt == 1:
            raise ConnectionResetError("the connection was reset by db-2:5432")
        return {"table": self.table, "rows": 41_000}


@task
class Transform(Rested):
    """Bring the rows of a region into the form of the warehouse."""

    region: str

    def run(self) -> int:
        self.rest(f"region {self.region}: 10,250 rows", "\\x1b[33mno rate for ISK, yesterday's is used\\x1b[0m", "done")
        return 10_250


@task
class Load(Rested):
    """Load rows into the warehouse."""

    table: str = "sales"
    rows: int = 0

    def run(self) -> int:
        self.rest("opening a connection to the warehouse", "copied 20,000 rows", "copied 41,000 rows")
        if Path("broken").exists():
            print("the warehouse refused the last batch", file=sys.stderr)
            raise ValueError("duplicate key value violates unique constraint: (order_id)=(88412)")
        return self.rows


@task
class Tell(Rested):
    """Tell somebody."""

    whom: str

    def run(self) -> None:
        self.rest(f"told {self.whom}")


@task
def hold(file: str, done: int, total: int) -> None:
    """Say how far it is, and wait until somebody makes a file."""
    progress(done, total, "orders-2026-11.csv")
    while not Path(file).exists():
        time.sleep(0.1)
'''

NIGHTLY = """
config: {name: nightly, max_concurrency: 6}
tasks:
  orders: {task: Extract, parameters: {table: orders, seconds: 1.2}}
  customers: {task: Extract, parameters: {table: customers, shaky: true, seconds: 0.5}, max_attempts: 3, backoff: 0.6}
  rates: {task: Extract, parameters: {table: rates, seconds: 0.4}}
  transform:
    task: Transform
    foreach: [africa, americas, asia, europe]
    parameters: {region: "${{ item }}", seconds: 1.1}
    dependencies: [orders, customers]
  load:
    task: Load
    parameters: {rows: "${{ tasks.orders.result.rows }}", seconds: 0.9}
    dependencies: [transform, rates]
    max_attempts: 2
    backoff: 0.5
  publish:
    parallel:
      report: {task: Tell, parameters: {whom: the team, seconds: 0.6}}
      mail: {task: Tell, parameters: {whom: the customers, seconds: 0.9}}
    dependencies: [load]
  archive: {task: Tell, parameters: {whom: the archive}, when: "${{ false }}", dependencies: [load]}
"""

SYNC = """
config: {name: hourly-sync}
tasks:
  fetch: {task: Extract, parameters: {table: tickets, seconds: 0.2}}
  send: {task: Tell, parameters: {whom: the CRM, seconds: 0.2}, dependencies: [fetch]}
"""

LIVE = """
config: {name: import}
tasks:
  files: {task: Extract, parameters: {table: files, seconds: 0.3}}
  import: {task: hold, parameters: {file: enough, done: 41, total: 60}, dependencies: [files]}
  index: {task: hold, parameters: {file: enough, done: 12, total: 80}, dependencies: [files]}
  publish:
    task: Tell
    parameters: {whom: the customers}
    dependencies: [files]
    approve: {question: "Publish the new prices to all customers?", timeout: 4h}
  report: {task: Tell, parameters: {whom: the team}, dependencies: [import, index]}
"""


class Shop:
    """A project in a directory that is gone afterwards."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for path, text in (("tasks/shop.py", TASKS), ("jobs/nightly.yaml", NIGHTLY), ("jobs/hourly-sync.yaml", SYNC)):
            self.file(path, text)
        self.file("jobs/import.yaml", LIVE)

    def file(self, path: str, text: str = "") -> Path:
        """Write a file."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command of flowrun."""
        source = str(Path(__file__).parent.parent)
        env = {**os.environ, "PYTHONPATH": source, "NO_COLOR": "1"}
        argv = [sys.executable, "-m", "flowrun", *arguments]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(argv, cwd=self.root, env=env, text=True, **streams)  # type: ignore[call-overload, no-any-return]

    def run(self, job: str) -> str:
        """Run a job to its end; gives the id of the run."""
        said, _ = self.start("-j", f"jobs/{job}.yaml").communicate()
        found = re.search(r"· run (\w{8})\b", said)
        assert found is not None, said
        return found[1]

    def history(self) -> str:
        """What has happened before somebody looks; gives the run that failed."""
        broken = self.root / "broken"
        for number in range(12):
            if number in (2, 6, 11):
                broken.touch()
            last = self.run("nightly")
            broken.unlink(missing_ok=True)
            self.run("hourly-sync")
        return last


@contextmanager
def served(shop: Shop) -> Iterator[str]:
    """The address of a server for the shop."""
    server = shop.start("serve", "--port", "0")
    assert server.stdout is not None
    found = next(filter(None, (re.search(r"at (http://\S+)/ ", line) for line in server.stdout)))
    try:
        yield found[1]
    finally:
        server.terminate()
        server.wait()


def picture(
    browser: Browser, address: str, ready: str, name: str, width: int = 1280, height: int = 800, dark: bool = False
) -> None:
    """Write one picture of a page, when what it shows is there."""
    scheme = "dark" if dark else "light"
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(ready, timeout=_PATIENCE_MILLISECONDS)
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / f"{name}.png")
    context.close()


def page_of(browser: Browser, address: str, ready: str, link: str) -> str:
    """The address that a link of a page leads to."""
    page = browser.new_page()
    page.goto(address)
    page.wait_for_selector(ready, timeout=_PATIENCE_MILLISECONDS)
    found = page.locator(link).first.evaluate("one => one.href")
    page.context.close()
    return str(found)


def main() -> None:
    """Run the jobs, look at them, and write what is seen."""
    IMAGES.mkdir(exist_ok=True)
    program = shutil.which("chromium")
    if program is None:
        sys.exit("the pictures need Chromium; on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        shop = Shop(Path(place) / "shop")
        failed = shop.history()
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        live = shop.start("-j", "jobs/import.yaml")
        with served(shop) as address:
            run = f"{address}/runs/{failed}"
            picture(browser, f"{address}/", ".asked", "today", height=760)
            going = page_of(browser, f"{address}/", ".asked", ".asked a:has(.mono)")
            picture(browser, going, ".attempt.far", "live", height=720)
            picture(browser, f"{address}/search?q=customers", ".found-line", "search", height=620)
            picture(browser, f"{address}/jobs/nightly", "table.grid td", "job", height=620)
            picture(browser, run, ".lane-row", "run", height=1000)
            picture(browser, f"{run}/graph", ".node", "graph", height=560)
            picture(browser, f"{run}/log", ".line .text", "log", height=640, dark=True)
            picture(browser, f"{run}/tasks/load", ".attempts", "task", height=860)
            picture(browser, run, ".lane-row", "telephone", width=390, height=844)
        live.terminate()
        live.wait()
        browser.close()


if __name__ == "__main__":
    main()
