"""What tasks print is kept whole, and no stream, however closed, full or abused, decides how a job ends."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project

PRINTS = """
@task
class Prints(Traced):
    lines: int = 0
    width: int = 10
    text: str = ""
    line_megabytes: int = 0

    def run(self) -> None:
        if self.text:
            print(self.text)
        for number in range(self.lines):
            print(number, "." * self.width)
        for _ in range(self.line_megabytes):
            sys.stdout.write("y" * (1 << 20))
        print("last")
        self.mark("end")
"""


def job(project: Project, executor: str = "process", **parameters: object) -> None:
    project.task_module(PRINTS)
    project.job(
        {
            "a": {"task": "Prints", "executor": executor, "parameters": parameters},
            "b": {"task": "Prints", "dependencies": ["a"], "parameters": {"lines": 10}},
        }
    )


@pytest.mark.parametrize("output", ["lines", "json", "prefixed", "quiet"])
@pytest.mark.parametrize("closed", [(1,), (2,), (0,), (0, 1, 2)])
def test_closed_streams_do_not_matter(project: Project, closed: tuple[int, ...], output: str) -> None:
    """As a daemon closes them."""
    job(project, lines=20)

    done = project.run("--output", output, preexec_fn=lambda: [os.close(number) for number in closed])

    assert done.status == 0
    assert project.count("b", "end") == 1


@pytest.mark.parametrize("output", ["lines", "json", "prefixed"])
def test_a_reader_that_went_away_does_not_matter(project: Project, output: str) -> None:
    """`flowrun … | head -1`."""
    job(project, lines=20)
    reading, writing = os.pipe()
    os.close(reading)
    started = project.start("--output", output, "--show-logs", "all", stdout=writing, stderr=writing)
    os.close(writing)

    assert started.wait().status == 0
    assert project.count("b", "end") == 1


def test_a_full_device_does_not_matter(project: Project) -> None:
    """/dev/full takes nothing."""
    job(project, lines=20)
    full = os.open("/dev/full", os.O_WRONLY)
    started = project.start("--output", "lines", stdout=full, stderr=full)
    os.close(full)

    assert started.wait().status == 0


def test_a_reader_that_never_reads_does_not_hold_up_the_tasks(project: Project) -> None:
    """A pipe that is open and full: the tasks end all the same."""
    job(project, lines=30_000)
    reading, writing = os.pipe()
    started = project.start("--output", "prefixed", "--show-logs", "all", stdout=writing, stderr=writing)
    os.close(writing)
    project.wait_for_mark("b", "end")
    threading.Thread(target=lambda: [*iter(lambda: os.read(reading, 1 << 16), b"")], daemon=True).start()

    assert started.wait().status == 0


@pytest.mark.parametrize("executor", ["process", "thread"])
def test_every_line_is_in_the_log(project: Project, executor: str) -> None:
    """A hundred thousand of them, in order, each once; the runner's memory stays flat. FM-78"""
    count = 100_000
    job(project, executor, lines=count)

    started = project.start()
    peak = 0
    while not started.is_over:
        peak = max(peak, _peak_bytes(started.pid))
    assert started.wait().status == 0

    numbers = [int(line.split()[0]) for _severity, line in project.log_lines("a")[:-1]]
    assert numbers == list(range(count))
    assert project.log_lines("a")[-1] == ("INFO", "last")
    assert peak < 400 << 20


@pytest.mark.full
def test_every_line_of_a_million_is_in_the_log(project: Project) -> None:
    """The same with ten times as many."""
    job(project, lines=1_000_000)

    assert project.run(seconds=300).status == 0
    assert len(project.log_lines("a")) == 1_000_001


def test_a_line_without_end_is_no_danger(project: Project) -> None:
    """Forty-eight million characters without a newline: logged in pieces, with flat memory."""
    job(project, line_megabytes=48)

    started = project.start()
    peak = 0
    while not started.is_over:
        peak = max(peak, _peak_bytes(started.pid))
    assert started.wait().status == 0

    assert project.log("a").count("y") == 48 << 20
    assert peak < 500 << 20


def _peak_bytes(pid: int) -> int:
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) << 10 if found else 0


ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe\x00\x7f"


def test_control_characters_are_written_out(project: Project) -> None:
    """Neither the console nor the log file takes them raw."""
    job(project, text=ESCAPES)

    done = project.run("--output", "prefixed", "--show-logs", "all")

    for text in (done.text, project.log("a")):
        assert "owned" in text
        assert not re.search("[\x00\x07\x1b\x7f\x9b\u202e]", text)


def test_no_line_can_be_forged(project: Project) -> None:
    """A printed line that looks like a line of the log is told from a real one by its prefix. FM-78"""
    forged = "[2026-01-01T00:00:00.000+00:00] CRITICAL - forged"
    job(project, text=f"first\n{forged}")

    project.run()

    assert ("INFO", forged) in project.log_lines("a")
    assert ("CRITICAL", "forged") not in project.log_lines("a")


def test_what_other_programs_and_libraries_write_is_in_the_log(project: Project) -> None:
    """Programs, C code, `logging`, warnings: whatever reaches the descriptors of the process. FM-53, X-FM-25"""
    project.task_module(
        """
import ctypes
import logging
import warnings

@task
class Mixes(Task):
    def run(self) -> None:
        print("printed")
        subprocess.run(["sh", "-c", "echo program; echo complaint >&2"])
        subprocess.run(["echo", "given"], stdout=sys.stdout)
        os.write(1, b"descriptor\\n")
        ctypes.CDLL(None).puts(b"from C")
        ctypes.CDLL(None).fflush(None)
        logging.getLogger("lib").warning("logged")
        warnings.warn("warned")
        print("isatty", sys.stdout.isatty(), sys.stdout.encoding, sys.stdout.fileno())
"""
    )
    project.job({"a": "Mixes"})

    assert project.run().status == 0
    lines = project.log_lines("a")
    info = [text for severity, text in lines if severity == "INFO"]
    errors = [text for severity, text in lines if severity == "ERROR"]
    assert info == ["printed", "program", "given", "descriptor", "from C", "isatty False utf-8 1"]
    assert errors[:2] == ["complaint", "logged"]
    assert "warned" in errors[2]


def test_logging_in_threads_of_the_runner_stays_with_its_task(project: Project) -> None:
    """Each line is in the log of the task that wrote it, also with `logging`. FM-53"""
    project.task_module(
        """
import logging

@task
class Logs(Task):
    def run(self) -> None:
        for number in range(50):
            print(self.metadata.name, number)
            print(self.metadata.name, number, file=sys.stderr)
            time.sleep(0)
"""
    )
    project.job({f"t{n}": {"task": "Logs", "executor": "thread"} for n in range(4)})

    assert project.run().status == 0
    for number in range(4):
        lines = project.log_lines(f"t{number}")
        assert {text.split()[0] for _severity, text in lines} == {f"t{number}"}
        assert [severity for severity, _text in lines].count("ERROR") == 50


def test_two_lines_have_two_times(project: Project) -> None:
    """Each line is stamped when it was said. X-FM-05"""
    project.task_module(
        """
@task
class Pauses(Task):
    def run(self) -> None:
        print("one")
        time.sleep(0.3)
        print("two")
"""
    )
    project.job({"a": "Pauses"})

    project.run()

    from datetime import datetime, timedelta

    first, second = (
        datetime.fromisoformat(text) for text in re.findall(r"^\[([^\]]+)\]", project.log("a"), re.MULTILINE)
    )
    assert timedelta(seconds=0.25) < second - first


def test_attempts_append_to_one_file_and_runs_have_their_own(project: Project) -> None:
    """Two runs in the same second do not share a directory. FM-78, X-FM-24"""
    project.task_module(
        """
@task
class Says(Traced):
    def run(self) -> None:
        print("attempt", self.metadata.attempt)
        if self.metadata.attempt == 1:
            raise ValueError("planned")
"""
    )
    project.job({"a": {"task": "Says", "max_attempts": 2}})

    project.run()
    project.run()

    directories = list((project.root / "logs").iterdir())
    assert len(directories) == 2
    for directory in directories:
        text = (directory / "a.log").read_text()
        assert text.index("attempt 1") < text.index("attempt 2")


def test_a_bare_environment_is_enough(project: Project) -> None:
    """No HOME, no TERM, no LANG, as cron starts it; the text of tasks may still be in any language."""
    job(project, text="\u00e9\u2603")
    bare = {"PATH": os.environ["PATH"], **{key: project.environment[key] for key in ("MARKS", "PYTHONPATH")}}

    done = project.run("--output", "lines", env=bare)

    assert done.status == 0
    assert "Traceback" not in done.text
    assert "\u00e9\u2603" in project.log("a")
