"""Large results: files instead of text, the same value for every reader, and nothing left behind."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project

pytest.importorskip("numpy")

TASKS = """
from dataclasses import dataclass
from typing import Any

@dataclass
class Image:
    name: str
    pixels: bytes

@task
class Makes(Traced):
    def run(self) -> Any:
        import numpy
        return {"image": Image("a", bytes(1_000_000)), "table": numpy.arange(200_000.0), "none": [0, "", False, {}]}

@task
class Uses(Traced):
    whole: Any
    table: Any
    image: Image
    fails: bool = False

    def run(self) -> Any:
        self.mark(
            "given",
            size=len(self.image.pixels),
            kinds=[type(self.image).__name__, type(self.whole["image"]).__name__, type(self.table).__name__],
            total=float(self.table.sum()),
            none=self.whole["none"],
        )
        if self.fails and not os.path.exists("mended"):
            raise ValueError("not yet")
        return self.table[:150_000]
"""

USES = {
    "task": "Uses",
    "parameters": {
        "whole": "${{ tasks.makes.result }}",
        "table": "${{ tasks.makes.result.table }}",
        "image": "${{ tasks.makes.result.image }}",
    },
}


@pytest.fixture
def large(project: Project) -> Project:
    project.task_module(TASKS)
    return project


@pytest.mark.parametrize("executor", ["process", "thread"])
def test_a_large_result_is_handed_on(large: Project, executor: str) -> None:
    """F2-06, AS-14: bytes and arrays inside of others come as themselves, to several readers; falsy values stay."""
    large.job(
        {
            "makes": {"task": "Makes", "executor": executor},
            "uses": {**USES, "executor": executor},
            "too": {**USES, "executor": "process"},
        },
        config={"max_result_bytes": 1024},
    )

    done = large.run()

    assert done.status == 0, done
    for name in ("uses", "too"):
        assert large.marks(name, "given")[0].more == {
            "size": 1_000_000,
            "kinds": ["Image", "Image", "ndarray"],
            "total": sum(range(200_000)),
            "none": [0, "", False, {}],
        }
    assert not (large.root / ".flowrun/results/job").exists()


def test_a_restart_brings_large_results_back(large: Project) -> None:
    """They are kept with the checkpoint, for this user only, and go with it."""
    large.job({"makes": "Makes", "uses": {**USES, "parameters": {**USES["parameters"], "fails": True}}})

    assert large.run().status == 1
    [directory] = (large.root / ".flowrun/results/job").iterdir()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()} == {0o600}
    large.file("mended")
    done = large.run("-r")

    assert done.status == 0, done
    assert large.count("makes", "on_create") == 1
    assert [mark.more["total"] for mark in large.marks("uses", "given")] == [sum(range(200_000))] * 2
    assert not (large.root / ".flowrun/results/job").exists()


def test_a_damaged_large_result_is_refused(large: Project) -> None:
    """D-06: the reader fails with the file's name; nobody gets half of a value."""
    large.job({"makes": "Makes", "uses": {**USES, "parameters": {**USES["parameters"], "fails": True}}})
    large.run()
    for file in large.root.glob(".flowrun/results/job/*/*"):
        os.truncate(file, 100)
    large.file("mended")

    done = large.run("-r")

    assert done.status == 1
    assert "is not what was written" in done.message("uses")
    assert large.count("uses", "given") == 1


def test_clearing_a_checkpoint_removes_its_large_results(large: Project) -> None:
    """Nothing leads to them any more."""
    large.job({"makes": "Makes", "fails": {"task": "Fails", "dependencies": ["makes"]}})
    large.run()

    assert large.command("checkpoints", "clear", "--all", "-y").wait().status == 0
    assert not list(large.root.glob(".flowrun/results/job/*"))


def test_large_results_of_runs_that_are_forgotten_are_removed(large: Project) -> None:
    """The last unfinished runs are kept, with their results."""
    large.job({"makes": "Makes", "fails": {"task": "Fails", "dependencies": ["makes"]}})

    for _ in range(8):
        large.run()

    kept = {path.name.partition(".")[0] for path in large.root.glob(".flowrun/job/*") if path.suffix != ".values"}
    assert {path.name for path in large.root.glob(".flowrun/results/job/*")} <= kept
    assert len(kept) == 6


def test_a_disk_that_is_full_fails_the_task(large: Project) -> None:
    """D-03: with a message, and without half of a file."""
    large.job({"makes": "Makes"})

    done = large.run(preexec_fn=_limit_files)

    assert done.status == 1
    assert done.message("makes").startswith("OSError: the result of run cannot be kept in a file below")
    assert not list(large.root.glob(".flowrun/results/job/*/*"))


def _limit_files() -> None:
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512 * 1024, 512 * 1024))


def test_a_program_reads_large_results_after_the_run(large: Project) -> None:
    """As long as it has the report, whatever runs in between; then nothing is left."""
    large.job({"makes": "Makes"})
    large.file(
        "drive.py",
        "import os\n"
        "from flowrun import Flowrun\n"
        "from flowrun.values import decode\n"
        "runner = Flowrun()\n"
        "assert runner.start('job.yaml') == 0\n"
        "report = runner.report\n"
        "assert Flowrun().start('job.yaml') == 0\n"
        "found = decode(report.values['makes'], report.store)\n"
        "print(found['table'].sum(), len(found['image'].pixels))\n",
    )

    done = large.python("drive.py").wait()

    assert done.status == 0, done
    assert "19999900000.0 1000000" in done.out
    assert not (large.root / ".flowrun/results/job").exists()
