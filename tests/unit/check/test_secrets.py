"""Secrets are found before anything starts, and what is wrong with them is said without showing any."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flowrun.check import Checked, check
from flowrun.discovery import discover
from flowrun.jobdefinition import Outside, load

from .project import project_with

CheckedOf = Callable[[str], Checked]

TASKS = """
from flowrun.secrets import Secrets, secrets
from flowrun.task import Task, task

@task
class SecretLoad(Task):
    password: str = ""
    def run(self) -> None: ...

@secrets
class SecretVault(Secrets):
    address: str = "here"
    def get(self, name):
        if self.address == "nowhere":
            raise ConnectionError("no vault there")
        return {"IN_VAULT": "out-of-the-vault"}.get(name)
"""


@pytest.fixture
def checked_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CheckedOf:
    project_with(tmp_path, "secret_tasks.py", TASKS)
    monkeypatch.setenv("IN_ENVIRONMENT", "out-of-the-environment")
    monkeypatch.setenv("SHORT", "abc")

    def checked(text: str) -> Checked:
        (tmp_path / "job.yaml").write_text(text)
        loaded = load(str(tmp_path / "job.yaml"), Outside(tmp_path, {}))
        return check(loaded, discover(tmp_path))

    return checked


def told(checked: Checked) -> list[tuple[str, int, str]]:
    return [(problem.code, problem.place.line, problem.message) for problem in checked.problems]


JOB = """
tasks:
  load:
    task: SecretLoad
    secrets: [IN_ENVIRONMENT, IN_FILE]
    parameters: {password: "it is ${{ secrets.IN_VAULT }}"}
    env: {A: "${{ secrets['ALSO'] | default('none') }}"}
secrets:
  vault: {secrets: SecretVault}
"""


def test_every_secret_that_is_named_is_found(checked_of: CheckedOf, tmp_path: Path) -> None:
    """In the environment, in `.env`, in a plugin; and one that has a default need not be there."""
    (tmp_path / ".env").write_text("IN_FILE=out-of-the-file\nIN_ENVIRONMENT=never\n")

    checked = checked_of(JOB)

    assert told(checked) == []
    assert dict(checked.secrets) == {
        "IN_ENVIRONMENT": "out-of-the-environment",
        "IN_FILE": "out-of-the-file",
        "IN_VAULT": "out-of-the-vault",
    }


def test_a_missing_secret_is_told_with_its_place_and_whom_was_asked(checked_of: CheckedOf) -> None:
    """Once for each secret, at the first place that names it."""
    checked = checked_of(JOB + "  second: {secrets: FileSecrets, parameters: {directory: mounted}}\n")

    [problem] = checked.problems
    assert (problem.code, problem.place.line, problem.path) == ("FR421", 5, "tasks.load.secrets[1]")
    assert problem.message == "task `load`: no secret is called `IN_FILE`"
    assert problem.notes == ("asked were: the environment, `.env`, `vault`, `second`",)


@pytest.mark.parametrize(
    "place",
    [
        "when: secrets.MISSING == 'x'",
        "when: ${{ secrets.MISSING == 'x' }}",
        "foreach: ['${{ secrets.MISSING }}']",
        "matrix: {a: ['${{ secrets.MISSING }}']}",
        "cache: {key: ['${{ secrets.MISSING }}']}",
        "env: {A: '${{ secrets.MISSING }}'}",
        "secrets: [MISSING, MISSING]",
    ],
)
def test_secrets_are_found_wherever_expressions_stand(checked_of: CheckedOf, place: str) -> None:
    """And each is told once."""
    checked = checked_of(f"tasks:\n  load:\n    task: SecretLoad\n    {place}\n")

    assert [entry for entry in told(checked) if entry[0] == "FR421"] == [
        ("FR421", 4, "task `load`: no secret is called `MISSING`")
    ]


def test_in_variables_of_the_job_too(checked_of: CheckedOf) -> None:
    """These belong to no task."""
    checked = checked_of("vars: {a: '${{ secrets.MISSING }}'}\ntasks: {load: {task: SecretLoad}}\n")

    assert ("FR421", 1, "no secret is called `MISSING`") in told(checked)


def test_members_of_groups_have_their_places(checked_of: CheckedOf) -> None:
    """The full name, and the line in the group."""
    checked = checked_of("tasks:\n  etl:\n    serial:\n      load: {task: SecretLoad,\n        secrets: [MISSING]}\n")

    assert told(checked) == [("FR421", 5, "task `etl/load`: no secret is called `MISSING`")]


def test_a_secret_that_is_too_short_is_refused(checked_of: CheckedOf) -> None:
    """To hide three letters would hide parts of ordinary words."""
    checked = checked_of("tasks:\n  load:\n    task: SecretLoad\n    secrets: [SHORT]\n")

    [problem] = checked.problems
    assert problem.code == "FR422"
    assert "shorter than 4 characters" in problem.message
    assert problem.notes == ("found in the environment",)
    assert "abc" not in str(problem)


def test_a_source_that_cannot_be_asked_is_told(checked_of: CheckedOf) -> None:
    """With what it says."""
    text = JOB.replace("secrets: SecretVault", "secrets: SecretVault, parameters: {address: nowhere}")

    checked = checked_of(text.replace(", IN_FILE", ""))

    assert ("FR423", 6, "task `load`: secret `IN_VAULT`: `vault` cannot be asked") in told(checked)
    assert any(problem.notes == ("ConnectionError: no vault there",) for problem in checked.problems)


def test_a_dotenv_file_with_a_mistake_is_told(checked_of: CheckedOf, tmp_path: Path) -> None:
    """By its line."""
    (tmp_path / ".env").write_text("IN_FILE=abcd\nthis is wrong\n")

    [problem] = checked_of(JOB).problems

    assert (problem.code, str(problem.place)) == ("FR423", ".env:2")


@pytest.mark.parametrize(
    "section",
    [
        "vault: {secrets: NoSuchVault}",
        "vault: {sekrets: SecretVault}",
        "vault: {secrets: SecretVault, parameters: {a: 1}}",
    ],
)
def test_while_a_source_is_not_known_no_secret_is_said_to_be_missing(checked_of: CheckedOf, section: str) -> None:
    """One mistake, one message."""
    checked = checked_of(JOB.replace("vault: {secrets: SecretVault}", section))

    assert checked.problems
    assert "FR421" not in {problem.code for problem in checked.problems}


def test_a_job_without_secrets_knows_nothing_of_them(checked_of: CheckedOf) -> None:
    """Not even whether there is a `.env`."""
    assert checked_of("tasks: {load: {task: SecretLoad}}\n").secrets is None
