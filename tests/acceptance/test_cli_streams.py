"""Output never decides: standard streams that are closed, full or not read change neither work nor status."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project


@pytest.fixture
def printing(project: Project) -> Project:
    """A job whose tasks print."""
    project.task_module(
        """
@task
class Prints(Traced):
    lines: int = 50

    def run(self) -> None:
        for number in range(self.lines):
            print("line", number)
        self.mark("end")
"""
    )
    project.job({"a": "Prints", "b": {"task": "Prints", "dependencies": ["a"]}})
    return project


@pytest.mark.parametrize(("closed", "form"), [([0], "lines"), ([1], "json"), ([2], "prefixed"), ([0, 1, 2], "lines")])
def test_closed_streams(printing: Project, closed: list[int], form: str) -> None:
    """Cron without a mailer, a daemon that closed its descriptors. G10, O-01"""

    def close() -> None:
        for number in closed:
            os.close(number)

    done = printing.run(f"--output={form}", preexec_fn=close)

    assert done.status == 0
    assert "Traceback" not in done.text
    assert printing.count("b", "end") == 1


@pytest.mark.parametrize("form", ["lines", "prefixed", "json"])
def test_a_reader_that_is_gone(printing: Project, form: str) -> None:
    """`flowrun … | head -1`. G10, O-01"""
    reading, writing = os.pipe()
    os.close(reading)

    done = printing.run(f"--output={form}", stdout=writing, stderr=writing)
    os.close(writing)

    assert done.status == 0
    assert printing.count("b", "end") == 1


@pytest.mark.parametrize("form", ["prefixed", "json"])
def test_a_full_device(printing: Project, form: str) -> None:
    """A log partition without room. G10, O-01"""
    with open("/dev/full", "wb") as full:
        done = printing.run(f"--output={form}", stdout=full, stderr=full)

    assert done.status == 0
    assert printing.count("b", "end") == 1


@pytest.mark.parametrize("form", ["lines", "json"])
def test_a_reader_that_never_reads(project: Project, form: str) -> None:
    """Far more lines than a pipe holds do not hold up the work. G10, O-02"""
    project.job({f"t{n}": {"task": "AsyncStep"} for n in range(1500)})
    reading, writing = os.pipe()

    done = project.run(f"--output={form}", stdout=writing, stderr=writing)
    os.close(writing)
    os.close(reading)

    assert done.status == 0
    assert len(project.marks(what="end")) == 1500


def test_what_a_task_prints_does_not_reach_the_terminal_raw(project: Project) -> None:
    """Title and clear sequences in output, names and messages are written out. O-05"""
    project.task_module(
        r"""
@task
class Evil(Task):
    def run(self) -> None:
        print("before\x1b]0;pwned\x07\x1b[2J\x9b31m after")
        raise ValueError("\x1b]0;pwned\x07")
"""
    )
    project.job({"evil\x1b[2J": "Evil"})

    for form in ("lines", "prefixed"):
        done = project.run(f"--output={form}")
        assert not {"\x1b", "\x07", "\x9b"} & set(done.text)
        assert "\\x1b]0;pwned\\x07" in done.err


def test_a_bare_environment_is_enough(printing: Project) -> None:
    """No HOME, no TERM, no LANG, as cron gives it. O-09"""
    environment = {key: value for key, value in os.environ.items() if key in ("PATH", "LD_LIBRARY_PATH")}
    environment |= {key: printing.environment[key] for key in ("MARKS", "PYTHONPATH")}

    done = printing.run("--output=auto", env=environment, stdin=subprocess.DEVNULL)

    assert done.status == 0
    assert "Traceback" not in done.text
