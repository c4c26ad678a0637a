"""Disks that are full or read-only, state that is damaged: what is not kept has not happened, and we are told."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Finished, Project


class SmallDisk:
    """A file system in memory of a few megabytes."""

    def __init__(self, path: Path, options: str) -> None:
        self.path = path
        path.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", options, "small", str(path)]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
            pytest.skip("only root may mount a file system")

    def fill(self, leave: int) -> Path:
        """Leave so many bytes free. Gives the file that takes the rest."""
        status = os.statvfs(self.path)
        filler = self.path / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            for _ in range(max(0, (status.f_bavail * status.f_frsize - leave) // 4096)):
                file.write(b"\0" * 4096)
        return filler

    def make_read_only(self, is_read_only: bool) -> None:
        mode = "ro" if is_read_only else "rw"
        if subprocess.run(["mount", "-o", f"remount,{mode}", str(self.path)], capture_output=True).returncode:
            pytest.skip("this system does not remount file systems")

    def unmount(self) -> None:
        subprocess.run(["umount", "-l", str(self.path)], capture_output=True, check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], SmallDisk]]:
    disks: list[SmallDisk] = []

    def make(options: str) -> SmallDisk:
        disks.append(SmallDisk(tmp_path / f"disk{len(disks)}", options))
        return disks[-1]

    yield make
    for made in disks:
        made.unmount()


TALKS = """
@task
class Talks(Traced):
    lines: int = 0

    def run(self) -> None:
        self.mark("start")
        for number in range(self.lines):
            print(number, "." * 100)
        self.mark("end")

@task
class Fills(Traced):
    # Takes, in its first attempt, all the room there is.
    path: str

    def run(self) -> str:
        self.mark("start")
        if self.metadata.attempt == 1:
            with open(self.path, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError:
                    pass
        self.mark("end")
        return "x" * 20000
"""


def job(project: Project, lines: int = 0) -> None:
    project.task_module(TALKS)
    project.job(
        {
            "a": "Step",
            "talks": {"task": "Talks", "dependencies": ["a"], "parameters": {"lines": lines}},
            "z": {"task": "Step", "dependencies": ["talks"]},
        }
    )


def assert_told(done: Finished, *words: str) -> None:
    assert "Traceback" not in done.text
    assert any(word in done.err for word in words), done


@pytest.mark.parametrize("leave", [0, 4096, 8192, 65536])
def test_a_full_disk_is_told_and_freed_again_it_is_continued(
    make_project: Callable[..., Project], disk: Callable[[str], SmallDisk], leave: int
) -> None:
    """Status 5 with the path and the reason, or a success that is one; then `-r` finishes."""
    small = disk("size=4m")
    project = make_project(small.path)
    job(project)
    filler = small.fill(leave)

    first = project.run("--output", "lines")
    ended = project.count("z", "end")
    filler.unlink()
    second = project.run("-r")

    if first.status:
        assert first.status == 5
        assert_told(first, "No space left on device")
        assert str(small.path) in first.err
    else:
        assert ended == 1
    assert second.status == 0
    assert project.count("z", "end") >= 1


def test_a_disk_that_fills_up_during_the_run(
    make_project: Callable[..., Project], disk: Callable[[str], SmallDisk]
) -> None:
    """A completion that cannot be kept has not happened: status 5, its dependents do not start, `-r` runs it again."""
    small = disk("size=4m")
    project = make_project(small.path)
    project.task_module(TALKS)
    filler = small.path / "filler"
    project.job(
        {
            "a": "Step",
            "fills": {"task": "Fills", "dependencies": ["a"], "parameters": {"path": str(filler)}},
            "z": {"task": "Step", "dependencies": ["fills"]},
        }
    )

    first = project.run("--output", "lines")
    filler.unlink()
    starts_before = project.count("z")
    second = project.run("-r")

    assert (first.status, starts_before) == (5, 0)
    assert_told(first, "No space left on device")
    assert second.status == 0
    assert [project.count(name) for name in ("a", "fills", "z")] == [1, 2, 1]


@pytest.mark.parametrize("is_read_before", [False, True])
def test_a_history_on_a_full_disk_is_read(
    make_project: Callable[..., Project], disk: Callable[[str], SmallDisk], is_read_before: bool
) -> None:
    """What was not taken in yet through a copy elsewhere, which is said; it is taken in when there is room again."""
    small = disk("size=4m")
    project = make_project(small.path)
    job(project, lines=1000)
    assert project.run().status == 0
    if is_read_before:
        project.command("runs").wait()
    filler = small.fill(0)

    told = {name: project.command(name).wait() for name in ("runs", "status", "logs")}
    filler.unlink()
    later = project.command("runs").wait()

    assert {name: done.status for name, done in told.items()} == dict.fromkeys(told, 0), told
    through_copy = ["cannot be written: what is shown is read into a copy" in done.err for done in told.values()]
    assert set(through_copy) == {not is_read_before}, told
    assert "999 ...." in told["logs"].out
    assert "completed" in told["runs"].out == later.out
    assert later.err == ""


def test_what_is_deleted_from_a_full_disk_makes_the_room_for_it(
    make_project: Callable[..., Project], disk: Callable[[str], SmallDisk]
) -> None:
    """`clean` is what a person types then."""
    small = disk("size=4m")
    project = make_project(small.path)
    job(project, lines=1000)
    assert project.run().status == 0
    project.command("runs").wait()
    filler = small.fill(0)

    cleaned = project.command("clean", "--older-than", "1ms", "-y").wait()
    filler.unlink()
    later = project.command("runs").wait()

    assert (cleaned.status, "1 run deleted" in cleaned.err) == (0, True), cleaned
    assert list(small.path.glob("logs/*/*.log")) == []
    assert "no run is in the history" in later.out + later.err


def test_a_disk_without_inodes(make_project: Callable[..., Project], disk: Callable[[str], SmallDisk]) -> None:
    """Either it works, or the message says that there is no room."""
    small = disk("size=8m,nr_inodes=32")
    project = make_project(small.path)
    job(project)
    with contextlib.suppress(OSError):
        for number in range(100):
            (small.path / f"taken{number}").touch()

    done = project.run("--output", "lines")

    assert done.status == 5
    assert_told(done, "No space left on device")
    assert project.marks() == []


def test_a_read_only_disk_is_refused_before_anything_runs(
    make_project: Callable[..., Project], disk: Callable[[str], SmallDisk]
) -> None:
    """Not in the middle of the job."""
    small = disk("size=8m")
    project = make_project(small.path)
    job(project)
    small.make_read_only(True)

    done = project.run("--output", "lines")

    assert done.status == 5
    assert_told(done, "Read-only file system")
    assert project.marks() == []


def test_a_limit_of_file_size_is_like_a_full_disk(project: Project) -> None:
    """Log lines that cannot be written are lost and counted; the work goes on, and so does the state while it fits."""
    job(project, lines=3000)

    done = project.run(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)))

    assert done.status == 0
    assert project.count("z", "end") == 1
    assert any("lost" in notice and "lines" in notice for notice in done.report["notices"])


def test_state_over_a_limit_of_file_size(project: Project) -> None:
    """If the journal itself cannot grow, the run ends with 5 and is continued later."""
    project.task_module(
        """
@task
class Gives(Traced):
    def run(self) -> str:
        self.mark("start")
        self.mark("end")
        return "x" * 2000
"""
    )
    names = [f"t{number}" for number in range(60)]
    project.job({name: {"task": "Gives", "dependencies": names[:number][-1:]} for number, name in enumerate(names)})

    first = project.run(
        "--output", "lines", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
    )
    second = project.run("-r")

    assert first.status == 5
    assert_told(first, "File too large")
    assert second.status == 0
    assert all(project.count(name, "end") >= 1 for name in names)
    assert len(project.marks(what="start")) <= len(names) + 1


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "half": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "zeros": lambda data: b"\0" * len(data),
    "flipped": lambda data: bytes(one ^ 0x55 if at % 97 == 13 else one for at, one in enumerate(data)),
    "last byte": lambda data: data[:-1],
    "last lines": lambda data: b"".join(data.splitlines(keepends=True)[:-2]),
    "first line": lambda data: b"".join(data.splitlines(keepends=True)[1:]),
    "line swapped": lambda data: b"".join(
        [*data.splitlines(keepends=True)[:1], *data.splitlines(keepends=True)[:0:-1]]
    ),
    "doubled": lambda data: data + data,
    "text": lambda data: b"this is no checkpoint\n" * 20,
    "pickle": lambda data: b"cos\nsystem\n(S'touch planted'\ntR.",
    "newer": lambda data: data.replace(b'"version":1', b'"version":9'),
    "state forged": lambda data: data.replace(b'"task":"z","state":"R"', b'"task":"z","state":"C"'),
}


def interrupted(project: Project) -> list[Path]:
    """A run that is killed while its last task is under way. Gives the files of its state."""
    project.job(
        {
            "a": "Step",
            "b": {"task": "Step", "dependencies": ["a"]},
            "z": {"task": "Step", "dependencies": ["b"], "parameters": {"waits_for": str(project.flag)}},
        }
    )
    started = project.start()
    project.wait_for_mark("z")
    started.kill()
    assert project.all_gone()
    project.flag.touch()
    return list((project.root / ".flowrun" / "job").glob("*"))


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_state_never_makes_work_vanish(project: Project, damage: str) -> None:
    """It is refused with its name, or the run goes on and says so; a plain run always works. FM-72, X-FM-21"""
    files = interrupted(project)
    for file in files:
        file.write_bytes(DAMAGE[damage](file.read_bytes()))

    done = project.run("-r", "--output", "lines")

    assert "Traceback" not in done.text
    assert not (project.root / "planted").exists()
    if done.status == 0:
        assert project.count("z", "end") == 1
        assert damage in ("half", "last byte", "last lines", "state forged", "line swapped")
    else:
        assert done.status == 5
        assert any(file.name in done.err for file in files)
        assert project.count("z", "end") == 0
    assert project.run().status == 0


def test_the_state_is_json_that_a_person_can_read(project: Project) -> None:
    """One record a line, with what happened to which task. FM-71, FM-72"""
    (journal,) = interrupted(project)

    lines = journal.read_text().splitlines()

    assert '"format":"flowrun journal"' in lines[0]
    assert any('"task":"a","state":"C"' in line for line in lines)


def test_what_is_written_is_not_open_to_others(project: Project) -> None:
    """With umask 000: nothing is writable for others, and state is readable for nobody else."""
    before = os.umask(0)
    try:
        interrupted(project)
    finally:
        os.umask(before)

    for path in (project.root / ".flowrun").rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path
    for path in (project.root / "logs").rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o002, path


def test_a_password_is_stored_nowhere(project: Project) -> None:
    """A parameter from the environment is in no file and not on the console, also when the task fails."""
    project.environment["SECRET_OF_TEST"] = "s3cr3t-31337"
    project.task_module(
        """
@task
class Connects(Traced):
    password: str

    def run(self) -> None:
        self.mark("start", length=len(self.password))
        raise ConnectionError("refused")
"""
    )
    project.job({"a": {"task": "Connects", "parameters": {"password": "$ENV{SECRET_OF_TEST}"}}})

    done = project.run()

    assert project.marks("a", "start")[0].more == {"length": 12}
    assert "s3cr3t-31337" not in done.text
    files = [path for path in project.root.rglob("*") if path.is_file()]
    assert not [path for path in files if b"s3cr3t-31337" in path.read_bytes()]


def test_a_state_directory_that_is_a_link_leaves_others_alone(project: Project) -> None:
    """Files behind the link are not touched."""
    interrupted(project)
    precious = project.aside / "precious"
    precious.mkdir()
    (precious / "file").write_text("precious")
    shutil.rmtree(project.root / ".flowrun" / "job")
    (project.root / ".flowrun" / "job").symlink_to(precious)

    done = project.run("--output", "lines")

    assert "Traceback" not in done.text
    assert (precious / "file").read_text() == "precious"


def test_logs_that_are_deleted_during_the_run_do_not_matter(project: Project) -> None:
    """The status is that of the tasks; what comes later is logged again."""
    project.task_module(TALKS)
    project.job(
        {
            "a": {"task": "Talks", "parameters": {"lines": 5}},
            "b": {"task": "Step", "dependencies": ["a"], "parameters": {"waits_for": str(project.flag)}},
            "c": {"task": "Talks", "dependencies": ["b"], "parameters": {"lines": 5}},
        }
    )
    started = project.start()
    project.wait_for_mark("b")
    shutil.rmtree(project.root / "logs")
    project.flag.touch()

    assert started.wait().status == 0
    assert len(project.log_lines("c")) == 5


def test_a_checkpoint_directory_elsewhere(project: Project) -> None:
    """`checkpoint_dir` says where the state is kept. FM-72"""
    elsewhere = project.aside / "state"
    section = {"checkpointer": "FileCheckpointer", "parameters": {"checkpoint_dir": str(elsewhere)}}
    tasks = {"a": "Step", "b": {"task": "FailsUntilFlag", "parameters": {"flag": str(project.flag)}}}
    project.job(tasks, checkpointer=section)
    first = project.run()
    assert len(list((elsewhere / "job").glob("*.journal"))) == 1
    project.flag.touch()

    second = project.run("-r")

    assert (first.status, second.status, project.count("a")) == (1, 0, 1)
