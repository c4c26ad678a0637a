"""Executors whose workers are elsewhere: tasks without a class, notices, a service that stays away, adoption."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from jsonschema import Draft202012Validator

from tests.project import Project, eventually
from tests.served import Served

ELSEWHERE = """
import asyncio, json, os
from pydantic import PrivateAttr
from flowrun.attempt import Outcome
from flowrun.executors.executor import Executor, executor

SCHEMA = {
    "type": "object",
    "properties": {"width": {"type": "integer"}, "path": {"type": "string"}, "mode": {"enum": ["fast", "good"]}},
    "required": ["path"],
    "additionalProperties": False,
    "$comment": "w1 on the queue 'far'",
}


@executor
class Elsewhere(Executor):
    needs_class = False
    outlives_runner = True
    is_away: bool = False
    hangs: bool = False

    _workplace = PrivateAttr(default=None)
    _stopped = PrivateAttr(default_factory=asyncio.Event)

    def prepare(self, workplace):
        self._workplace = workplace

    def offers(self):
        return None if self.is_away else {"resize": SCHEMA, "free": None, **ODD}

    async def run(self, attempt, emit):
        with open(os.environ["MARKS"] + ".elsewhere", "a") as file:
            print(json.dumps([attempt.id, attempt.is_restart, attempt.parameters]), file=file)
        if self.is_away:
            self._workplace.say("nobody answers, waiting")
            self._workplace.give_up("nobody answered")
            await self._stopped.wait()
            return Outcome.aborted()
        if self.hangs:
            await asyncio.sleep(600)
        return Outcome.completed(json.dumps(attempt.parameters))

    async def abort(self, attempt):
        self._stopped.set()
"""

ODD_SCHEMAS = {
    "number": 3,
    "kind": {"type": "nothing"},
    "pattern": {"properties": {"path": {"pattern": "("}}},
    "nowhere": {"properties": {"path": {"$ref": "#/nowhere"}}},
    "far_away": {"properties": {"path": {"$ref": "http://127.0.0.1:9/schema"}}},
    "endless": {"$ref": "#"},
}

TELL = """
@task
class Tell(Traced):
    value: str

    def run(self) -> None:
        self.mark("told", value=self.value)
"""


@pytest.fixture
def elsewhere(project: Project) -> Project:
    """A project with an executor of its own, whose workers know tasks that have no class in the project."""
    project.file("extensions/elsewhere.py", f"ODD = {ODD_SCHEMAS!r}\n{ELSEWHERE}")
    return project


def job(project: Project, task: str = "resize", executor: dict[str, bool] | None = None, **parameters: object) -> None:
    project.job(
        {"thumbs": {"task": task, "executor": "far", "parameters": parameters}},
        executors={"far": {"executor": "Elsewhere", "parameters": executor or {}}},
    )


def test_a_task_needs_no_class_where_workers_know_its_name(elsewhere: Project) -> None:
    """It is performed with its parameters, and other tasks may use its result."""
    elsewhere.task_module(TELL)
    elsewhere.job(
        {
            "thumbs": {"task": "resize", "executor": "far", "parameters": {"path": "a.png"}},
            "after": {"task": "Tell", "parameters": {"value": "${{ tasks.thumbs.result.path }}"}},
        },
        executors={"far": {"executor": "Elsewhere"}},
    )

    done = elsewhere.run()

    assert done.status == 0, done.err
    assert [mark.more["value"] for mark in elsewhere.marks("after", "told")] == ["a.png"]


@pytest.mark.parametrize("task", ODD_SCHEMAS)
def test_a_schema_that_is_none_is_passed_over(elsewhere: Project, task: str) -> None:
    """Whatever a worker announces, it ends nobody else's check, and nothing is fetched from anywhere."""
    job(elsewhere, task, path="a.png")

    checked = elsewhere.command("validate", "job.yaml").wait()

    assert checked.status == 0, checked.err
    assert f"what the workers of executor `far` announce of `{task}` cannot be read" in checked.text


def test_a_form_and_an_editor_know_what_workers_announce(elsewhere: Project, serve: Callable[..., Served]) -> None:
    """A task without a class has its parameters in the page's form and in the schema of job files.

    So it is also if the job needs a variable that has no value yet.
    """
    elsewhere.job(
        {
            "thumbs": {"task": "resize", "executor": "far", "parameters": {"path": "$VAR{path}", "width": 3}},
            "odd": {"task": "number", "executor": "far"},
        },
        file="jobs/pictures.yaml",
        config={"name": "pictures"},
        executors={"far": {"executor": "Elsewhere"}},
    )

    printed = elsewhere.command("schema", "-j", "pictures", "--var", "path=a").wait()
    form = serve().get("/jobs/pictures/schema")

    schema = json.loads(printed.out)
    Draft202012Validator.check_schema(schema)
    thumbs = {"task": "resize", "executor": "far", "parameters": {"width": 3, "path": "$VAR{path}"}}
    is_valid = Draft202012Validator(schema).is_valid
    assert is_valid({"tasks": {"thumbs": thumbs}})
    assert not is_valid({"tasks": {"thumbs": {**thumbs, "parameters": {"width": "wide"}}}})
    assert not is_valid({"tasks": {"thumbs": {**thumbs, "parameters": {"widht": 3}}}})
    task = next(one for one in form["tasks"] if one["name"] == "thumbs")
    assert set(task["parameters"]["properties"]) == {"width", "path", "mode"}
    assert (task["task"], task["given"]["width"]) == ("resize", 3)
    assert next(one for one in form["tasks"] if one["name"] == "odd")["parameters"] == {"type": "object"}


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({}, "FR209: task `thumbs`: resize needs the parameter `path`"),
        ({"path": "a", "widht": 3}, "FR208: task `thumbs`: resize has no parameter `widht`"),
        ({"path": "a", "width": "wide"}, "FR207: task `thumbs`: parameter `width` of resize must be a whole number"),
        ({"path": "a", "mode": "bad"}, "FR207: task `thumbs`: parameter `mode` of resize must be one of fast, good"),
    ],
)
def test_parameters_are_compared_with_what_workers_announce(
    elsewhere: Project, parameters: dict[str, object], told: str
) -> None:
    """Before anything runs, with the place in the file."""
    job(elsewhere, **parameters)

    done = elsewhere.run()

    assert done.status == 3
    assert told[:5] in done.err
    assert told[7:] in done.err
    assert "job.yaml:" in done.err
    assert "so the workers of executor `far` announce: w1 on the queue 'far'" in done.err


def test_a_number_that_is_text_is_told_with_the_way_out(elsewhere: Project) -> None:
    """A variable on the command line is text, and there is no class that makes a number of it."""
    job(elsewhere, path="a", width="$VAR{width:3}")

    refused = elsewhere.run()

    assert refused.status == 3
    assert "`${{ vars.NAME | int }}` or `| float` does" in refused.err


def test_what_an_expression_gives_is_not_compared(elsewhere: Project) -> None:
    """Its value is known later; that it is given is known now."""
    job(elsewhere, path="${{ run.id }}", width="${{ 3 }}")

    assert elsewhere.run().status == 0


def test_a_name_that_nobody_offers_now_is_a_warning(elsewhere: Project) -> None:
    """Workers may still come."""
    job(elsewhere, task="resise", path="a")

    done = elsewhere.command("validate", "job.yaml").wait()

    assert done.status == 0
    assert "FR415" in done.out + done.err
    assert "did you mean `resize`?" in done.out + done.err


def test_workers_that_cannot_be_asked_are_a_warning(elsewhere: Project) -> None:
    """Nothing is said of parameters then."""
    job(elsewhere, executor={"is_away": True}, width="wide")

    done = elsewhere.command("validate", "job.yaml").wait()

    assert done.status == 0
    assert "FR416" in done.out + done.err
    assert "only workers could say which parameters it takes" in done.out + done.err


def test_a_service_that_stays_away_ends_the_run(elsewhere: Project) -> None:
    """Status 6, said why, and the state is kept: the run goes on when the service is back."""
    job(elsewhere, executor={"is_away": True}, path="a")

    done = elsewhere.run("--output=lines")
    job(elsewhere, path="a")
    again = elsewhere.run("-r")

    assert done.status == 6
    assert "far: nobody answers, waiting" in done.err
    assert "a service stayed unreachable" in done.err
    assert "service      far: nobody answered" in done.err
    assert again.status == 0, again.err


def test_an_attempt_that_outlives_the_runner_begins_again_under_its_number(elsewhere: Project) -> None:
    """So that its executor can find it instead of starting another."""
    job(elsewhere, executor={"hangs": True}, path="a")
    run = elsewhere.start()
    seen = elsewhere.aside / "marks.elsewhere"
    eventually(lambda: seen.exists() and seen.read_text().endswith("\n"))
    run.kill()
    job(elsewhere, path="a")

    again = elsewhere.run("-r")

    assert again.status == 0, again.err
    assert [line[:14] for line in seen.read_text().splitlines()] == ['["thumbs#1", f', '["thumbs#1", t']


@pytest.mark.parametrize(("executor", "package"), [("redis", "redis"), ("redis", "hiredis"), ("dask", "distributed")])
def test_an_executor_without_its_extra_is_refused_where_a_task_names_it(
    project: Project, executor: str, package: str
) -> None:
    """It needs no place under `executors:` for that, and the check says it, not the run."""
    hidden = "import sys, importlib.util as u\nfind = u.find_spec\n"
    hidden += f"u.find_spec = lambda name, package=None: None if name == {package!r} else find(name, package)\n"
    source = project.environment["PYTHONPATH"]
    project.environment["PYTHONPATH"] = f"{project.file('aside/sitecustomize.py', hidden).parent}:{source}"
    project.job({"one": {"task": "Step", "executor": executor}})

    for words in (("validate", "job.yaml"), ("-j", "job.yaml")):
        refused = project.command(*words).wait()

        assert refused.status == 3, refused
        assert f"pip install 'flowrun-jobs[{executor}]'" in refused.err
        assert "job.yaml:" in refused.err


def test_a_run_that_cannot_begin_is_in_the_history_with_its_cause(project: Project) -> None:
    """Who looks in the morning finds it; a restart that cannot begin leaves what had completed as it was."""
    shut = {"executor": "redis", "parameters": {"url": "rediss://127.0.0.1:1", "tls_ca": "none.pem"}}
    tasks = {"one": {"task": "Step"}, "two": {"task": "Step", "executor": "shut", "dependencies": ["one"]}}
    project.job(tasks, executors={"shut": shut})

    assert project.run().status == 3
    (run,) = json.loads(project.command("runs", "--json").wait().out)["runs"]
    assert (run["state"], run["exit_status"]) == ("failed", 3)
    shown = project.command("status").wait().out
    assert f"there is no file {project.root}/none.pem" in shown
    assert "2 not started" in shown

    project.job({**tasks, "two": {"task": "Fails", "dependencies": ["one"]}})
    assert project.run("-r").status == 1
    project.job(tasks, executors={"shut": shut})
    assert project.run("-r").status == 3
    (run,) = json.loads(project.command("runs", "--json").wait().out)["runs"]
    assert run["state"] == "failed"
    assert "✓ one   completed" in project.command("status").wait().out
