"""A job in Python is started and continued from the page as one in a file is."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from ..project import Project
from .shop import Shop, another, give_token

BAKERY = """
import os
from flowrun import Job

job = Job("bakery", vars={"bread": "rye"})


@job.task
def knead() -> int:
    return 3


@job.task(dependencies=["knead"], parameters={"bread": "${{ vars.bread }}"})
def bake(bread: str) -> str:
    if not os.path.exists("warm"):
        raise ValueError(f"{bread}: the oven is cold")
    return bread
"""


def test_a_job_in_python_runs_from_the_page(shop: Shop, tmp_path: Path) -> None:
    """CF-72, CF-73: its variables are asked for; a run that failed goes on with what it had."""
    project = Project(tmp_path / "town", tmp_path / "aside")
    project.file("bakery.py", BAKERY)
    project.run(job="bakery.py:job")
    with another(shop, project) as town:
        page = town.page("/jobs/bakery")

        page.get_by_role("link", name="Run…").first.click()
        page.get_by_label("bread").fill("wheat")
        page.get_by_role("button", name="Show the plan…").click()
        give_token(page, town)
        page.get_by_role("dialog").get_by_role("button", name="Start").click()
        expect(page.locator(".headline .state")).to_have_text("failed")
        expect(page.get_by_text("wheat: the oven is cold").first).to_be_visible()

        page.get_by_role("link", name="Values").click()
        expect(page.get_by_role("region", name="Variables")).to_contain_text("wheat")

        project.file("warm")
        page.get_by_role("button", name="Restart…").click()
        expect(page.get_by_role("dialog")).to_contain_text("bakery.py:job")
        page.get_by_role("dialog").get_by_role("button", name="Restart").click()
        expect(page.locator(".headline .state")).to_have_text("completed")
        page.context.close()
