"""How far a task is, and how long it will take."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from ..project import eventually
from .shop import Shop


def test_a_task_shows_how_far_it_is(shop: Shop) -> None:
    """The bar of the timeline, the table and the page of the task follow what the task says."""
    shop.project.file("jobs/far.yaml", "config: {name: far}\ntasks:\n  copy: {task: copy, parameters: {file: far}}\n")
    shop.project.start(job="jobs/far.yaml")
    run = eventually(lambda: shop.served.get("/runs", params={"job": "far"})["items"])[0]["id"]
    timeline, table = shop.page(f"/runs/{run}"), shop.page(f"/runs/{run}/tasks")
    bar = table.get_by_role("progressbar", name="Progress")

    expect(bar).to_have_attribute("aria-valuenow", "30")
    expect(table.locator(".tasks .row .progress")).to_contain_text("the third table")
    expect(timeline.locator(".attempt.running.far")).to_be_visible()
    (shop.project.root / "far.1").touch()
    expect(bar).to_have_attribute("aria-valuenow", "70")
    expect(timeline.locator(".lane-row", has_text="copy")).to_contain_text("70 %")
    page = shop.page(f"/runs/{run}/tasks/copy")
    expect(page.get_by_role("progressbar", name="Progress").first).to_have_attribute("aria-valuenow", "70")
    expect(page.locator(".attempts")).to_contain_text("70 %")
    (shop.project.root / "far.2").touch()
    expect(bar).to_have_count(0)
    expect(table.locator(".headline .state")).to_have_text("completed")


def test_a_run_says_how_long_it_usually_takes(shop: Shop) -> None:
    """CF-60: what is left is told from what runs took before, on the run and on Today."""
    shop.project.file(
        "jobs/steady.yaml",
        "config: {name: steady}\ntasks:\n  wait: {task: wait_long, parameters: {file: steady, seconds: 0.5}}\n",
    )
    shop.run("steady")
    (shop.project.root / "steady").touch()
    shop.project.start(job="jobs/steady.yaml")
    query = {"job": "steady", "status": "running"}
    run = eventually(lambda: shop.served.get("/runs", params=query)["items"])[0]["id"]
    left = re.compile("about .* left|longer than usual")

    expect(shop.page(f"/runs/{run}").locator(".facts-line")).to_have_text(left)
    expect(shop.page("/").locator(".card", has_text=run)).to_have_text(left)
    (shop.project.root / "steady").unlink()
    page = shop.page(f"/runs/{run}")
    expect(page.locator(".headline .state")).to_have_text("completed")
    expect(page.locator(".facts-line")).to_contain_text("usually")
    expect(page.locator(".facts-line")).not_to_have_text(left)


def test_nothing_is_called_late_before_its_usual_time_is_over(shop: Shop) -> None:
    """What was expected may be over much earlier, as of a run that waits for a person then."""
    told = shop.page("/").evaluate(
        """async () => {
            const { remainingOf } = await import("./static/remaining.js");
            const said = (seconds, usual_seconds) => remainingOf({
                is_live: true, remaining_seconds: 0, usual_seconds, started: Date.now() / 1000 - seconds,
            });
            return [said(3, 12), said(30, 12), said(3, null)];
        }"""
    )

    assert told == ["", "longer than usual", "longer than usual"]
