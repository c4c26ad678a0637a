"""Every page shows what happened, in words and numbers that are those of the run."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .shop import EVIL, Shop, texts

PAGES = {
    "Today": "/",
    "Jobs": "/jobs",
    "Runs": "/runs",
    "Approvals": "/approvals",
    "Search": "/search",
    "Workers and queues": "/workers",
    "System": "/system",
}


@pytest.mark.parametrize("heading", list(PAGES))
def test_every_page_has_an_address(shop: Shop, heading: str) -> None:
    """CF-65: a page opens at its own address, with nothing from elsewhere."""
    page = shop.page(PAGES[heading])

    expect(page.locator("h1")).to_have_text(heading)
    elsewhere = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    assert [one for one in elsewhere if not one.startswith(shop.served.address)] == []


def test_today_shows_what_failed_until_it_was_looked_at(shop: Shop) -> None:
    """Today names the run that failed and its cause; who opens the run has looked at it."""
    page = shop.page("/")
    broken = page.get_by_role("region", name="Failed and not looked at yet")

    expect(broken).to_contain_text(shop.failed)
    expect(broken).to_contain_text("duplicate key")
    broken.get_by_role("link", name=shop.failed).click()
    expect(page.get_by_role("heading", name="Root cause")).to_be_visible()
    page.go_back()
    expect(page.locator("h1")).to_have_text("Today")
    expect(page.get_by_role("region", name="The last 24 hours")).to_be_visible()
    expect(page.locator(".broken li", has_text=shop.failed)).to_have_count(0)


def test_jobs_show_their_last_runs(shop: Shop) -> None:
    """Each job has a tick for each of its last runs, which says how it ended."""
    page = shop.page("/jobs")
    row = page.locator("tr", has_text="nightly")

    assert "failed" in (row.locator(".ticks a.failed").first.get_attribute("title") or "")
    assert row.locator(".ticks a").count() >= 2


def test_the_grid_shows_which_task_failed_in_which_run(shop: Shop) -> None:
    """A column for each run, a row for each task, a word in each cell."""
    page = shop.page("/jobs/nightly")
    grid = page.locator("table.grid")

    expect(grid.locator("tr", has_text="load").locator("a.failed")).not_to_have_count(0)
    expect(grid.locator("tr", has_text="never").locator("a.skipped")).not_to_have_count(0)
    grid.locator("tr", has_text="load").locator("a.failed").first.click()
    expect(page.locator("h1")).to_have_text("load")


def test_the_graph_shows_groups_and_neighbours(shop: Shop) -> None:
    """Tasks with their states; a group can be closed; what is not beside the task that is pointed at steps back."""
    page = shop.page(f"/runs/{shop.failed}/graph")

    expect(page.locator(".node", has_text="load")).to_contain_text("failed")
    expect(page.locator(".node", has_text="fan")).to_contain_text("3 completed")
    page.locator(".node", has_text="fetch").hover()
    expect(page.locator(".node.dim", has_text="tell/chat")).to_be_visible()
    page.get_by_role("button", name="Close all groups").click()
    expect(page.locator(".node.group", has_text="tell")).to_contain_text("2 blocked")
    expect(page.locator(".node", has_text="tell/chat")).to_have_count(0)


def test_the_definition_says_where_each_value_was_written(shop: Shop) -> None:
    """File and line stand beside every line of the merged definition."""
    page = shop.page("/jobs/nightly/definition")
    line = page.locator("tr", has_text="max_attempts").first

    expect(line.locator(".origin")).to_have_text("jobs/nightly.yaml:9")
    config = page.locator("tr", has=page.locator(".key", has_text=re.compile("^config:$")))
    expect(config.locator(".origin")).to_have_text("")


def test_trends_draw_the_durations(shop: Shop) -> None:
    """A chart for each measure, over the runs that ended."""
    page = shop.page("/jobs/nightly/trends")

    chart = page.locator(".chart", has_text="Duration")
    expect(chart.get_by_role("link", name=shop.failed)).to_be_visible()
    expect(chart).to_contain_text("usually")


def test_a_run_tells_its_cause_first(shop: Shop) -> None:
    """CF-70: verdict, counts and cause are those of the report."""
    counts = shop.served.get(f"/runs/{shop.failed}")["counts"]
    page = shop.page(f"/runs/{shop.failed}")

    said = texts(page, ".run-counts .state")
    assert f"{counts['COMPLETED']} completed" in said
    assert f"{counts['FAILED']} failed" in said
    assert f"{counts['DEFAULTED']} blocked" in said
    cause = page.locator(".cause")
    expect(cause).to_contain_text("ValueError: duplicate key (order_id)=(88412)")
    expect(cause.locator(".here")).to_contain_text("raise ValueError")
    expect(cause).to_contain_text("the warehouse says no")
    expect(page.locator(".continue code")).to_contain_text(f"-r {shop.failed}")


def test_the_timeline_shows_tries_and_what_was_not_started(shop: Shop) -> None:
    """Two tries of the task that failed with a pause between them; blocked and skipped tasks say why."""
    page = shop.page(f"/runs/{shop.failed}")
    row = page.locator(".lane-row", has=page.get_by_role("link", name="load", exact=True))

    expect(row.locator("i.attempt.failed")).to_have_count(2)
    expect(row.locator("i.pause")).to_have_count(1)
    expect(page.locator(".lane-row", has_text="never")).to_contain_text("skipped")
    page.get_by_role("button", name="Trouble").click()
    expect(page.locator(".lane-row", has_text="fetch")).to_have_count(0)
    expect(row).to_be_visible()
    assert "only=trouble" in page.url, "who gets the address sees the same"


def test_the_table_of_tasks_counts_as_the_run_does(shop: Shop) -> None:
    """Items, and not what they are items of: the tab, the head and the table have one number."""
    page = shop.page(f"/runs/{shop.good}/tasks")
    number = shop.served.get(f"/runs/{shop.good}")["tasks"]

    expect(page.get_by_role("link", name=re.compile(rf"^Tasks\s*{number}$"))).to_be_visible()
    expect(page.locator(".tasks .filters .push")).to_have_text(f"{number} of {number}")


def test_tasks_are_sorted_and_searched(shop: Shop) -> None:
    """CF-71: the table is filtered by state and text, and sorted by a column."""
    page = shop.page(f"/runs/{shop.failed}/tasks")
    names = ".tasks .row:not(.heads) a"

    page.get_by_role("button", name="State").click()
    assert texts(page, names)[0] == "load", "what is worst comes first"
    page.get_by_role("button", name="2 blocked").click()
    expect(page.locator(names)).to_have_text(["tell/mail", "tell/chat"])
    page.get_by_role("button", name="2 blocked").click()
    page.get_by_placeholder("Search tasks").fill("duplicate")
    expect(page.locator(names)).to_have_text(["load"])


def test_values_changes_and_events(shop: Shop) -> None:
    """What was returned and shared, what is different from the last good run, and everything in order."""
    page = shop.page(f"/runs/{shop.failed}/values")
    expect(page.get_by_role("region", name="Results")).to_contain_text('"rows": 41')
    expect(page.get_by_role("region", name="Results")).to_contain_text(
        re.compile(r"fetch\s*\d+ letters · \w+ \d\d:\d\d:\d\d")
    )
    expect(page.get_by_role("region", name="Shared values")).to_contain_text("2026-01-01")

    page.get_by_role("link", name="Changes").click()
    expect(page.locator("section", has_text="Definition").first).to_contain_text("tasks.load.parameters.broken")
    expect(page.locator("table tr", has_text="load").first).to_contain_text("completed")
    expect(page.get_by_role("link", name=shop.good)).to_be_visible()

    page.get_by_role("link", name="Events").click()
    expect(page.locator(".events .row", has_text="load").first).to_contain_text("running")


def test_a_task_shows_its_attempts_beside_each_other(shop: Shop) -> None:
    """Parameters, source, attempts with their tracebacks, other runs, and the command that runs it alone."""
    page = shop.page(f"/runs/{shop.failed}/tasks/load")

    expect(page.locator(".attempts thead th")).to_have_text(["Attempt 1", "Attempt 2"])
    expect(page.locator(".failure[open]")).to_contain_text("ValueError")
    expect(page.locator(".source")).to_contain_text("class Load(Task)")
    expect(page.get_by_role("region", name="Around it")).to_contain_text("fan")
    expect(page.get_by_role("region", name="Run it alone, here")).to_contain_text("flowrun spin load")
    assert page.locator(".ticks.tall a").count() >= 1


def test_names_are_never_markup(shop: Shop) -> None:
    """X-CF-22: a task whose name is an image with a handler is a name on every page."""
    page = shop.page()
    for part in ("", "/graph", "/values", "/events", "/tasks"):
        page.goto(f"{shop.served.address}/runs/{shop.hostile}{part}")
        expect(page.get_by_text(EVIL, exact=False).first).to_be_attached()
        assert page.locator("img").count() == 0
        assert page.evaluate("window.harmed") is None
    page.locator(".tasks .row a").first.click()
    expect(page.locator("h1")).to_have_text(EVIL)


def test_an_unknown_run_is_said_to_be_unknown(shop: Shop) -> None:
    """One sentence, and a way on."""
    page = shop.browser.new_context().new_page()
    page.goto(f"{shop.served.address}/runs/zzzzzz")

    expect(page.get_by_role("alert")).to_contain_text("zzzzzz")
