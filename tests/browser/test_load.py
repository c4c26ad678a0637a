"""The pages stay themselves when there is much to show."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from ..project import eventually
from ..served import Served
from .shop import Shop, run_of, texts

pytestmark = pytest.mark.full

MANY = 10_000
LINES = 1_100_000

TASKS = f"""
@task
async def nothing(number: int) -> int:
    return number


@task
async def rest(file: str) -> None:
    import asyncio

    while not os.path.exists(file):
        await asyncio.sleep(0.2)


@task
def talk() -> None:
    for number in range({LINES}):
        print("line", number, "of a log that is about a hundred megabytes long in all, so it seems")
    print("the end", file=sys.stderr)
"""


@pytest.fixture(scope="module")
def large(whole_shop: Shop) -> Shop:
    """The project with a run of ten thousand tasks and a log of a hundred megabytes."""
    project = whole_shop.project
    project.task_module(TASKS, "large")
    many = "\n".join(f"  task-{n:05}: {{task: nothing, parameters: {{number: {n}}}}}" for n in range(MANY))
    project.file("jobs/many.yaml", f"config: {{name: many}}\ntasks:\n{many}\n")
    project.file("jobs/long.yaml", "config: {name: long}\ntasks:\n  talk: {task: talk}\n")
    return whole_shop


def test_ten_thousand_tasks(large: Shop) -> None:
    """Timeline and table hold all of them, and make elements only for those that are seen."""
    run = run_of(large.project, "many")
    page = large.page(f"/runs/{run}")

    expect(page.locator(".lane-row").first).to_be_visible()
    assert page.locator(".lane-row").count() < 150
    page.goto(f"{large.served.address}/runs/{run}/tasks?text=task-09999")
    expect(page.locator(".tasks .row a")).to_have_text(["task-09999"])
    page.goto(f"{large.served.address}/runs/{run}/graph")
    expect(page.locator(".node").first).to_contain_text("10,000 × nothing")
    assert page.locator(".node").count() < 500


def test_a_hundred_megabytes_of_log(large: Shop) -> None:
    """Any line is reached: by its number, by the bar at the side, by its text, by its level."""
    run = run_of(large.project, "long")
    page = large.page(f"/runs/{run}/log#L654321")

    expect(page.locator(".line.marked")).to_contain_text("line 654320 of")
    page.locator(".log").hover()
    for _ in range(5):
        page.mouse.wheel(0, 20 * 30)
    expect(page.locator(".line", has_text=f"line {654320 + 5 * 30} of")).to_be_attached()
    expect(page.locator(".line", has_text="line 654320 of")).to_have_count(0)
    page.evaluate("const log = document.querySelector('.log'); log.scrollTop = log.scrollHeight")
    expect(page.locator(".line .text").last).to_have_text("the end")
    page.evaluate("document.querySelector('.log').scrollTop = 0")
    expect(page.locator(".line .text").first).to_contain_text("line 0 of")
    page.keyboard.press("e")
    expect(page.locator(".line.marked .no")).to_have_text(f"{LINES + 1:,}")
    page.get_by_placeholder("Search the log").fill("line 777777 of")
    expect(page.locator(".line .text")).to_have_count(1)
    expect(page.locator(".line mark")).to_have_text("line 777777 of")


def test_a_thousand_running_tasks(large: Shop) -> None:
    """All of them are seen to run and to end, and none is missed."""
    project, served = large.project, large.served
    many = "\n".join(f"  task-{n:03}: {{task: rest, parameters: {{file: rested}}}}" for n in range(1000))
    project.file("jobs/busy.yaml", f"config: {{name: busy, max_concurrency: 1000}}\ntasks:\n{many}\n")
    project.start(job="jobs/busy.yaml")
    run = eventually(lambda: served.get("/runs", params={"job": "busy"})["items"])[0]["id"]
    page = large.page(f"/runs/{run}/tasks")

    expect(page.get_by_role("button", name="1,000 running")).to_be_visible()
    (project.root / "rested").touch()
    expect(page.locator(".headline .state")).to_have_text("completed")
    expect(page.get_by_role("button", name="1,000 completed")).to_be_visible()
    assert "running" not in " ".join(texts(page, ".tasks .row .state"))


def test_a_page_finds_its_server_again(large: Shop) -> None:
    """A server that was away is found again, and what happened meanwhile is shown."""
    project = large.project
    served = Served(project, token=None)
    page = large.page("/")
    page.goto(f"{served.address}/runs")
    expect(page.locator(".live")).to_have_text("live")
    served.stop()
    expect(page.locator(".live")).to_have_text("connecting…")
    run = run_of(project, "nightly")
    again = Served(project, "--port", str(served.port), token=None)
    expect(page.locator("tr[data-row]", has_text=run)).to_be_visible()
    expect(page.locator(".live")).to_have_text("live")
    again.close()
    large.said[:] = [one for one in large.said if "ERR_CONNECTION_REFUSED" not in one]
