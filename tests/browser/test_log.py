"""A log is read like a file, however long it is and whatever is in it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .shop import Shop, texts


def log_of(shop: Shop, run: str, more: str = "", **options: object) -> Page:
    """The log of a run, when its first lines are there."""
    page = shop.page(f"/runs/{run}/log{more}", **options)
    expect(page.locator(".line .text").first).to_be_attached()
    return page


def test_a_hostile_log_is_text(shop: Shop) -> None:
    """X-CF-22: markup, control characters and marks that turn the direction are shown, never obeyed."""
    page = log_of(shop, shop.hostile)

    expect(page.locator(".line").first).to_contain_text("<script>window.harmed = 1</script><img src=x")
    assert page.locator(".log img, .log script, .log a[href^=javascript]").count() == 0
    assert page.evaluate("window.harmed") is None
    second = page.locator(".line").nth(1)
    expect(second.locator("span", has_text="red").last).to_have_attribute("style", "color: var(--ansi-red);")
    assert "\u202e" not in second.inner_text()


def test_a_very_long_line_is_shown_in_part(shop: Shop) -> None:
    """The row has its beginning; a button shows all of it."""
    page = log_of(shop, shop.hostile)
    line = page.locator(".line").nth(2)

    assert len(line.inner_text()) < 3000
    line.get_by_role("button").click()
    expect(page.get_by_role("dialog").locator("pre")).to_contain_text("long long")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_only_the_lines_that_are_seen_are_made(shop: Shop) -> None:
    """Three thousand lines, a few dozen elements; scrolling brings the others."""
    page = log_of(shop, shop.hostile)

    assert page.locator(".line").count() < 120
    expect(page.locator(".log-panel .filters")).to_contain_text("3,004 lines")
    page.evaluate("document.querySelector('.log').scrollTop = 1e9")
    expect(page.locator(".line").last).to_contain_text("something went wrong")
    expect(page.locator(".line .no").last).to_have_text("3,004")


def test_every_line_has_an_address(shop: Shop) -> None:
    """Whoever opens the address of a line sees that line, marked."""
    page = log_of(shop, shop.hostile, "#L1500")

    expect(page.locator(".line.marked .no")).to_have_text("1,500")
    number = page.locator(".line", has_text="line 1500").locator(".no")
    number.click()
    address = page.url
    assert address.endswith("#L1504")
    other = shop.browser.new_context().new_page()
    other.goto(address)
    expect(other.locator(".line.marked")).to_contain_text("line 1500")


def test_the_log_is_searched(shop: Shop) -> None:
    """Text, level and task in the address; a line that was found is shown among the others."""
    page = log_of(shop, shop.hostile)

    page.keyboard.press("/")
    page.keyboard.type("line 299")
    expect(page.locator(".line")).to_have_count(11)
    assert texts(page, ".line mark")[0] == "line 299"
    assert "text=line+299" in page.url
    page.locator(".line", has_text="line 2995").locator(".no").click()
    expect(page.locator(".line.marked")).to_contain_text("line 2995")
    expect(page.locator(".line", has_text="line 2980")).to_be_attached()


def test_the_first_error_is_a_key_away(shop: Shop) -> None:
    """`e` goes to the next error; so does the button."""
    page = log_of(shop, shop.hostile)

    page.keyboard.press("e")
    expect(page.locator(".line.marked")).to_contain_text("something went wrong")
    expect(page.locator(".line.marked .level")).to_have_text("ERROR")


def test_the_log_of_one_task(shop: Shop) -> None:
    """Of all tasks each line says whose it is; of one task it need not."""
    page = log_of(shop, shop.failed)

    assert {"fetch", "fan[eu]", "load"} <= set(texts(page, ".line .of"))
    page.get_by_label("Task", exact=True).fill("load")
    page.keyboard.press("Enter")
    expect(page.locator(".line .of")).to_have_count(0)
    expect(page.locator(".line .text").first).to_have_text("copied 41 rows")
    assert "task=load" in page.url
