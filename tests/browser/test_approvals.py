"""A task that waits for a person is seen wherever one looks, and answered there."""

from __future__ import annotations

from playwright.sync_api import expect

from ..project import eventually
from .shop import Shop, give_token

JOB = """
config: {{name: {name}}}
tasks:
  build: {{task: each, parameters: {{item: built}}}}
  publish: {{task: each, parameters: {{item: out}}, dependencies: [build], approve: "Publish to customers?"}}
"""


def asking(shop: Shop, name: str) -> str:
    """A run that waits for an approval."""
    shop.project.file(f"jobs/{name}.yaml", JOB.format(name=name))
    shop.project.start(job=f"jobs/{name}.yaml")
    found = eventually(lambda: [one for one in shop.served.get("/approvals")["items"] if one["job"] == name])
    return str(found[0]["run"])


def test_what_waits_is_approved_from_today(shop: Shop) -> None:
    """Today shows the question; who approves says why, and that is kept with the task."""
    run = asking(shop, "release")
    page = shop.page("/")
    box = page.get_by_role("region", name="Waiting for an approval")

    expect(box).to_contain_text("Publish to customers?")
    expect(page.get_by_role("link", name="Approvals")).to_contain_text("1 waiting")
    box.get_by_role("button", name="Approve publish").click()
    dialog = page.get_by_role("dialog", name="Approve publish")
    dialog.get_by_label("Comment").fill("the notes are good")
    dialog.get_by_role("button", name="Approve", exact=True).click()
    give_token(page, shop)
    expect(box).to_have_count(0)
    assert shop.served.ended(run)["status"] == "completed"
    page.goto(f"{shop.served.address}/runs/{run}/tasks/publish")
    expect(page.get_by_role("region", name="Approval", exact=True)).to_contain_text("the notes are good")


def test_what_waits_is_rejected_from_its_run(shop: Shop) -> None:
    """The run shows the question above its parts; the task fails when it is rejected. Then nothing waits any more."""
    run = asking(shop, "refused")
    page, waiting = shop.page(f"/runs/{run}"), shop.page("/approvals")
    banner = page.get_by_role("region", name="Waits for an approval")

    expect(banner).to_contain_text("Publish to customers?")
    expect(waiting.locator(".asked")).to_contain_text(run)
    banner.get_by_role("button", name="Reject publish").click()
    page.get_by_role("dialog").get_by_role("button", name="Reject", exact=True).click()
    give_token(page, shop)
    expect(page.locator(".headline .state")).to_have_text("failed")
    expect(banner).to_have_count(0)
    expect(page.locator(".cause")).to_contain_text("rejected")
    expect(waiting.locator("main")).to_contain_text("Nothing waits for an approval")
