"""flowrun init and flowrun schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from flowrun.cli.scaffold import SCAFFOLD

from .conftest import Said

Give = Callable[..., Said]


def test_every_file_is_written_and_told(flowrun: Give, root: Path) -> None:
    """Each with what it is for, and how to run the job."""
    said = flowrun("init", "new")

    assert said.status == 0
    for file in SCAFFOLD:
        assert (root / "new" / file.path).read_text() == file.text
        assert file.purpose in said.err
    assert said.err.endswith("run it:   flowrun -j new/jobs/hello.yaml\n")


def test_the_job_is_valid(flowrun: Give) -> None:
    """The scaffold passes its own checks, strictly."""
    flowrun("init", "new")

    assert flowrun("validate", "--strict", "new/jobs").status == 0


def test_the_schema_knows_the_parameters_at_once(flowrun: Give, root: Path) -> None:
    """The editor can complete them from the first minute."""
    flowrun("init", "new")

    assert "loud" in (root / "new" / ".flowrun" / "schema.json").read_text()


def test_nothing_that_exists_is_touched(flowrun: Give, root: Path) -> None:
    """Run twice, or over work of one's own, it keeps everything."""
    (root / "new" / "tasks").mkdir(parents=True)
    (root / "new" / "tasks" / "hello.py").write_text("# mine\n")

    said = flowrun("init", "new")

    assert (root / "new" / "tasks" / "hello.py").read_text() == "# mine\n"
    assert "kept  tasks/hello.py" in said.err
    assert "wrote" not in flowrun("init", "new").err


def test_a_place_that_cannot_be_written_is_named(flowrun: Give, root: Path) -> None:
    """A file where a directory is needed."""
    (root / "new").mkdir()
    (root / "new" / "jobs").touch()

    said = flowrun("init", "new")

    assert said.status == 5
    assert "new/jobs" in said.err


def test_a_schema_is_written_to_stdout_or_to_a_file(flowrun: Give, root: Path) -> None:
    """With the parameters of the classes of this project."""
    to_stdout = flowrun("schema")
    to_file = flowrun("schema", "-o", "made/schema.json")

    assert (to_stdout.status, to_stdout.err) == (0, "")
    assert "batch_size" in to_stdout.out
    assert json.loads((root / "made" / "schema.json").read_text()) == json.loads(to_stdout.out)
    assert (to_file.out, to_file.err) == ("", "wrote made/schema.json\n")
