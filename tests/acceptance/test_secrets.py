"""Secrets: found before the run, in the hands of the tasks that name them, and shown nowhere."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from tests.project import Project

PASSWORD = 'correct/horse "é" & more'

TASKS = """
from base64 import b64encode
from urllib.parse import quote
import json
import logging
import warnings

@task
class Tells(Traced):
    address: str = ""
    fails: bool = False

    def run(self) -> object:
        secret = self.env.get("PASSWORD", "")
        self.mark("seen", same=secret == os.environ.get("PASSWORD"), greeting=self.env.get("GREETING"))
        self.mark("address", length=len(self.address))
        print("plain", secret, "and", self.address)
        for part in secret:
            sys.stdout.write(part)
            sys.stdout.flush()
        print()
        print("base64", b64encode(b"user:" + secret.encode()).decode())
        print("address", quote(secret, safe=""))
        print("json", json.dumps({"password": secret}), "python", repr([secret]))
        self.logger.warning(f"logger {secret}")
        logging.getLogger("mine").error("logging %s", secret)
        print("on the error stream", secret, file=sys.stderr)
        subprocess.run(["sh", "-c", 'echo "child $PASSWORD"'], check=True)
        if self.fails:
            raise ValueError(f"cannot log in with {secret!r}")
        return {"password": secret, "length": len(secret)}

    def on_destroy(self) -> None:
        if self.fails:
            raise RuntimeError(f"cannot log out with {self.env['PASSWORD']}")

@task
class Sees(Traced):
    def run(self) -> None:
        self.mark("seen", password="PASSWORD" in os.environ or "PASSWORD" in self.env)
"""


def everything(project: Project) -> str:
    """Everything that a run has written below the project."""
    files = [path for path in project.root.rglob("*") if path.is_file() and path.suffix not in (".py", ".env")]
    return "".join(path.read_text(errors="replace") for path in files if path.name != ".env")


def forms_of(secret: str) -> list[str]:
    """Pieces of the secret that no output may have."""
    middle = b64encode(b"user:" + secret.encode()).decode()[8:-4]
    return [secret, "correct/horse", "correct%2Fhorse", quote(secret), middle]


@pytest.fixture
def told(project: Project) -> Project:
    project.task_module(TASKS)
    project.file(".env", f"PASSWORD='{PASSWORD}'\n")
    return project


@pytest.mark.parametrize("output", ["json", "lines", "grouped", "quiet"])
def test_a_secret_is_shown_nowhere(told: Project, output: str) -> None:
    """D-09, F2-11, X-F2-07: not on the console, in no log and no report, in whatever form a task shows it."""
    told.job(
        {
            "tells": {
                "task": "Tells",
                "secrets": ["PASSWORD"],
                "parameters": {"address": "db://user:${{ secrets.PASSWORD }}@host", "fails": True},
            }
        },
        loggers={"files": {"logger": "FileLogger"}, "lines": {"logger": "JsonLogger"}},
    )

    done = told.run(f"--output={output}", "--show-logs=all") if output != "json" else told.run()

    assert done.status == 1
    assert told.marks("tells", "seen")[0].more["same"]
    assert told.marks("tells", "address")[0].more["length"] == len(f"db://user:{PASSWORD}@host")
    assert "plain *** and db://user:***@host" in told.log("tells")
    for form in forms_of(PASSWORD):
        assert form not in done.text
        assert form not in everything(told)
    if output == "json":
        assert done.outcome("tells")["message"] == "ValueError: cannot log in with '***'"
        assert done.report["notices"] == ["task 'tells': on_destroy: RuntimeError: cannot log out with ***"]


def test_the_checkpoint_tells_no_secret_of_a_failure(told: Project) -> None:
    """The reason that is kept is for people."""
    told.job({"tells": {"task": "Tells", "secrets": ["PASSWORD"], "parameters": {"fails": True}}})

    told.run()
    [journal] = told.root.glob(".flowrun/job/*.journal")

    assert "cannot log in with '***'" in journal.read_text()
    assert "correct/horse" not in journal.read_text()


def test_a_result_is_handed_on_as_it_is_and_shown_without_the_secret(told: Project) -> None:
    """What a task returned is for tasks; the output for machines has it without secrets."""
    told.task_module(
        "@task\nclass Checks(Traced):\n"
        "    password: str\n"
        "    def run(self) -> None:\n"
        "        self.mark('given', length=len(self.password))\n",
        "checks",
    )
    told.job(
        {
            "tells": {"task": "Tells", "secrets": ["PASSWORD"]},
            "checks": {"task": "Checks", "parameters": {"password": "${{ tasks.tells.result.password }}"}},
        }
    )

    done = told.run()

    assert done.status == 0, done
    assert told.marks("checks", "given")[0].more == {"length": len(PASSWORD)}
    assert "correct/horse" not in done.text
    assert '{\\"password\\":\\"***\\",\\"length\\":' in done.out


@pytest.mark.parametrize("executor", ["process", "thread", "async"])
def test_only_the_task_that_names_a_secret_has_it(told: Project, executor: str) -> None:
    """In its environment if it has a process of its own, and in `self.env` in any case."""
    told.job(
        {
            "tells": {
                "task": "Tells",
                "executor": executor,
                "secrets": ["PASSWORD"],
                "env": {"GREETING": "hello ${{ secrets.PASSWORD }}"},
            },
            "sees": {"task": "Sees", "executor": executor, "dependencies": ["tells"]},
        }
    )

    done = told.run()

    assert done.status == 0, done
    seen = told.marks("tells", "seen")[0].more
    assert seen == {"same": executor == "process", "greeting": f"hello {PASSWORD}"}
    assert told.marks("sees", "seen")[0].more == {"password": False}


def test_the_environment_stands_above_the_file(told: Project) -> None:
    """And both above the section `secrets:`."""
    told.file("mounted/PASSWORD", "from the directory\n")
    told.file("mounted/OTHER", "from the directory\n")
    told.environment["PASSWORD"] = "from the environment"
    told.task_module(
        "@task\nclass Marks(Traced):\n    def run(self) -> None:\n        self.mark('seen', **self.env)\n", "marks"
    )
    told.job(
        {"marks": {"task": "Marks", "secrets": ["PASSWORD", "OTHER"]}},
        secrets={"mounted": {"secrets": "FileSecrets", "parameters": {"directory": "mounted"}}},
    )

    assert told.run().status == 0
    assert told.marks("marks", "seen")[0].more == {"PASSWORD": "from the environment", "OTHER": "from the directory"}


def test_a_missing_secret_is_refused_before_anything_starts(told: Project) -> None:
    """G12: with its place, and without the value of any other."""
    told.job({"first": "Step", "tells": {"task": "Tells", "secrets": ["PASSWORD", "PASWORD"]}})

    done = told.run("--output=lines")

    assert done.status == 3
    assert "FR421" in done.err
    assert "no secret is called `PASWORD`" in done.err
    assert "correct" not in done.text
    assert not told.marks()


def test_expressions_see_the_environment_and_the_file(told: Project) -> None:
    """`env` is the environment, and below it `.env`."""
    told.environment["HOST"] = "example"
    told.file(".env", "HOST=never\nPORT=5432\n")
    told.job({"tells": {"task": "Tells", "parameters": {"address": "${{ env.HOST }}:${{ env.PORT }}"}}})

    done = told.run()

    assert done.status == 0, done
    assert "and example:5432" in told.log("tells")


def test_a_job_without_secrets_loads_nothing_for_them(project: Project) -> None:
    """Neither the room nor the reader of `.env`, even if there is one."""
    project.file(".env", "A=b\n")
    project.task_module(
        "@task\nclass Loaded(Traced):\n    def run(self) -> None:\n"
        "        self.mark('seen', loaded=[name for name in sys.modules if 'secrets.' in name or 'dotenv' in name])\n"
    )
    project.job({"loaded": {"task": "Loaded", "executor": "thread"}})

    assert project.run().status == 0
    assert project.marks("loaded", "seen")[0].more == {"loaded": []}


def test_the_project_is_where_dotenv_is_looked_for(told: Project, tmp_path: Path) -> None:
    """Wherever the command is given."""
    told.job({"tells": {"task": "Tells", "secrets": ["PASSWORD"]}})
    away = tmp_path / "away"
    away.mkdir()

    done = told.run(job=os.path.relpath(told.root / "job.yaml", away), cwd=away)

    assert done.status == 0, done


LISTENS = """
import os
from pydantic import field_validator
from flowrun.extensions.extension import Extension, extension


@extension
class Listens(Extension):
    address: str
    port: int = 1

    @field_validator("address")
    @classmethod
    def _known(cls, address):
        if "refused" in address:
            raise ValueError(f"{address} is not known")
        return address

    async def update(self, e):
        with open(os.environ["MARKS"] + ".heard", "w") as file:
            file.write(self.address)
"""


def test_parts_of_a_job_may_have_secrets_in_their_parameters(project: Project) -> None:
    """The address of a hook often is one. `show` shows what was written."""
    project.file("extensions/listens.py", LISTENS)
    project.environment["HOOK"] = "https://hooks.example/T0p5ecret"
    project.job(
        {"a": "Step"}, extensions={"hook": {"extension": "Listens", "parameters": {"address": "${{ secrets.HOOK }}/x"}}}
    )

    done = project.run()

    assert done.status == 0, done
    assert (project.aside / "marks.heard").read_text() == "https://hooks.example/T0p5ecret/x"
    assert "T0p5ecret" not in done.text + project.command("show", "job.yaml").wait().text


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"address": "${{ secrets.NOBODY }}"}, "FR421"),
        ({"address": "${{ tasks.a.result }}"}, "FR305"),
        ({"address": "${{ secrets. }}"}, "FR303"),
        ({"address": "a", "port": "${{ secrets.HOOK }}"}, "FR207"),
        ({"address": "refused ${{ secrets.HOOK }}"}, "FR207"),
    ],
)
def test_wrong_secrets_of_parts_are_told_before_the_run(
    project: Project, parameters: dict[str, str], told: str
) -> None:
    """With their places, and without the value."""
    project.file("extensions/listens.py", LISTENS)
    project.environment["HOOK"] = "T0p5ecret"
    project.job({"a": "Step"}, extensions={"hook": {"extension": "Listens", "parameters": parameters}})

    done = project.run("--output=lines")

    assert done.status == 3, done
    assert f"error {told}" in done.err
    assert "job.yaml:" in done.err
    assert "T0p5ecret" not in done.text
    assert project.count("a") == 0
