"""Everything is found by a text."""

from __future__ import annotations

from playwright.sync_api import expect

from .shop import EVIL, Shop


def test_a_line_of_a_log_is_found_from_anywhere(shop: Shop) -> None:
    """The key / goes to the field of the bar; what is found leads to the line."""
    page = shop.page("/")

    page.keyboard.press("/")
    page.keyboard.type("the warehouse says no")
    page.keyboard.press("Enter")
    lines = page.get_by_role("region", name="Lines of logs")
    expect(lines).to_contain_text(shop.failed)
    expect(lines.locator("mark").first).to_have_text("the warehouse says no")
    lines.get_by_role("link", name=shop.failed).first.click()
    expect(page.locator(".line.marked")).to_contain_text("the warehouse says no")


def test_what_is_found_is_in_groups(shop: Shop) -> None:
    """Jobs, runs and tasks stand apart; the address of a search can be handed on; names are never markup."""
    page = shop.page("/search?q=nightly")

    page.get_by_role("region", name="Jobs").get_by_role("link", name="nightly").click()
    expect(page.locator("h1")).to_contain_text("nightly")
    page.go_back()
    expect(page.get_by_role("region", name="Runs")).to_contain_text(shop.good)
    page.get_by_role("searchbox").fill("onerror")
    expect(page.get_by_role("region", name="Tasks").get_by_role("link").first).to_have_text(EVIL)
    assert "q=onerror" in page.url
    page.get_by_role("searchbox").fill("nobody wrote this")
    expect(page.locator(".nothing")).to_contain_text("nobody wrote this")
    assert page.evaluate("window.harmed") is None
