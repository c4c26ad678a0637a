"""What happens now is seen without loading the page again, and steered after a look at the plan."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from ..project import eventually
from ..served import Served
from .shop import Shop, give_token


def waiting(shop: Shop, name: str) -> tuple[str, Path]:
    """A run that waits, and the file that it waits for."""
    shop.project.file(
        f"jobs/{name}.yaml",
        f"config: {{name: {name}}}\ntasks:\n  first: {{task: wait_for, parameters: {{file: {name}.go}}}}\n"
        "  then: {task: each, parameters: {item: x}, dependencies: [first]}\n",
    )
    shop.project.start(job=f"jobs/{name}.yaml")
    found = eventually(lambda: shop.served.get("/runs", params={"job": name, "status": "running"})["items"])
    return str(found[0]["id"]), shop.project.root / f"{name}.go"


def test_a_running_job_is_seen_moving(shop: Shop) -> None:
    """The state, the bars and the log of a run change by themselves until it is over."""
    run, go = waiting(shop, "moving")
    today, page, log = shop.page("/"), shop.page(f"/runs/{run}"), shop.page(f"/runs/{run}/log")

    expect(today.locator(".card", has_text=run)).to_contain_text("1 running, 1 waiting")
    expect(page.locator(".lane-row", has_text="first").locator(".attempt.running")).to_be_visible()
    expect(page.locator(".live")).to_have_text("live")
    expect(log.locator(".line")).to_have_count(1)
    go.touch()
    expect(page.locator(".headline .state")).to_have_text("completed")
    expect(page.locator(".lane-row", has_text="then").locator(".attempt.completed")).to_be_visible()
    expect(today.locator(".card", has_text=run)).to_have_count(0)
    expect(log.locator(".line .text")).to_have_text(["waiting", "waited enough", "item x"])


def test_items_that_have_not_begun_are_counted(shop: Shop) -> None:
    """On the row of their task, in the table and beside the bars; they have no rows of their own."""
    shop.project.file(
        "jobs/many.yaml",
        "config: {name: many, max_concurrency: 2}\n"
        "tasks:\n  all: {task: wait_for, parameters: {file: many.go}, foreach: [1, 2, 3, 4, 5, 6, 7, 8, 9]}\n",
    )
    shop.project.start(job="jobs/many.yaml")
    run = eventually(lambda: shop.served.get("/runs", params={"job": "many"})["items"])[0]["id"]
    table, bars = shop.page(f"/runs/{run}/tasks"), shop.page(f"/runs/{run}")

    expect(table.locator(".tasks .row", has_text="2 of 9 items, 7 not begun")).to_have_count(1)
    expect(table.locator(".tasks .row:not(.heads)")).to_have_count(3)
    expect(bars.locator(".lane-row").first).to_contain_text("2 running, 7 not begun")
    (shop.project.root / "many.go").touch()
    expect(table.locator(".tasks .row", has_text="9 items")).to_have_count(1)
    expect(table.get_by_text("not begun")).to_have_count(0)


def test_pools_say_who_has_them_and_who_waits(shop: Shop) -> None:
    """The page of the workers shows the pools of the runs that go on."""
    task = "{task: wait_for, parameters: {file: pooled.go}, pool: warehouse}"
    shop.project.file(
        "jobs/pooled.yaml",
        f"config: {{name: pooled}}\npools: {{warehouse: 1}}\ntasks:\n  first: {task}\n  second: {task}\n",
    )
    page = shop.page("/workers")
    pools = page.get_by_role("region", name="Pools")

    expect(pools).to_contain_text("No running job uses a pool.")
    shop.project.start(job="jobs/pooled.yaml")
    expect(pools.locator("tbody td:nth-child(3)")).to_have_text("1 of 1")
    expect(pools.locator("tbody td:nth-child(4)")).to_contain_text("first")
    expect(pools.locator("tbody td:nth-child(5)")).to_contain_text("second")
    (shop.project.root / "pooled.go").touch()
    expect(pools).to_contain_text("No running job uses a pool.")


def test_a_run_is_stopped_from_the_page(shop: Shop) -> None:
    """The token is asked for once; what will happen is said before it does."""
    run, _ = waiting(shop, "stopping")
    page = shop.page(f"/runs/{run}")

    page.get_by_role("button", name="Stop…").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 task that runs is asked to end")
    page.get_by_role("button", name="Stop the run").click()
    give_token(page, shop)
    expect(page.locator(".headline .state")).to_have_text("stopped")
    assert shop.served.ended(run)["status"] == "stopped"


def test_a_failed_run_is_continued_from_the_page(shop: Shop) -> None:
    """The plan is that of the terminal; finished tasks are kept."""
    run = shop.run("nightly", "--var", "broken=true")
    page = shop.page(f"/runs/{run}")

    page.get_by_role("button", name="Restart…").click()
    dialog = page.get_by_role("dialog", name="Restart")
    expect(dialog.locator(".plan")).to_contain_text("keep    fetch")
    expect(dialog.locator(".plan")).to_contain_text("rerun   load")
    (shop.project.root / "mended").touch()
    dialog.get_by_role("button", name="Restart", exact=True).click()
    give_token(page, shop)
    expect(page.locator(".headline .state")).to_have_text("completed")
    (shop.project.root / "mended").unlink()
    assert shop.served.ended(run)["status"] == "completed"


def test_chosen_tasks_are_run_again(shop: Shop) -> None:
    """CF-73: tasks that failed are chosen in the table, alone or with what comes after them, and run again."""
    run = shop.run("nightly", "--var", "broken=true")
    page = shop.page(f"/runs/{run}/tasks?state=failed")

    page.get_by_role("checkbox", name="Choose load").check()
    page.get_by_role("button", name="Run again…").click()
    dialog = page.get_by_role("dialog", name="Run 1 task again")
    expect(dialog.locator(".command")).to_contain_text(f"-r {run} --only load")
    expect(dialog.locator(".plan")).not_to_contain_text("mail")
    dialog.get_by_label("these, and all that comes after them").check()
    expect(dialog.locator(".command")).to_contain_text("--from load")
    expect(dialog.locator(".plan")).to_contain_text("mail")
    (shop.project.root / "mended").touch()
    dialog.get_by_role("button", name="Run again", exact=True).click()
    give_token(page, shop)
    expect(page.locator(".headline .state")).to_have_text("completed")
    (shop.project.root / "mended").unlink()
    expect(page.get_by_role("button", name="Run again…")).to_have_count(0)


def test_a_job_is_started_with_the_form(shop: Shop) -> None:
    """Variables and parameters are typed in, checked, and shown as a plan before anything starts."""
    page = shop.page("/jobs/nightly/start")

    page.get_by_label("day").first.fill("2026-11-21")
    page.locator("summary", has_text="fetch").click()
    page.locator("details", has_text="fetch").get_by_label("attempts").fill("many")
    page.get_by_role("button", name="Show the plan…").click()
    expect(page.get_by_role("alert")).to_have_text("must be a whole number")
    page.locator("details", has_text="fetch").get_by_label("attempts").fill("2")
    page.get_by_role("button", name="Show the plan…").click()
    give_token(page, shop)
    dialog = page.get_by_role("dialog", name="Start nightly")
    expect(dialog.locator(".plan")).to_contain_text("fetch")
    dialog.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("h1")).to_contain_text("nightly")
    expect(page.locator(".headline .state")).to_have_text("completed")
    page.get_by_role("link", name="Values").click()
    expect(page.get_by_role("region", name="Shared values")).to_contain_text("2026-11-21")


def test_a_wrong_token_is_asked_for_again(shop: Shop) -> None:
    """Nothing is done with a wrong one, and the person can try again or leave it."""
    page = shop.page(f"/runs/{shop.failed}")

    page.get_by_role("button", name="Restart…").click()
    page.get_by_role("dialog").get_by_role("button", name="Restart", exact=True).click()
    dialog = page.get_by_role("dialog", name="Token")
    dialog.get_by_label("Token").fill("wrong")
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("Token")).to_have_value("")
    expect(dialog).to_contain_text("The token was wrong. It is in .flowrun/token of the project")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("token")
    assert page.evaluate("Object.values(localStorage).join().includes('wrong')") is False
    shop.said[:] = [one for one in shop.said if "401" not in one]


def test_a_server_with_a_token_shows_nothing_without_it(shop: Shop) -> None:
    """X-CF-21: the page asks for the token before it shows anything, and then goes on by itself, news included."""
    served = Served(shop.project)
    page = shop.browser.new_context().new_page()
    page.goto(f"{served.address}/runs")
    dialog = page.get_by_role("dialog", name="Token")

    expect(dialog).to_be_visible()
    assert shop.failed not in page.locator("main").inner_text()
    dialog.get_by_label("Token").fill(served.token)
    dialog.get_by_role("button", name="Go on").click()
    expect(page.locator("tr[data-row]", has_text=shop.failed)).to_be_visible()
    expect(page.locator(".live")).to_have_text("live")
    page.reload()
    expect(page.locator("tr[data-row]", has_text=shop.failed)).to_be_visible()
    served.close()
