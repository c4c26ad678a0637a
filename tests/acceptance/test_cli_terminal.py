"""On a terminal: the live block, questions, colours. A pseudo terminal stands for the real one."""

from __future__ import annotations

import fcntl
import os
import pty
import termios
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project, Started

Talk = Callable[..., tuple[int, str]]
QUESTION = "[Y/n]"
CTRL_C = "\x03"
WRAPPER = """
import signal, subprocess, sys, termios
before = termios.tcgetattr(0)
signal.signal(signal.SIGINT, lambda *_: None)
status = subprocess.call([sys.executable, *sys.argv[1:]])
if termios.tcgetattr(0) != before:
    print("the terminal was left changed")
sys.exit(status)
"""


@pytest.fixture
def on_terminal(project: Project) -> Talk:
    """Gives a command on a terminal, and gives its status and all that was shown.

    The first time that `when` is shown, `then` is typed, or called with the command that runs.
    """

    def talk(
        *arguments: str, when: str = QUESTION, then: str | Callable[[Started], None] = "", **environment: str
    ) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        variables = {**os.environ, **project.environment, "TERM": "xterm", "NO_COLOR": "", "CI": "", **environment}
        options = {"stdin": theirs, "stdout": theirs, "stderr": theirs, "preexec_fn": _take_terminal}
        started = project.python("-c", WRAPPER, "-m", "flowrun", *arguments, env=variables, **options)
        os.close(theirs)
        shown = ""
        while text := _read(ours):
            is_new = when not in shown
            shown += text
            if is_new and when in shown:
                if isinstance(then, str):
                    os.write(ours, then.encode())
                else:
                    then(started)
        os.close(ours)
        assert "left changed" not in shown
        return started.wait().status, shown.replace("\r\n", "\n")

    return talk


def _take_terminal() -> None:
    """The terminal on standard input controls the command, as if it were started by a shell."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _read(descriptor: int) -> str:
    """What is shown next; empty when the terminal is gone."""
    try:
        return os.read(descriptor, 65536).decode(errors="replace")
    except OSError:
        return ""


@pytest.fixture
def failed(project: Project) -> Project:
    """A job that failed once and has its flag now."""
    project.job({"a": "Step", "b": {"task": "FailsUntilFlag", "parameters": {"flag": str(project.flag)}}})
    assert project.run("-q", "--output=quiet").status == 1
    project.flag.touch()
    return project


def test_a_run_is_shown_live(project: Project, on_terminal: Talk) -> None:
    """Finished tasks stay in the scrollback, the lines of a log are not written. FM-82"""
    project.job({"a": {"task": "Step", "parameters": {"waits_for": str(project.flag)}}})

    status, shown = on_terminal("job.yaml", when="1 running", then=lambda _run: project.flag.touch())

    assert status == 0
    assert "✓" in shown
    assert " completed a" not in shown


def test_a_task_shows_how_far_it_is(project: Project, on_terminal: Talk) -> None:
    """As a bar, while it runs; the line that stays when it has ended has none. CF-19"""
    project.task_module(
        """
from flowrun.task import progress

@task
class Copy(Traced):
    flag: str

    def run(self) -> None:
        progress(71, 100)
        while not os.path.exists(self.flag):
            time.sleep(0.01)
"""
    )
    project.job({"a": {"task": "Copy", "parameters": {"flag": str(project.flag)}}})

    status, shown = on_terminal("job.yaml", when="▕███████▊   ▏ 71%", then=lambda _run: project.flag.touch())

    assert status == 0
    assert "▕" not in next(line for line in reversed(shown.splitlines()) if "✓" in line and " a " in line)


def test_a_job_without_a_progress_bar_is_shown_live_too(project: Project, on_terminal: Talk) -> None:
    """The terminal decides, not `extensions:`, which is for the job's own."""
    tasks = {"a": {"task": "Step", "parameters": {"waits_for": str(project.flag)}}}
    project.job(tasks, extensions={})

    assert on_terminal("job.yaml", when="1 running", then=lambda _run: project.flag.touch())[0] == 0


def test_a_live_block_can_be_had_in_ci(project: Project, on_terminal: Talk) -> None:
    """On request."""
    project.job({"a": "Step"})

    assert "─" in on_terminal("job.yaml", "--output", "live", CI="true")[1]


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--output", "lines"], {}),
        (["--output", "prefixed"], {}),
        ([], {"TERM": "dumb"}),
        (["--output", "live"], {"TERM": "dumb"}),
        ([], {"CI": "true"}),
    ],
)
def test_lines_can_be_had_on_a_terminal(
    project: Project, on_terminal: Talk, arguments: list[str], environment: dict[str, str]
) -> None:
    """On request, where the cursor cannot be moved, and in CI."""
    project.job({"a": "Step"})

    shown = on_terminal("job.yaml", *arguments, **environment)[1]

    assert "started a" in shown
    assert "─" not in shown


def test_quiet_is_quiet_on_a_terminal(project: Project, on_terminal: Talk) -> None:
    """No block either."""
    project.job({"a": "Step"})

    assert on_terminal("job.yaml", "-q") == (0, "")


def test_no_color_is_respected(project: Project, on_terminal: Talk) -> None:
    """Not a single colour, though it is a terminal."""
    project.job({"bad": "Fails"})

    assert "\x1b[31m" in on_terminal("job.yaml", "--output", "lines")[1]
    assert "\x1b[31m" not in on_terminal("job.yaml", "--output", "lines", NO_COLOR="1")[1]


def test_color_stands_above_the_environment(project: Project, on_terminal: Talk) -> None:
    """For the live block and for what is said at the end."""
    project.job({"bad": "Fails"})

    assert "\x1b[31m" not in on_terminal("job.yaml", "--color", "never")[1]
    assert on_terminal("job.yaml", "--color", "always", NO_COLOR="1")[1].count("\x1b[31m") >= 3


def test_the_first_ctrl_c_is_seen_to_be_heard(project: Project, on_terminal: Talk) -> None:
    """What still runs, for how long it may, and what a second one does. FM-22"""
    project.job({"a": {"task": "Busy", "parameters": {"stubborn": True}}}, config={"grace_seconds": 1.2})

    status, shown = on_terminal("job.yaml", when="1 running", then=CTRL_C)

    assert status == 130
    assert "stopping: 1 task, 1 s left; press Ctrl-C again to kill at once" in shown


def test_keys_are_heard(project: Project, on_terminal: Talk) -> None:
    """`?` tells which there are, `l` shows what tasks have said, and `s` stops as Ctrl-C does."""
    project.task_module(
        """
@task
class Speaks(Traced):
    def run(self) -> None:
        print("hello from here", flush=True)
        time.sleep(600)

@task
class Listens(Traced):
    def run(self) -> None:
        while not any(os.path.exists(f"logs/{one}/a.log") for one in os.listdir("logs")):
            time.sleep(0.01)
"""
    )
    project.job({"a": "Speaks", "b": "Listens"})

    status, shown = on_terminal("job.yaml", when="1 done", then="?ls")

    assert status == 130
    assert "keys: l last lines" in shown
    assert "hello from here" in shown
    assert "stopped" in shown


@pytest.mark.parametrize("answer", ["\n", "y\n", "YES\n"])
def test_a_restart_asks_and_goes_on(failed: Project, on_terminal: Talk, answer: str) -> None:
    """The plan first, then the question. FM-04, FM-75"""
    status, shown = on_terminal("job.yaml", "-r", then=answer)

    assert status == 0
    assert shown.index("rerun") < shown.index("Go on? [Y/n]")
    assert failed.count("a") == 1


@pytest.mark.parametrize("answer", ["n\n", "what\n", "\x04"])
def test_a_restart_that_is_not_wanted_changes_nothing(failed: Project, on_terminal: Talk, answer: str) -> None:
    """No, nonsense, and the end of the input: nothing runs, and it can still be continued."""
    status, shown = on_terminal("job.yaml", "-r", then=answer)

    assert status == 1
    assert "not started" in shown
    assert failed.count("b") == 1
    assert failed.run("-r").status == 0


def test_an_interrupted_question_counts_as_a_signal(failed: Project, on_terminal: Talk) -> None:
    """Ctrl-C at the prompt: 130 without a traceback. FM-22"""
    status, shown = on_terminal("job.yaml", "-r", then=CTRL_C)

    assert status == 130
    assert "Traceback" not in shown
    assert failed.all_gone()


@pytest.mark.parametrize("option", ["-y", "--yes", "--no-input"])
def test_scripts_are_not_asked(failed: Project, on_terminal: Talk, option: str) -> None:
    """The plan is shown all the same."""
    status, shown = on_terminal("job.yaml", "-r", option)

    assert status == 0
    assert "rerun" in shown
    assert "[Y/n]" not in shown


def test_clearing_asks_too(failed: Project, on_terminal: Talk) -> None:
    """What is destroyed is shown before. FM-15"""
    assert on_terminal("checkpoints", "clear", "--all", then="n\n")[0] == 1
    assert "1 completed, 1 failed" in failed.command("checkpoints").wait().out
    assert on_terminal("checkpoints", "clear", "--all", then="y\n")[0] == 0
    assert "no unfinished run" in failed.command("checkpoints").wait().err


def test_a_person_can_look_around_where_a_task_raised(project: Project, on_terminal: Talk) -> None:
    """`spin --pdb` opens the debugger in the frame of the task, and the hooks go on afterwards."""
    project.task_module(
        """
@task
class Divides(Traced):
    by: int = 0

    def run(self) -> float:
        whole = 41
        return whole / self.by
"""
    )
    project.job({"a": "Divides"})

    status, shown = on_terminal("spin", "a", "-j", "job.yaml", "--pdb", when="(Pdb) ", then="p whole + 1\nq\n")

    assert status == 1
    assert "ZeroDivisionError: division by zero\n> " in shown
    assert "\n42\n" in shown
    assert project.hooks("a") == ["on_create", "on_failure", "on_destroy"]


def test_without_a_terminal_there_is_no_debugger(project: Project) -> None:
    """A usage error, and nothing runs."""
    project.job({"a": "Step"})

    done = project.command("spin", "a", "--pdb").wait()

    assert (done.status, project.count("a")) == (2, 0)
    assert "--pdb needs a terminal" in done.err
