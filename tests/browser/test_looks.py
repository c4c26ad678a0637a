"""The pages can be read by everybody: in light and dark, on a telephone, by a screen reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize, expect

from .shop import Shop

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()
NARROW: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1440, "height": 900}


def addresses(shop: Shop) -> dict[str, str]:
    """Every kind of page, by a selector that is there when it is complete."""
    run = f"/runs/{shop.failed}"
    return {
        "/": ".strip .mark",
        "/jobs": "tr[data-row]",
        "/runs": "tr[data-row]",
        "/jobs/nightly": "table.grid td",
        "/jobs/nightly/graph": ".node",
        "/jobs/nightly/definition": "table.definition td",
        "/jobs/nightly/trends": ".chart circle",
        "/jobs/nightly/start": ".task-fields",
        run: ".lane-row",
        f"{run}/graph": ".node",
        f"{run}/tasks": ".tasks .row a",
        f"{run}/log": ".line .text",
        f"{run}/values": ".value",
        f"{run}/changes": "table.changes",
        f"{run}/events": ".events .row",
        f"{run}/tasks/load": ".attempts",
        "/approvals": ".panel",
        "/search?q=warehouse": ".found-line mark",
        "/workers": ".panel",
        "/system": ".facts",
    }


def mistakes(page: Page, only: str = "") -> list[str]:
    """What axe finds that is serious."""
    options = f"{{resultTypes: ['violations'], preload: false, {only}}}"
    found: list[dict[str, Any]] = page.evaluate(f"axe.run(document, {options}).then(result => result.violations)")
    return [
        f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def test_every_page_can_be_read_by_everybody(shop: Shop) -> None:
    """Axe finds nothing serious in names, roles and headings, and enough contrast in light and dark.

    On a telephone no page is wider than the screen: what is wide scrolls in itself.
    """
    page = shop.page("/")
    found: dict[str, Any] = {}
    for address, ready in addresses(shop).items():
        page.goto(shop.served.address + address)
        expect(page.locator(ready).first).to_be_attached()
        page.evaluate(AXE)
        found[address] = mistakes(page)
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        found[f"{address} in the dark"] = mistakes(page, "runOnly: ['color-contrast']")
        page.set_viewport_size(NARROW)
        width = page.evaluate("document.documentElement.scrollWidth")
        found[f"{address} on a telephone"] = width if width > NARROW["width"] else []
        page.set_viewport_size(WIDE)

    assert {where: what for where, what in found.items() if what} == {}


def test_dark_is_what_the_system_or_the_person_wants(shop: Shop) -> None:
    """CF-69: the theme follows the system until it is chosen, and the choice lasts."""
    page = shop.page("/", color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"

    dark = page.evaluate(ground)
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert page.evaluate(ground) != dark
    page.get_by_role("button", name="Change to dark colours").click()
    assert page.evaluate(ground) == dark
    page.reload()
    expect(page.get_by_role("button", name="Change to light colours")).to_be_visible()
    assert page.evaluate(ground) == dark


def test_a_word_stands_beside_every_sign(shop: Shop) -> None:
    """No state is told by colour or shape alone."""
    page = shop.page(f"/runs/{shop.failed}")
    expect(page.locator(".lane-row").first).to_be_visible()

    silent = "[...document.querySelectorAll('.state')].filter(one => !one.textContent.trim()).length"
    assert page.evaluate(silent) == 0


def test_times_are_local_and_say_their_zone(shop: Shop) -> None:
    """A moment is shown in the zone of who looks, and all of it when it is pointed at."""
    page = shop.page("/runs", timezone_id="Asia/Kathmandu", locale="en-GB")
    moment = page.locator("tr[data-row] time").first

    assert "5:45" in (moment.get_attribute("title") or "")
    assert (moment.get_attribute("datetime") or "").endswith("Z")
