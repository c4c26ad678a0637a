"""The page of the workers says what each of them does, and ends one that is named."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from ..project import Project
from ..redis_server import RedisServer
from .shop import Shop, another, give_token


def test_a_worker_is_drained_from_the_page(shop: Shop, tmp_path: Path, shared_redis: RedisServer) -> None:
    """CF-59: what will happen is said before it does; the worker, with what was said of it, is gone from the list."""
    project = Project(tmp_path / "depot", tmp_path / "aside")
    project.environment["FLOWRUN_REDIS_URL"] = shared_redis.url
    project.environment["FLOWRUN_PREFIX"] = f"depot-{tmp_path.parent.name}"
    worker = project.command("worker", "--slots", "2", "--labels", "zone=eu")
    with another(shop, project) as depot:
        page = depot.page("/workers")
        row = page.get_by_role("region", name="Workers").locator("tbody tr")

        expect(row.locator(".state")).to_have_text("idle")
        expect(row.locator(".tag")).to_have_text("zone=eu")
        row.get_by_role("button", name="Drain").click()
        expect(page.get_by_role("dialog")).to_contain_text("it takes nothing more, and ends")
        page.get_by_role("dialog").get_by_role("button", name="Drain").click()
        give_token(page, depot)
        expect(page.get_by_text("No worker has announced itself.")).to_be_visible()
        assert worker.wait().status == 0
        page.context.close()
