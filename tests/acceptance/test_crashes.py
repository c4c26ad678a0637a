"""Whatever way a task ends: it is completed only if its process said so and ended well, and nobody else is harmed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Finished, Project

ENDS = """
import ctypes
import resource
import signal
import threading

class Odd(BaseException):
    pass

class Mute(Exception):
    def __str__(self) -> str:
        raise ValueError("no text")

class Unpicklable(Exception):
    def __init__(self, one: int, two: int) -> None:
        super().__init__("two arguments")
        self.lock = threading.Lock()

def deeper() -> int:
    return deeper() + 1

def fill_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    held = []
    while True:
        held.append(bytearray(64 << 20))

def grow_beyond_limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
    while True:
        pass

def raise_(error: BaseException) -> None:
    raise error

def fork_and_wait() -> None:
    if (pid := os.fork()) == 0:
        os._exit(3)
    os.waitpid(pid, 0)

def leave_daemon() -> None:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            mark("daemon", "start")
            time.sleep(600)
        os._exit(0)
    while not any("daemon" in line for line in open(os.environ["MARKS"])):
        time.sleep(0.01)

def leave_child() -> None:
    subprocess.Popen(["sleep", "600"])

def leave_thread(is_daemon: bool) -> None:
    def late() -> None:
        time.sleep(600 if is_daemon else 0.2)
        mark("thread", "end")
    threading.Thread(target=late, daemon=is_daemon).start()

FAILING = {
    "raise": lambda task: raise_(RuntimeError("boom")),
    "BaseException": lambda task: raise_(Odd("odd")),
    "KeyboardInterrupt": lambda task: raise_(KeyboardInterrupt()),
    "CancelledError": lambda task: raise_(asyncio.CancelledError()),
    "GeneratorExit": lambda task: raise_(GeneratorExit()),
    "StopIteration": lambda task: raise_(StopIteration("x")),
    "mute": lambda task: raise_(Mute()),
    "unpicklable": lambda task: raise_(Unpicklable(1, 2)),
    "exit 3": lambda task: sys.exit(3),
    "exit text": lambda task: sys.exit("fatal text"),
    "_exit 3": lambda task: os._exit(3),
    "_exit 0": lambda task: os._exit(0),
    "exec": lambda task: os.execlp("true", "true"),
    "segfault": lambda task: ctypes.string_at(0),
    "SIGKILL": lambda task: os.kill(os.getpid(), signal.SIGKILL),
    "SIGTERM default": lambda task: (signal.signal(signal.SIGTERM, signal.SIG_DFL), os.kill(os.getpid(), 15)),
    "abort": lambda task: os.abort(),
    "CPU limit": lambda task: grow_beyond_limit(),
    "recursion": lambda task: deeper(),
    "memory": lambda task: fill_memory(),
    "shared lambda": lambda task: task.shared_dict.update(bad=lambda: 1),
    "shared lock": lambda task: task.shared_dict.update(bad=threading.Lock()),
}
HARMLESS = {
    "exit 0": lambda task: sys.exit(0),
    "exit None": lambda task: sys.exit(),
    "fork and wait": lambda task: fork_and_wait(),
    "program": lambda task: subprocess.run(["sh", "-c", "exit 3"]),
    "daemon thread": lambda task: leave_thread(True),
    "other thread": lambda task: leave_thread(False),
    "child left": lambda task: leave_child(),
    "daemon left": lambda task: leave_daemon(),
    "chdir": lambda task: os.chdir("/"),
    "stdout closed": lambda task: sys.stdout.close(),
    "fd 1 closed": lambda task: os.close(1),
    "fd 1 and 2 closed": lambda task: (os.close(1), os.close(2)),
    "stdout replaced": lambda task: setattr(sys, "stdout", None),
    "descriptors closed": lambda task: os.closerange(3, 5),
    "binary": lambda task: os.write(1, bytes(range(256)) * 64),
    "surrogate": lambda task: print("lone \\udc80 and \\x00 and \\u2603"),
    "large shared value": lambda task: task.shared_dict.update(big="x" * (20 << 20)),
    "signals changed": lambda task: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    "umask": lambda task: os.umask(0o777),
    "environment emptied": lambda task: [os.environ.pop(key) for key in list(os.environ) if key != "MARKS"],
}

@task
class Ends(Traced):
    how: str

    def run(self) -> None:
        self.mark("start")
        print("before the end")
        {**FAILING, **HARMLESS}[self.how](self)
        self.mark("end")
"""

FAILING = {
    "raise": ("raised", "RuntimeError: boom"),
    "BaseException": ("raised", "Odd: odd"),
    "KeyboardInterrupt": ("raised", "KeyboardInterrupt"),
    "CancelledError": ("raised", "CancelledError"),
    "GeneratorExit": ("raised", "GeneratorExit"),
    "StopIteration": ("raised", "StopIteration: x"),
    "mute": ("raised", r"Mute: \(its str\(\) raised ValueError\)"),
    "unpicklable": ("raised", "Unpicklable: two arguments"),
    "exit 3": ("exited", "exit status 3"),
    "exit text": ("exited", "SystemExit: fatal text"),
    "_exit 3": ("exited", "exited with status 3 without reporting how it went"),
    "_exit 0": ("exited", "exited with status 0 without reporting how it went"),
    "exec": ("exited", "exited with status 0 without reporting how it went"),
    "segfault": ("killed", r"killed by signal 11 \(SIGSEGV\)"),
    "SIGKILL": ("killed", r"killed by signal 9 \(SIGKILL\), perhaps out of memory"),
    "SIGTERM default": ("killed", r"killed by signal 15 \(SIGTERM\)"),
    "abort": ("killed", r"killed by signal 6 \(SIGABRT\)"),
    "CPU limit": ("killed", r"killed by signal (24 \(SIGXCPU\)|9 \(SIGKILL\), perhaps out of memory)"),
    "recursion": ("raised", "RecursionError: maximum recursion depth exceeded.*"),
    "memory": ("out of memory", "MemoryError"),
    "shared lambda": ("raised", r"SharedValueError: shared_dict\['bad'\] .*"),
    "shared lock": ("raised", r"SharedValueError: shared_dict\['bad'\] .*"),
}
HARMLESS = [
    "exit 0",
    "exit None",
    "fork and wait",
    "program",
    "daemon thread",
    "other thread",
    "child left",
    "daemon left",
    "chdir",
    "stdout closed",
    "fd 1 closed",
    "fd 1 and 2 closed",
    "stdout replaced",
    "binary",
    "surrogate",
    "large shared value",
    "signals changed",
    "umask",
    "environment emptied",
]
IN_A_THREAD = ["raise", "BaseException", "KeyboardInterrupt", "CancelledError", "GeneratorExit", "StopIteration"]
IN_A_THREAD += ["mute", "unpicklable", "exit 3", "exit text", "recursion", "shared lambda", "shared lock"]


def run_ending(project: Project, how: str, executor: str = "process") -> Finished:
    """Run a task that ends in this way, one that depends on it, and a chain that has nothing to do with it."""
    project.task_module(ENDS)
    project.job(
        {
            "victim": {"task": "Ends", "executor": executor, "parameters": {"how": how}},
            "child": {"task": "Step", "dependencies": ["victim"]},
            "bystander": {"task": "Step", "executor": executor, "parameters": {"seconds": 0.05}},
            "bystander2": {"task": "Step", "dependencies": ["bystander"]},
        }
    )
    done = project.run()
    assert (done.states["bystander"], done.states["bystander2"]) == ("COMPLETED", "COMPLETED")
    assert project.all_gone()
    return done


def assert_failed(project: Project, done: Finished, how: str) -> None:
    reason, message = FAILING[how]
    assert done.status == 1
    assert (done.states["victim"], done.states["child"]) == ("FAILED", "DEFAULTED")
    assert project.count("child") == 0
    assert project.count("victim", "on_success") == 0
    assert done.reason("victim") == reason
    assert re.fullmatch(message, done.message("victim"))
    assert project.log_lines("victim")[0] == ("INFO", "before the end")


@pytest.mark.parametrize("how", FAILING)
def test_a_process_that_ends_otherwise_has_failed(project: Project, how: str) -> None:
    """Raised, exited, killed or replaced: the task failed, with the reason in plain words. FM-55, X-FM-01"""
    assert_failed(project, run_ending(project, how), how)


@pytest.mark.parametrize("executor", ["thread", "async"])
@pytest.mark.parametrize("how", IN_A_THREAD)
def test_whatever_is_raised_in_the_runner_ends_one_task_only(project: Project, how: str, executor: str) -> None:
    """An attempt in a thread or a coroutine of the runner takes nobody with it. X-FM-01"""
    assert_failed(project, run_ending(project, how, executor), how)


@pytest.mark.parametrize("how", HARMLESS)
def test_odd_behaviour_is_no_failure(project: Project, how: str) -> None:
    """What a task does to its own process does not matter as long as it comes to its end; nothing is left of it."""
    done = run_ending(project, how)

    assert done.status == 0, done
    assert done.states == dict.fromkeys(["victim", "child", "bystander", "bystander2"], "COMPLETED")
    assert (project.count("victim", "on_success"), project.count("victim", "on_destroy")) == (1, 1)


def test_threads_of_a_task_are_waited_for(project: Project) -> None:
    """A thread that is no daemon belongs to the work: dependents start after it."""
    run_ending(project, "other thread")

    assert project.marks("child", "start")[0].at >= project.marks("thread", "end")[0].at


def test_an_attempt_that_was_killed_is_tried_again(project: Project) -> None:
    """SIGKILL from outside is a failure like others: the next attempt follows, with another process."""
    project.task_module(
        """
@task
class KilledOnce(Traced):
    def run(self) -> None:
        self.mark("start")
        if self.metadata.attempt == 1:
            os.kill(os.getpid(), 9)
        self.mark("end")
"""
    )
    project.job({"a": {"task": "KilledOnce", "max_attempts": 2}})

    done = project.run()

    assert done.status == 0
    assert done.moves("a") == "_PRPRC"
    assert project.hooks("a") == ["on_create", "start", "on_create", "start", "end", "on_success", "on_destroy"]


def test_a_crash_then_a_restart_runs_only_the_rest(project: Project) -> None:
    """After a segmentation fault `-r` runs the task again, with on_restart, and what was held back. FM-04, FM-74"""
    project.task_module(
        """
import ctypes

@task
class CrashesUntil(Traced):
    flag: str

    def run(self) -> None:
        self.mark("start")
        if not os.path.exists(self.flag):
            ctypes.string_at(0)
        self.mark("end")
"""
    )
    project.job(
        {
            "before": "Step",
            "crash": {"task": "CrashesUntil", "dependencies": ["before"], "parameters": {"flag": str(project.flag)}},
            "after": {"task": "Step", "dependencies": ["crash"]},
        }
    )
    first = project.run()
    project.flag.touch()
    second = project.run("-r")

    assert (first.status, second.status) == (1, 0)
    assert [project.count(name) for name in ("before", "crash", "after")] == [1, 2, 1]
    assert project.count("crash", "on_restart") == 1


RESULTS = """
import threading

@task
class Gives(Traced):
    what: str

    def run(self) -> object:
        return {"lock": threading.Lock(), "large": "x" * 5000, "nan": float("nan")}[self.what]
"""


@pytest.mark.parametrize("executor", ["process", "thread", "async"])
@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("lock", r"TypeError: the result of run .*lock.*"),
        ("large", r"ValueError: the result of run takes 5,0\d\d bytes; at most 2,000 are kept .*"),
    ],
)
def test_a_result_that_cannot_be_kept_fails_the_task(project: Project, what: str, message: str, executor: str) -> None:
    """Its type or its size is named. FM-56"""
    project.task_module(RESULTS)
    job = {"a": {"task": "Gives", "executor": executor, "parameters": {"what": what}}}
    project.job(job, config={"max_result_bytes": 2000})

    done = project.run()

    assert done.status == 1
    assert re.fullmatch(message, done.message("a"))


def test_a_task_that_forks_and_lets_the_child_walk_on_is_counted_once(project: Project) -> None:
    """The copy of a task is not the task: its end is not the end of the attempt."""
    project.task_module(
        """
@task
class Doubles(Traced):
    def run(self) -> None:
        self.mark("start")
        if os.fork() == 0:
            raise ValueError("in the copy")
        os.wait()
        self.mark("end")
"""
    )
    project.job({"a": "Doubles", "b": {"task": "Step", "dependencies": ["a"]}})

    done = project.run()

    assert project.all_gone()
    assert project.count("a", "end") == 1
    assert done.states == {"a": "COMPLETED", "b": "COMPLETED"}
    assert done.status == 0


def test_two_hundred_crashes_leave_nothing_behind(project: Project) -> None:
    """Descriptors and processes of failed attempts are given back."""
    project.task_module(ENDS)
    tasks = {f"t{n}": {"task": "Ends", "parameters": {"how": "_exit 0"}, "max_attempts": 2} for n in range(100)}
    project.job({**tasks, "last": "Step"}, config={"max_concurrency": 4})

    done = project.run()

    assert done.status == 1
    assert list(done.states.values()) == ["FAILED"] * 100 + ["COMPLETED"]
    assert project.all_gone()


COPIES = """
import multiprocessing

def in_a_copy(work, *arguments):
    copy = multiprocessing.get_context("fork").Process(target=work, args=arguments)
    copy.start()
    return copy

def exit_status_when_terminated():
    copy = in_a_copy(time.sleep, 600)
    copy.terminate()
    copy.join()
    return copy.exitcode

@task
class CopySucceeds(Traced):
    def run(self) -> None:
        if os.fork() == 0:
            return
        os.wait()
        os._exit(0)

@task
class CopyShares(Traced):
    def run(self) -> None:
        def share(number):
            for _ in range(100):
                self.shared_dict[number] = "x" * 1000
        copies = [in_a_copy(share, number) for number in range(4)]
        for copy in copies:
            copy.join()
        self.shared_dict["mine"] = [copy.exitcode for copy in copies]
        self.mark("end", shared=self.shared_dict["mine"])

@task
class Terminates(Traced):
    def run(self) -> None:
        self.mark("start", status=exit_status_when_terminated())

    def on_destroy(self) -> None:
        self.mark("on_destroy", status=exit_status_when_terminated())

@task
class Writes(Traced):
    text: str
    asks: bool = False

    def run(self) -> None:
        links = {number: f"/proc/self/fd/{number}" for number in range(3, 50)}
        for number, link in links.items():
            if os.path.islink(link) and os.readlink(link).startswith("socket:"):
                os.write(number, self.text.encode())
        if self.asks:
            self.shared_dict["a"] = 1
"""


def test_the_success_of_a_copy_is_not_that_of_the_task(project: Project) -> None:
    """A task whose forked copy comes to its end, and which itself ends without a word, has failed."""
    project.task_module(COPIES)
    project.job({"a": "CopySucceeds"})

    done = project.run()

    assert done.states == {"a": "FAILED"}
    assert done.message("a") == "exited with status 0 without reporting how it went"


def test_a_copy_is_refused_the_shared_values(project: Project) -> None:
    """Processes that a task has forked would read each other's answers: they are told, and the task is not harmed."""
    project.task_module(COPIES)
    project.job({"a": "CopyShares"})

    assert project.run().status == 0
    assert project.marks("a", "end")[0].more["shared"] == [1, 1, 1, 1]
    assert "shared_dict can be used in the process of the task only" in project.log("a")


def test_a_process_that_a_task_has_forked_can_be_terminated(project: Project) -> None:
    """In every hook: it does not inherit that TERM aborts the attempt."""
    project.task_module(COPIES)
    project.job({"a": {"task": "Terminates", "timeout": 30}})

    assert project.run().status == 0
    assert [mark.more["status"] for mark in project.marks("a") if mark.more] == [-15, -15]


@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("text", ["not a frame at all", "\0\0\0\4\0\0\0\0nope", "\0\0\0\2\0\0\0\0{}"])
def test_a_task_that_writes_to_its_connection_has_failed(project: Project, text: str, asks: bool) -> None:
    """With the reason, at once, and without a word about it from the runner itself."""
    project.task_module(COPIES)
    project.job({"a": {"task": "Writes", "parameters": {"text": text, "asks": asks}}, "b": "Step"})

    done = project.run()

    assert done.states == {"a": "FAILED", "b": "COMPLETED"}
    assert done.message("a").endswith("something was written to its connection with the runner")
    assert "Traceback" not in done.err
