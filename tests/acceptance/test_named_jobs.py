"""Jobs have names, in the project, for the user, and in installed packages."""

from __future__ import annotations

import json
import os
import pty
from pathlib import Path

import pytest

from ..project import Project

JOB = "config: {{name: {0}}}\ntasks: {{{0}: {{task: Step}}}}\n"


@pytest.fixture
def shop(project: Project) -> Project:
    """A project with one job of its own, and a user who has jobs too."""
    project.environment["XDG_CONFIG_HOME"] = str(project.aside / "config")
    project.file("jobs/nightly.yaml", JOB.format("nightly"))
    project.file("../" + str(project.aside.name) + "/config/flowrun/jobs/clean.yaml", JOB.format("clean"))
    project.file("../" + str(project.aside.name) + "/config/flowrun/jobs/nightly.yaml", JOB.format("other"))
    return project


def run(project: Project, *words: str, cwd: Path | None = None) -> list[str]:
    """Run a job and give the tasks that ran."""
    before = len(project.marks(what="start"))
    done = project.command(*words, "-q", cwd=cwd or project.root).wait()
    assert done.status == 0, done
    return [mark.label for mark in project.marks(what="start")[before:]]


def test_a_job_is_run_by_its_name(shop: Project) -> None:
    """With -j and by position, from anywhere in the project; the only job of the project needs no name. F2-14, F2-19"""
    (shop.root / "docs").mkdir()

    assert run(shop, "-j", "nightly") == ["nightly"]
    assert run(shop, "run", "nightly") == ["nightly"]
    assert run(shop, "-j", "nightly", cwd=shop.root / "docs") == ["nightly"]
    assert run(shop, "run") == ["nightly"]
    assert run(shop, "run", cwd=shop.root / "docs") == ["nightly"]


def test_a_job_of_the_user_runs_in_the_project_that_is_here(shop: Project) -> None:
    """Its tasks, its state and its logs are those of the project. F2-14"""
    assert run(shop, "-j", "clean") == ["clean"]
    assert (shop.root / "logs").is_dir()
    assert not (shop.aside / "config/flowrun/jobs/.flowrun").exists()


def test_a_job_of_an_installed_package_is_found(shop: Project) -> None:
    """By the entry point `flowrun.jobs`; the package is not imported for it. F2-14"""
    installed = shop.aside / "installed"
    (installed / "shop_jobs").mkdir(parents=True)
    (installed / "shop_jobs" / "__init__.py").write_text("raise RuntimeError('imported')\n")
    (installed / "shop_jobs" / "report.yaml").write_text(JOB.format("report"))
    (installed / "shop_jobs-1.dist-info").mkdir()
    (installed / "shop_jobs-1.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: shop-jobs\nVersion: 1\n"
    )
    (installed / "shop_jobs-1.dist-info" / "entry_points.txt").write_text("[flowrun.jobs]\nshop = shop_jobs\n")
    shop.environment["PYTHONPATH"] += f"{os.pathsep}{installed}"

    assert run(shop, "-j", "report") == ["report"]
    assert "package shop_jobs" in shop.command("list", "jobs").wait().out


def test_jobs_and_directories_are_listed(shop: Project) -> None:
    """With their origin; a job that another one hides is marked. F2-15"""
    jobs = json.loads(shop.command("list", "jobs", "--json").wait().out)["jobs"]
    text = shop.command("list", "paths", "jobs").wait().out

    assert [(job["name"], job["origin"], job["shadowed"]) for job in jobs] == [
        ("nightly", "project", False),
        ("clean", "user", False),
        ("nightly", "user", True),
    ]
    assert "  jobdefs   project   does not exist" in text
    assert "shadowed: another job of this name stands above" in text


def test_a_job_is_shown_by_its_name(shop: Project) -> None:
    """Where it lies, and what is in it after variables are filled in; one without a value is a mistake. F2-16, F2-18"""
    shop.file("jobs/daily.yaml", "tasks: {a: {task: Step, parameters: {seconds: $VAR{seconds}}}}\n")

    shown = shop.command("show", "daily", "--var", "seconds=2").wait()
    lacking = shop.command("show", "daily").wait()

    assert (shown.status, shown.err) == (0, "jobs/daily.yaml\n")
    assert "seconds: '2'" in shown.out
    assert (lacking.status, "FR112" in lacking.err) == (3, True)


def test_an_unknown_name_is_no_success(shop: Project) -> None:
    """It tells where was searched and what was probably meant. F2-20, X-F2-04"""
    given = (("-j", "nigthly"), ("run", "nigthly"), ("show", "nigthly"), ("validate", "nigthly"))

    for started in [shop.command(*words) for words in given]:
        done = started.wait()
        assert (done.status, "FR116" in done.text) == (3, True), done
        assert "did you mean `nightly`?" in done.text
        assert "searched jobs, jobdefs, " in done.text


def test_variables_reach_the_tasks_and_an_empty_result_is_fine(shop: Project) -> None:
    """`--var` fills in what the job names; no result is no error, and a failed task is. F2-19, X-F2-02, X-F2-03"""
    shop.task_module("@task\nclass Say(Task):\n    what: str\n    def run(self):\n        assert self.what != 'no'\n")
    shop.file("jobs/say.yaml", "tasks: {say: {task: Say, parameters: {what: $VAR{what:yes}}}}\n")

    statuses = [shop.command("run", "say", "-q", *more).wait().status for more in ((), ("--var", "what=no"))]

    assert statuses == [0, 1]


def on_a_terminal(project: Project, *words: str) -> int:
    """The exit status of a command whose streams are a terminal."""
    above, below = pty.openpty()
    try:
        return project.command(*words, stdin=below, stderr=below).wait().status
    finally:
        os.close(above)
        os.close(below)


def test_a_job_is_opened_in_the_editor(shop: Project) -> None:
    """A new one begins in the project, or with --user as one's own, as a copy if there is one of the name. F2-17"""
    editor = shop.file("editor.sh", 'echo "# edited" >> "$1"\n')
    shop.environment["VISUAL"] = f"sh {editor}"

    statuses = [on_a_terminal(shop, "edit", *words) for words in (("nightly",), ("fresh",), ("fresh", "--user"))]

    assert statuses == [0, 0, 0]
    assert (shop.root / "jobs/nightly.yaml").read_text() == JOB.format("nightly") + "# edited\n"
    fresh = (shop.root / "jobs/fresh.yaml").read_text()
    assert "name: fresh" in fresh
    assert (shop.aside / "config/flowrun/jobs/fresh.yaml").read_text() == fresh + "# edited\n"


def test_without_a_terminal_nothing_is_edited(shop: Project) -> None:
    """Nobody could; and a path is no name."""
    done, path = shop.command("edit", "fresh").wait(), shop.command("edit", "jobs/fresh.yaml").wait()

    assert (done.status, "needs a terminal" in done.err) == (2, True)
    assert (path.status, "a job that has a name is meant" in path.err) == (2, True)
    assert not (shop.root / "jobs/fresh.yaml").exists()


def test_an_editor_that_fails_is_said(shop: Project) -> None:
    """Whether it cannot be started or ends badly."""
    shop.environment["VISUAL"] = "no-such-editor"
    assert on_a_terminal(shop, "edit", "nightly") == 2
    shop.environment["VISUAL"] = "false"
    assert on_a_terminal(shop, "edit", "nightly") == 1
