"""flowrun validate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import JOB, Said

Give = Callable[..., Said]

BAD = JOB.replace("task: Load", "task: Laod").replace("dependencies", "dependancies")


def test_a_valid_job_is_said_to_be_one(flowrun: Give) -> None:
    """On stderr, for it is said to a person."""
    said = flowrun("validate", "jobs/nightly.yaml")

    assert (said.status, said.out, said.err) == (0, "", "ok jobs/nightly.yaml: 2 tasks\n")


def test_what_concerns_every_file_is_said_once(flowrun: Give, root: Path) -> None:
    """A module that cannot be imported is no news at the second file."""
    (root / "jobs" / "other.yaml").write_text(JOB)
    (root / "tasks" / "broken.py").write_text("import no_such_module\n")

    said = flowrun("validate", "jobs")

    assert said.err.count("warning FR401") == 1
    assert said.err.count("ok jobs/") == 2


def test_one_task_is_no_tasks(flowrun: Give, root: Path) -> None:
    """The singular."""
    (root / "jobs" / "one.yaml").write_text("tasks:\n  p: {task: Publish}\n")

    assert flowrun("validate", "jobs/one.yaml").err == "ok jobs/one.yaml: 1 task\n"


def test_every_file_of_a_directory_is_checked(flowrun: Give, root: Path) -> None:
    """One bad job among good ones: status 3, and each has its line. FM-18"""
    (root / "jobs" / "bad.yaml").write_text(BAD)

    said = flowrun("validate", "jobs")

    assert said.status == 3
    assert "ok jobs/nightly.yaml" in said.err
    assert "2 errors" in said.err


def test_all_mistakes_come_at_once_with_their_places(flowrun: Give, root: Path) -> None:
    """File, line, the offending name and a suggestion. FM-18, FM-19"""
    (root / "bad.yaml").write_text(BAD)

    said = flowrun("validate", "bad.yaml")

    assert "bad.yaml:4:" in said.err
    assert "bad.yaml:8:" in said.err
    assert "`Laod`" in said.err
    assert "did you mean `dependencies`?" in said.err


def test_records_for_programs(flowrun: Give, root: Path) -> None:
    """JSON on stdout and nothing else anywhere."""
    (root / "bad.yaml").write_text(BAD)

    said = flowrun("validate", "--json", "bad.yaml", "jobs/nightly.yaml")

    answer = json.loads(said.out)
    assert (said.status, said.err) == (3, "")
    assert answer["valid"] is False
    assert [len(file["errors"]) for file in answer["files"]] == [2, 0]
    assert answer["files"][0]["errors"][0] == {
        "code": "FR402",
        "message": "no task class or function is called `Laod`",
        "file": "bad.yaml",
        "line": 4,
        "column": 11,
        "path": "tasks.load.task",
        "hint": answer["files"][0]["errors"][0]["hint"],
        "notes": answer["files"][0]["errors"][0]["notes"],
    }


def test_annotations_for_github(flowrun: Give, root: Path) -> None:
    """One workflow command for each mistake, with what means something to GitHub escaped."""
    (root / "b,a:d.yaml").write_text("tasks:\n  a: {task: 100%}\n")

    said = flowrun("validate", "--format", "github", "b,a:d.yaml")

    assert said.status == 3
    assert said.out.startswith("::error file=b%2Ca%3Ad.yaml,line=2,col=13,title=FR402::")
    assert "`100%25`" in said.out


def test_a_flood_of_annotations_is_cut(flowrun: Give, root: Path) -> None:
    """GitHub shows only a few anyway."""
    (root / "bad.yaml").write_text("tasks:\n" + "".join(f"  t{n}: {{task: No}}\n" for n in range(100)))

    lines = flowrun("validate", "--format", "github", "bad.yaml").out.splitlines()

    assert len(lines) == 21
    assert lines[-1] == "::notice::80 more problems are not shown"


def test_results_for_code_hosts(flowrun: Give, root: Path) -> None:
    """SARIF: a rule for each code, a result for each problem at its place, warnings among them."""
    (root / "my jobs").mkdir()
    (root / "my jobs" / "bad.yaml").write_text(BAD)
    (root / "tasks" / "broken.py").write_text("import no_such_module\n")

    said = flowrun("validate", "--format", "sarif", "my jobs/bad.yaml", "jobs/nightly.yaml")

    answer = json.loads(said.out)
    (run,) = answer["runs"]
    assert (said.status, said.err, answer["version"]) == (3, "", "2.1.0")
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["FR104", "FR401", "FR402"]
    assert [(result["ruleId"], result["level"]) for result in run["results"]] == [
        ("FR402", "error"),
        ("FR104", "error"),
        ("FR401", "warning"),
    ]
    assert run["results"][1]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "my%20jobs/bad.yaml"},
                "region": {"startLine": 8, "startColumn": 5, "endColumn": 17},
            }
        }
    ]
    assert run["results"][1]["message"]["text"].startswith("unknown key `dependancies` in task `publish` (did you mean")


def test_nothing_is_imported_on_request(flowrun: Give, root: Path) -> None:
    """What needs no class is checked: keys, dependencies, executors, pools; no code of the project runs."""
    (root / "tasks" / "acts.py").write_text("open('canary', 'w').close()\nraise RuntimeError\n")
    (root / "extensions").mkdir()
    (root / "extensions" / "acts.py").write_text("open('canary', 'w').close()\n")
    (root / "bad.yaml").write_text(
        "tasks:\n  a: {task: No, parameters: {x: 1}, executor: no}\n  b: {task: No, dependencies: [no]}\n"
        "  c: {task: No, oops: 1, pool: no}\nloggers: {x: {logger: No}}\n"
    )

    said = flowrun("validate", "--no-import", "--strict", "--format", "json", "jobs/nightly.yaml", "bad.yaml")

    good, bad = json.loads(said.out)["files"]
    assert (said.status, good["tasks"], good["errors"]) == (3, 2, [])
    assert sorted(error["code"] for error in bad["errors"]) == ["FR104", "FR302", "FR404", "FR405"]
    assert not (root / "canary").exists()


def test_what_cannot_be_read_is_told_beside_the_others(flowrun: Give, root: Path) -> None:
    """One file that is missing or no YAML keeps no other from being checked. FM-18"""
    (root / "broken.yaml").write_text("tasks: [\n")

    for options in ((), ("--no-import",)):
        said = flowrun("validate", "missing.yaml", "broken.yaml", "jobs", *options)

        assert said.status == 3
        assert "error FR101" in said.err
        assert "error FR102" in said.err
        assert "ok jobs/nightly.yaml: 2 tasks" in said.err


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--strict"], 3)])
def test_a_module_that_breaks_is_a_warning_or_an_error(
    flowrun: Give, root: Path, options: list[str], status: int
) -> None:
    """A module that the job does not need does not harm it, unless somebody is strict. FM-48"""
    (root / "tasks" / "spark.py").write_text("import surely_not_installed\n")

    said = flowrun("validate", "jobs/nightly.yaml", *options)

    assert said.status == status
    assert "tasks/spark.py:1:1" in said.err
    assert ("error FR401" if options else "warning FR401") in said.err


def test_standard_input_is_a_file(flowrun: Give, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads the definition from stdin."""
    with open(root / "jobs" / "nightly.yaml") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        said = flowrun("validate", "-")

    assert (said.status, said.err) == (0, "ok <stdin>: 2 tasks\n")
