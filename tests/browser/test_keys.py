"""Everything can be reached without a mouse."""

from __future__ import annotations

from playwright.sync_api import expect

from .shop import Shop, texts

SECTIONS = {
    "j": "Jobs",
    "r": "Runs",
    "a": "Approvals",
    "w": "Workers and queues",
    "s": "System",
    "t": "Today",
}


def test_two_keys_go_anywhere(shop: Shop) -> None:
    """g and a letter go to a section; the number keys to the parts of a run."""
    page = shop.page("/")

    for letter, heading in SECTIONS.items():
        page.keyboard.press("g")
        page.keyboard.press(letter)
        expect(page.locator("h1")).to_have_text(heading)
    page.goto(f"{shop.served.address}/runs/{shop.failed}")
    expect(page.locator(".lane-row").first).to_be_visible()
    page.keyboard.press("3")
    expect(page.locator(".tabs [aria-current]")).to_contain_text("Tasks")


def test_rows_are_chosen_with_j_and_k(shop: Shop) -> None:
    """j and k move, Enter opens."""
    page = shop.page("/runs")
    expect(page.locator("tr[data-row]").first).to_be_visible()
    first, second = texts(page, "tr[data-row] a.mono")[:2]

    page.keyboard.press("j")
    expect(page.locator("tr.at")).to_contain_text(first)
    page.keyboard.press("j")
    expect(page.locator("tr.at")).to_contain_text(second)
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(first)


def test_the_keys_are_told(shop: Shop) -> None:
    """? shows what the keys do on this page; letters that are typed into a field are letters."""
    page = shop.page(f"/runs/{shop.failed}")
    expect(page.locator(".lane-row").first).to_be_visible()

    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("next row")
    expect(dialog).to_contain_text("the log")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("gj?")
    expect(page.get_by_placeholder("Search tasks")).to_have_value("gj?")
    expect(page.locator("h1")).to_contain_text("nightly")


def test_the_first_link_skips_the_bar(shop: Shop) -> None:
    """Tab, Enter: the keyboard is in what is on the page."""
    page = shop.page("/")

    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to what is on this page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
