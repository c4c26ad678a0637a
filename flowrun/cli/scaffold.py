"""The files of a small project that runs at once, each with what it is for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScaffoldFile:
    """One file to write. `purpose` completes the sentence "this file …"."""

    path: str
    purpose: str
    text: str


_JOB = """\
# yaml-language-server: $schema=../.flowrun/schema.json
version: 0.1

config:
  name: hello

tasks:
  greet:
    task: Greet
    parameters:
      name: $VAR{name:world}        # flowrun -j jobs/hello.yaml --var name=Ada

  count:
    task: CountLetters
    dependencies: [greet]
    max_attempts: 2
    backoff: 1s
"""

_TASKS = '''\
"""Two tasks. Every class in this directory that is decorated with @task can be named in a job."""

from flowrun.task import Task, task


@task
class Greet(Task):
    """Write a greeting for the tasks after this one."""

    name: str
    loud: bool = False

    def run(self) -> str:
        greeting = f"Hello, {self.name}!"
        if self.loud:
            greeting = greeting.upper()
        self.shared_dict["greeting"] = greeting
        print(greeting)
        return greeting


@task
class CountLetters(Task):
    """Count the letters of the greeting."""

    def run(self) -> int:
        greeting: str = self.shared_dict["greeting"]
        letters = sum(character.isalpha() for character in greeting)
        print(f"The greeting has {letters} letters.")
        return letters
'''

_TEST = '''\
"""Tasks are plain classes: make one, call it. Run this with `python -m pytest` in the project root."""

from tasks.hello import CountLetters, Greet


def test_greeting_names_the_person() -> None:
    """The parameter is in it."""
    assert Greet(name="Ada").run() == "Hello, Ada!"


def test_loud_greeting_is_in_capitals() -> None:
    """All of it."""
    assert Greet(name="Ada", loud=True).run() == "HELLO, ADA!"


def test_only_letters_are_counted() -> None:
    """No spaces, and no signs."""
    count = CountLetters()
    count.shared_dict["greeting"] = "Hi, you!"

    assert count.run() == 5
'''

_CASES = """\
# Cases for a job, without Python. Run them with `flowrun test` in the project root.
job: ../jobs/hello.yaml

cases:
  the letters of a greeting are counted:
    vars: {name: Ada}
    expect:
      results: {greet: "Hello, Ada!", count: 8}
      lines: {count: The greeting has 8 letters}
"""

_IGNORED = """\
/.flowrun/
/logs/
__pycache__/
.venv/
"""

_WORKFLOW = """\
name: jobs
on: [push, pull_request]

jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python -m pip install ./vendor/flowrun pytest    # put a checkout of flowrun there
      - run: flowrun validate --format github --strict jobs
      - run: python -m pytest
      - run: flowrun test
      - run: flowrun -j jobs/hello.yaml
"""

_EDITOR = """\
{
  "yaml.schemas": {
    ".flowrun/schema.json": ["jobs/*.yaml"]
  }
}
"""

SCAFFOLD = (
    ScaffoldFile("jobs/hello.yaml", "says what runs, with which parameters, and in which order", _JOB),
    ScaffoldFile("tasks/hello.py", "has the two task classes that the job names", _TASKS),
    ScaffoldFile("tasks/__init__.py", "lets tests import the task classes", ""),
    ScaffoldFile("tests/test_hello.py", "shows how tasks are tested", _TEST),
    ScaffoldFile("tests/hello.test.yaml", "shows how a whole job is tested", _CASES),
    ScaffoldFile(".gitignore", "keeps saved runs and logs out of git", _IGNORED),
    ScaffoldFile(".github/workflows/jobs.yml", "has GitHub check and run the job on every push", _WORKFLOW),
    ScaffoldFile(".vscode/settings.json", "has the editor complete and check job files by the schema", _EDITOR),
)
