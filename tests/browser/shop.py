"""Shop: a project whose runs the pages show, with a server for it and a browser that looks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from ..project import Project
from ..served import Served

TASKS = '''
import sys
from pathlib import Path

from flowrun.task import progress


@task
class Fetch(Task):
    """Fetch the orders of one day."""

    day: str
    attempts: int = 1

    def run(self) -> dict:
        print("\\x1b[32mfetching\\x1b[0m the orders of", self.day)
        self.shared_dict["day"] = self.day
        return {"rows": 41, "day": self.day}


@task
class Load(Task):
    """Load rows into the warehouse."""

    rows: int
    broken: bool = False

    def run(self) -> int:
        print("copied", self.rows, "rows")
        if self.broken and not Path("mended").exists():
            print("the warehouse says no", file=sys.stderr)
            raise ValueError("duplicate key (order_id)=(88412)")
        return self.rows


@task
def each(item: str) -> str:
    print("item", item)
    return item


@task
def wait_for(file: str) -> None:
    print("waiting")
    while not Path(file).exists():
        time.sleep(0.02)
    print("waited enough")


@task
def wait_long(file: str, seconds: float) -> None:
    time.sleep(seconds)
    while Path(file).exists():
        time.sleep(0.02)


@task
def copy(file: str) -> None:
    progress(3, 10, "the third table")
    while not Path(file + ".1").exists():
        time.sleep(0.02)
    progress(7, 10)
    while not Path(file + ".2").exists():
        time.sleep(0.02)


@task
def hostile() -> str:
    print("<script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>")
    print("\\x1b[31mred\\x1b[0m \\x1b]8;;javascript:window.harmed=1\\x07link\\x07 \\x07\\x08\\x1b[2J\\u202eevil")
    print("long " * 20_000)
    for number in range(3000):
        print("line", number)
    print("something went wrong", file=sys.stderr)
    return "</script><script>window.harmed = 1</script>"
'''

NIGHTLY = """
config: {name: nightly}
tasks:
  fetch: {task: Fetch, parameters: {day: "$VAR{day:2026-01-01}"}}
  fan: {task: each, foreach: [eu, us, asia], parameters: {item: "${{ item }}"}, dependencies: [fetch]}
  load:
    task: Load
    parameters: {rows: "${{ tasks.fetch.result.rows }}", broken: "$VAR{broken:false}"}
    max_attempts: 2
    backoff: 0.2
    dependencies: [fan]
  tell:
    serial:
      mail: {task: each, parameters: {item: mail}}
      chat: {task: each, parameters: {item: chat}}
    dependencies: [load]
  never: {task: each, parameters: {item: never}, when: "${{ false }}"}
"""

EVIL = "'\"><img src=x onerror=window.harmed=1>"

HOSTILE = f"config: {{name: hostile}}\ntasks:\n  {json.dumps(EVIL)}: {{task: hostile}}\n"


@dataclass
class Shop:
    """The project, its server, and the ids of its runs."""

    project: Project
    served: Served
    browser: Browser
    good: str
    failed: str
    hostile: str
    said: list[str] = field(default_factory=list)
    """What went wrong in the pages that were opened: nothing, at the end of every test."""

    def page(self, address: str = "/", **options: Any) -> Page:
        """A page of the server in a browser of its own."""
        options = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light", **options}
        context = self.browser.new_context(**options)
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("console", lambda one: self.said.append(one.text) if _is_mistake(one) else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.goto(self.served.address + address)
        expect(page.locator("h1").first).to_be_visible()
        return page

    def run(self, job: str, *arguments: str) -> str:
        """Run a job to its end, and give the id of the run."""
        return run_of(self.project, job, *arguments)


@contextmanager
def another(shop: Shop, project: Project) -> Iterator[Shop]:
    """The server of another project, seen with the same browser; ends all of it."""
    served = Served(project, token=None)
    other = replace(shop, project=project, served=served, said=[])
    try:
        yield other
        assert other.said == []
    finally:
        served.close()
        project.end_everything()


def give_token(page: Page, shop: Shop) -> None:
    """Answer the question for the token."""
    dialog = page.get_by_role("dialog", name="Token")
    dialog.get_by_label("Token").fill(shop.served.token)
    dialog.get_by_role("button", name="Go on").click()


def _is_mistake(one: ConsoleMessage) -> bool:
    """Somebody who makes or removes a network of this machine makes none; the page loads once more by itself."""
    return one.type == "error" and "ERR_NETWORK_CHANGED" not in one.text


def run_of(project: Project, job: str, *arguments: str) -> str:
    """The id of a run of a job that has ended."""
    said = project.run(*arguments, job=f"jobs/{job}.yaml").err
    found = re.search(r"· run (\w{8})\b", said)
    assert found is not None, said
    return found[1]


def texts(page: Page, selector: str) -> list[str]:
    """What is written in all that a selector finds."""
    return [re.sub(r"\s+", " ", text).strip() for text in page.locator(selector).all_inner_texts()]
