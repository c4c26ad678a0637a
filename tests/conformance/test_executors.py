"""The exam of executors: whatever carries an attempt, the task and the engine see the same."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import PrivateAttr

from flowrun import values
from flowrun.attempt import Attempt, Outcome, Reason
from flowrun.errors import PermanentError
from flowrun.eventbus.event import SerializableEvent
from flowrun.eventbus.execution import AttemptBegun
from flowrun.eventbus.log import LogLinesEvent, LogWriteEvent, Severity
from flowrun.eventbus.progress import Progress, ProgressEvent
from flowrun.executors.abort_switch import AbortSwitch
from flowrun.executors.capture import Spoken, attempts_heard
from flowrun.executors.coroutine import CoroutineExecutor
from flowrun.executors.dask import DaskExecutor
from flowrun.executors.dask_cluster.settings import Isolation
from flowrun.executors.executor import Emit, Executor, Workplace
from flowrun.executors.here import HereExecutor
from flowrun.executors.loop_teller import LoopTeller
from flowrun.executors.perform import Station, perform_here
from flowrun.executors.process import ProcessExecutor
from flowrun.executors.redis import RedisExecutor
from flowrun.executors.thread import ThreadExecutor
from flowrun.shared_dict import SharedDict
from flowrun.shared_values import SharedValues
from flowrun.task import Task, progress
from tests.dask_cluster import dask_cluster
from tests.redis_server import RedisServer

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")  # other tests leave threads

# An executor as a user may write one.


class OwnExecutor(Executor):
    """Gives each attempt a thread of its own."""

    _workplace: Workplace = PrivateAttr()
    _switches: dict[str, AbortSwitch] = PrivateAttr(default_factory=dict)
    _ended: dict[str, asyncio.Future[Outcome]] = PrivateAttr(default_factory=dict)

    def prepare(self, workplace: Workplace) -> None:
        self._workplace = workplace

    async def run(self, attempt: Attempt, emit: Emit) -> Outcome:
        loop, shared = asyncio.get_running_loop(), SharedDict(self._workplace.shared)
        switch = self._switches[attempt.id] = AbortSwitch()
        ended = self._ended[attempt.id] = loop.create_future()
        who = {"name": attempt.task, "attempt": attempt.number, "job_name": attempt.job_name}

        def post(call: Callable[..., None], value: Any) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(call, value)

        def say_lines(severity: Severity, lines: str) -> None:
            post(emit, LogLinesEvent(**who, severity=severity, lines=lines))

        def say(severity: Severity, message: str) -> None:
            spoken.close()
            post(emit, LogWriteEvent(**who, severity=severity, message=message))

        def work() -> None:
            station = Station(shared, say, switch, self._workplace.max_result_bytes, tell=teller.tell)
            with spoken.speaking():
                outcome = perform_here(attempt, self._workplace.variants[attempt.variant], station)
            changed = {key: self._workplace.shared.get(key)[0] for key in shared.changed_keys()}
            post(settle, outcome.but(shared=changed))

        def settle(outcome: Outcome) -> None:
            teller.flush()
            if not ended.done():
                ended.set_result(outcome)

        teller = LoopTeller(loop.call_soon_threadsafe, lambda said: emit(ProgressEvent.of(attempt, said)))

        spoken = Spoken(say_lines)
        threading.Thread(target=work, daemon=True).start()
        return await ended

    async def abort(self, attempt: Attempt) -> None:
        self._switches[attempt.id].ask()

    async def kill(self, attempt: Attempt) -> None:
        ended = self._ended[attempt.id]
        if not ended.done():
            ended.set_result(Outcome.aborted().but(abandoned=True))


# The tasks of the exam.


class Hooks(Task):
    """Says in its log which hook is called."""

    raises: str = ""

    def _called(self, hook: str) -> None:
        self.logger.info(hook)
        if hook == self.raises:
            raise ValueError(f"planned in {hook}")

    def on_create(self) -> None:
        self._called("on_create")

    def on_restart(self) -> None:
        self._called("on_restart")

    def run(self) -> Any:
        self._called("run")
        return {"rows": [1, 2], "who": "é\n"}

    def on_success(self) -> None:
        self._called("on_success")

    def on_failure(self) -> None:
        self._called("on_failure")

    def on_abort(self) -> None:
        self._called("on_abort")

    def on_destroy(self) -> None:
        self._called("on_destroy")


class Says(Task):
    """Speaks through everything there is."""

    def run(self) -> None:
        print("one", "two")
        self.logger.debug("debug")
        print("three\nfour")
        self.logger.warning("two\nlines")
        self.logger.error("error")
        self.logger.critical("critical")
        print("no end", end="")


class SaysErrors(Task):
    def run(self) -> None:
        print("to stderr", file=sys.stderr)


class Repeats(Task):
    """Prints many lines in small pieces."""

    word: str

    async def run(self) -> None:
        for number in range(50):
            sys.stdout.write(self.word)
            await asyncio.sleep(0)
            sys.stdout.write(f" {number}\n")


class Shares(Task):
    def run(self) -> None:
        self.shared_dict["list"] = [1]
        self.shared_dict["list"].append(2)
        self.shared_dict[("a", 1)] = {"x"}
        self.shared_dict["gone"] = 1
        del self.shared_dict["gone"]


class Reads(Task):
    def run(self) -> Any:
        return [self.shared_dict["list"], self.shared_dict[("a", 1)], "gone" in self.shared_dict]


class Tells(Task):
    """Returns who it is."""

    number: int = 0

    def run(self) -> Any:
        m = self.metadata
        return [m.name, m.variant, m.depends_on, m.attempt, m.run_id, m.idempotency_key, self.number]


class Meets(Task):
    """Ends when so many are there at the same time."""

    count: int
    place: Path

    async def run(self) -> None:
        (self.place / self.metadata.name).touch()
        while len(os.listdir(self.place)) < self.count:  # noqa: ASYNC110  the others may be in other processes
            await asyncio.sleep(0.005)


class Waits(Hooks):
    """Waits for ever, and says when it has begun."""

    async def run(self) -> None:  # type: ignore[override]
        self._called("run")
        await asyncio.sleep(600)


class Looks(Hooks):
    """The same in plain code that looks whether it is to end."""

    def run(self) -> None:
        self._called("run")
        wait = threading.Event()
        while not self.aborting:
            wait.wait(0.005)


class Deaf(Hooks):
    """Goes on whatever happens, for a while longer than anybody waits."""

    def run(self) -> None:
        self._called("run")
        wait, turns = threading.Event(), 0
        while turns < 2000:
            with contextlib.suppress(BaseException):
                turns += 1
                wait.wait(0.01)


class Exits(Task):
    status: Any = 0

    def run(self) -> None:
        sys.exit(self.status)


class Gives(Task):
    what: str

    def run(self) -> Any:
        return threading.Lock() if self.what == "lock" else "x" * 10_000


class Refusal(PermanentError):
    """One that a user has made."""


class Refuses(Task):
    is_permanent: bool

    def run(self) -> None:
        if not self.is_permanent:
            raise KeyError("bob")
        raise Refusal("no account bob") from KeyError("bob")


class Advances(Task):
    """Says very often how far it is."""

    async def run(self) -> None:
        for number in range(10_000):
            progress(number, 10_000)
            self.deeper(number + 1)

    def deeper(self, number: int) -> None:
        progress(number, 10_000, "rows")


class AdvancesAndWaits(Task):
    """Says twice at once how far it is, and then nothing until somebody has heard it."""

    flag: Path

    async def run(self) -> None:
        progress(0)
        progress(0.5, 2)
        while not self.flag.exists():  # noqa: ASYNC110  whoever makes it may be in another process
            await asyncio.sleep(0.005)


VARIANTS = {
    cls.__name__: cls
    for cls in (
        Hooks, Says, SaysErrors, Repeats, Shares, Reads, Tells, Meets, Waits, Looks, Deaf, Exits, Gives, Refuses,
        Advances, AdvancesAndWaits,
    )
}  # fmt: skip


class Room:
    """An executor under exam: attempts are given to it, and what they say is written down."""

    def __init__(self, executor: Executor, shared: SharedValues) -> None:
        self.executor = executor
        self.shared = shared
        self.events: list[SerializableEvent] = []
        self._heard = asyncio.Event()

    def hear(self, event: SerializableEvent) -> None:
        self.events.append(event)
        self._heard.set()

    async def perform(self, variant: str, task: str = "t", *, restart: bool = False, **parameters: Any) -> Outcome:
        attempt = self.attempt(variant, task, restart=restart, **parameters)
        async with asyncio.timeout(60):
            return await self.executor.run(attempt, self.hear)

    def attempt(self, variant: str, task: str = "t", *, restart: bool = False, **parameters: Any) -> Attempt:
        return Attempt(
            "run1", "job", task, variant, number=2, parameters=parameters, depends_on=("before",), is_restart=restart
        )

    def said(self, task: str = "t") -> list[tuple[str, str]]:
        """Severity and text of every line of a task, in order."""
        lines = []
        for event in self.events:
            if isinstance(event, LogLinesEvent) and event.name == task:
                lines += [(event.severity.value, line) for line in event.lines.split("\n")]
            elif isinstance(event, LogWriteEvent) and event.name == task:
                lines.append((event.severity.value, event.message))
        return lines

    def hooks(self) -> list[str]:
        return [text for severity, text in self.said() if severity == "INFO"]

    def progress(self, task: str = "t") -> list[Progress]:
        """How far a task said it was, in order."""
        return [event.progress for event in self.events if isinstance(event, ProgressEvent) and event.name == task]

    async def until_told(self, progress: Progress, task: str = "t") -> None:
        async with asyncio.timeout(60):
            while progress not in self.progress(task):
                self._heard.clear()
                await self._heard.wait()

    async def until_said(self, text: str, task: str = "t") -> None:
        async with asyncio.timeout(60):
            while text not in [said for _severity, said in self.said(task)]:
                self._heard.clear()
                await self._heard.wait()


Exam = Callable[[Callable[[Room], Awaitable[None]]], None]

MAKERS: dict[str, Callable[[], Executor]] = {
    "process": ProcessExecutor,
    "thread": lambda: ThreadExecutor(slots=8),
    "async": CoroutineExecutor,
    "here": HereExecutor,
    "own": OwnExecutor,
}


@pytest.fixture(params=[*MAKERS, "dask", "dask in threads", "redis"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def dask_address() -> Iterator[str]:
    """A cluster for all exams of this module."""
    with dask_cluster(workers=1, threads=5) as cluster:
        yield cluster.address


@pytest.fixture(scope="module")
def served_redis(shared_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server, and a worker that offers the tasks of the exam."""
    root = tmp_path_factory.mktemp("worker")
    (root / "tasks").mkdir()
    (root / "tasks" / "exam.py").write_text(
        "from flowrun.task import task\n"
        "from tests.conformance.test_executors import VARIANTS\n"
        "for variant in VARIANTS.values():\n"
        "    task(variant)\n"
    )
    command = [sys.executable, "-m", "flowrun", "worker", "--redis", shared_redis.url, "--queue", "executors"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([*command, "--slots", "8"], cwd=root, env=environment) as worker:
        yield shared_redis
        worker.kill()


@pytest.fixture
def make(kind: str, request: pytest.FixtureRequest) -> Callable[[], Executor]:
    """Makes an executor of a kind."""
    if kind == "redis":
        server = request.getfixturevalue("served_redis")

        def make() -> Executor:
            server.empty()  # every exam has the same attempts
            return RedisExecutor(url=server.url, queue="executors")

        return make
    if kind in MAKERS:
        return MAKERS[kind]
    address = request.getfixturevalue("dask_address")
    isolation: Isolation = "thread" if kind == "dask in threads" else "process"
    return lambda: DaskExecutor(address=address, code="shared", isolation=isolation)


@pytest.fixture
def exam(make: Callable[[], Executor], tmp_path: Path) -> Exam:
    """Takes what is to be tried in a room with the executor, from its `prepare` to its `on_destroy`."""

    def take(tried: Callable[[Room], Awaitable[None]]) -> None:
        executor, shared = make(), SharedValues()
        executor.prepare(Workplace(root=tmp_path, variants=VARIANTS, shared=shared, max_result_bytes=5000))

        async def conduct() -> None:
            await executor.on_create()
            try:
                await tried(Room(executor, shared))
            finally:
                await executor.on_destroy()

        with attempts_heard():
            asyncio.run(conduct())

    return take


def test_a_result_comes_back_encoded(exam: Exam) -> None:
    """The outcome is RETURNED, with what `run` returned. FM-56"""

    async def tried(room: Room) -> None:
        outcome = await room.perform("Hooks")
        assert outcome.is_completed
        assert values.decode(outcome.result or "") == {"rows": [1, 2], "who": "é\n"}

    exam(tried)


def test_nothing_returned_is_no_result(exam: Exam) -> None:
    """None is not kept as a value."""

    async def tried(room: Room) -> None:
        outcome = await room.perform("SaysErrors")
        assert (outcome.reason, outcome.result) == (Reason.RETURNED, None)

    exam(tried)


@pytest.mark.parametrize(
    ("raises", "restart", "hooks"),
    [
        ("", False, ["on_create", "run", "on_success", "on_destroy"]),
        ("", True, ["on_create", "on_restart", "run", "on_success", "on_destroy"]),
        ("run", False, ["on_create", "run", "on_failure", "on_destroy"]),
        ("on_create", True, ["on_create", "on_destroy"]),
        ("on_restart", True, ["on_create", "on_restart", "on_destroy"]),
        ("on_success", False, ["on_create", "run", "on_success", "on_destroy"]),
        ("on_destroy", False, ["on_create", "run", "on_success", "on_destroy"]),
    ],
)
def test_hooks_are_called_in_their_order(exam: Exam, raises: str, restart: bool, hooks: list[str]) -> None:
    """And an error in one decides which follow. FM-57, FM-58, FM-59, FM-60, FM-61, FM-62"""

    async def tried(room: Room) -> None:
        outcome = await room.perform("Hooks", restart=restart, raises=raises)
        assert room.hooks() == hooks
        assert outcome.is_completed == (raises in ("", "on_destroy"))

    exam(tried)


def test_an_exception_is_told_in_full(exam: Exam) -> None:
    """Message, names of the class and its bases, place and traceback in the user's code; the log has it too. FM-53"""

    async def tried(room: Room) -> None:
        outcome = await room.perform("Hooks", raises="run")
        assert (outcome.reason, outcome.message) == (Reason.RAISED, "ValueError: planned in run")
        assert outcome.error_types == ("ValueError", "Exception", "BaseException")
        assert outcome.place is not None
        assert outcome.place[0] == __file__
        assert outcome.traceback.splitlines()[1].startswith(f'  File "{__file__}"')
        assert ("ERROR", outcome.traceback.rstrip("\n").splitlines()[-1]) in [
            (severity, text.splitlines()[-1]) for severity, text in room.said()
        ]

    exam(tried)


def test_of_progress_the_last_always_arrives(exam: Exam) -> None:
    """Before the outcome, in order, and thinned out: a task may tell of every row. CF-19"""

    async def tried(room: Room) -> None:
        assert (await room.perform("Advances")).is_completed
        told = room.progress()
        assert told[-1] == Progress(10_000, 10_000, "rows")
        assert [one.done for one in told] == sorted(one.done for one in told)
        assert len(told) < 1000  # of 20,000: that would be more than three minutes
        event = room.events[-1]
        assert isinstance(event, ProgressEvent)
        assert (event.name, event.attempt, event.job_name) == ("t", 2, "job")

    exam(tried)


def test_progress_arrives_while_the_task_is_busy(exam: Exam, tmp_path: Path) -> None:
    """Also what was said right after something else: nobody has to wait for the next call."""

    async def tried(room: Room) -> None:
        flag = tmp_path / "flag"
        running = asyncio.ensure_future(room.perform("AdvancesAndWaits", flag=str(flag)))
        await room.until_told(Progress(0.5, 2))
        flag.touch()
        assert (await running).is_completed

    exam(tried)


@pytest.mark.parametrize("is_permanent", [True, False])
def test_a_permanent_error_is_final(exam: Exam, is_permanent: bool) -> None:
    """The outcome says that another try is pointless, and of any other failure it does not."""

    async def tried(room: Room) -> None:
        outcome = await room.perform("Refuses", is_permanent=is_permanent)
        assert (outcome.reason, outcome.is_final) == (Reason.RAISED, is_permanent)
        assert outcome.error_types[0] == ("Refusal" if is_permanent else "KeyError")

    exam(tried)


def test_what_is_said_keeps_its_order_and_severity(exam: Exam) -> None:
    """Printed lines and messages of `self.logger` are one sequence; a line without end is a line. FM-52, FM-53"""

    async def tried(room: Room) -> None:
        await room.perform("Says")
        assert room.said() == [
            ("INFO", "one two"),
            ("DEBUG", "debug"),
            ("INFO", "three"),
            ("INFO", "four"),
            ("WARNING", "two\nlines"),
            ("ERROR", "error"),
            ("CRITICAL", "critical"),
            ("INFO", "no end"),
        ]

    exam(tried)


def test_the_error_stream_is_of_severity_error(exam: Exam) -> None:
    """Whatever is printed to it. FM-53"""

    async def tried(room: Room) -> None:
        await room.perform("SaysErrors")
        assert room.said() == [("ERROR", "to stderr")]

    exam(tried)


def test_events_name_task_attempt_and_job(exam: Exam) -> None:
    """So that loggers know whose line it is. FM-77"""

    async def tried(room: Room) -> None:
        await room.perform("SaysErrors", "mine")
        event = next(it for it in room.events if not isinstance(it, AttemptBegun))
        assert isinstance(event, LogLinesEvent)
        assert (event.name, event.attempt, event.job_name) == ("mine", 2, "job")

    exam(tried)


def test_attempts_at_the_same_time_never_mix(exam: Exam) -> None:
    """Lines that are printed in pieces stay whole and with their task."""

    async def tried(room: Room) -> None:
        names = ["a", "b", "c"]
        await asyncio.gather(*(room.perform("Repeats", name, word=name) for name in names))
        for name in names:
            assert room.said(name) == [("INFO", f"{name} {number}") for number in range(50)]

    exam(tried)


def test_shared_values_reach_the_next_attempt(exam: Exam) -> None:
    """With what was changed inside of them; the outcome lists every key that was changed. FM-51"""

    async def tried(room: Room) -> None:
        written = await room.perform("Shares")
        read = await room.perform("Reads", "u")
        assert values.decode(read.result or "") == [[1, 2], {"x"}, False]
        changed = {values.decode(key): text for key, text in written.shared.items()}
        assert set(changed) == {"list", ("a", 1), "gone"}
        assert (changed["list"], changed["gone"]) == ("[1,2]", None)
        assert read.shared == {}

    exam(tried)


def test_a_task_is_told_who_it_is(exam: Exam) -> None:
    """Its metadata and its parameters, converted as the class declares. FM-50, FM-54"""

    async def tried(room: Room) -> None:
        outcome = await room.perform("Tells", "me", number="5")
        assert values.decode(outcome.result or "") == ["me", "Tells", ["before"], 2, "run1", "run1/me", 5]

    exam(tried)


def test_wrong_parameters_are_a_failed_outcome(exam: Exam) -> None:
    """They are checked before the run; if they come through all the same, the task fails and nothing else. FM-49"""

    async def tried(room: Room) -> None:
        outcome = await room.perform("Tells", number="five")
        assert outcome.reason is Reason.RAISED
        assert outcome.error_types[0] == "ValidationError"
        assert (await room.perform("Tells")).is_completed

    exam(tried)


@pytest.mark.parametrize(("status", "reason"), [(0, Reason.RETURNED), (None, Reason.RETURNED), (3, Reason.EXITED)])
def test_sys_exit_ends_the_task_only(exam: Exam, status: int | None, reason: Reason) -> None:
    """With 0 it is a success, with anything else a failure."""

    async def tried(room: Room) -> None:
        outcome = await room.perform("Exits", status=status)
        assert outcome.reason is reason
        assert (await room.perform("Tells")).is_completed

    exam(tried)


@pytest.mark.parametrize(
    ("what", "message"), [("lock", "TypeError: the result of run "), ("large", "ValueError: the result of run takes ")]
)
def test_a_result_that_cannot_be_kept_is_a_failure(exam: Exam, what: str, message: str) -> None:
    """One that cannot be encoded, and one over the limit."""

    async def tried(room: Room) -> None:
        outcome = await room.perform("Gives", what=what)
        assert outcome.reason is Reason.RAISED
        assert outcome.message.startswith(message)

    exam(tried)


def test_attempts_run_at_the_same_time(exam: Exam, tmp_path: Path) -> None:
    """Five tasks that wait for each other all end. FM-70"""
    place = tmp_path / "place"
    place.mkdir()

    async def tried(room: Room) -> None:
        meetings = (room.perform("Meets", f"t{n}", count=5, place=str(place)) for n in range(5))
        outcomes = await asyncio.gather(*meetings)
        assert all(outcome.is_completed for outcome in outcomes)

    exam(tried)


@pytest.mark.parametrize("variant", ["Waits", "Looks"])
def test_an_abort_ends_the_attempt_in_order(exam: Exam, kind: str, variant: str) -> None:
    """`run` is interrupted, then on_abort and on_destroy are called, on_success never. FM-63"""
    if kind in ("async", "here") and variant == "Looks":
        pytest.skip("plain code blocks the loop on which the coroutine would be cancelled; it sees `aborting`")

    async def tried(room: Room) -> None:
        attempt = room.attempt(variant)
        running = asyncio.ensure_future(room.executor.run(attempt, room.hear))
        await room.until_said("run")
        await room.executor.abort(attempt)
        async with asyncio.timeout(60):
            outcome = await running
        assert outcome.is_aborted
        assert room.hooks() == ["on_create", "run", "on_abort", "on_destroy"]

    exam(tried)


def test_a_task_in_the_loop_sees_that_it_is_to_end(exam: Exam, kind: str) -> None:
    """`self.aborting` turns true in every executor, also where nothing can be interrupted. FM-63"""
    if kind == "here":
        pytest.skip("plain code blocks the loop from which the abort would come")

    async def tried(room: Room) -> None:
        attempt = room.attempt("Looks")
        running = asyncio.ensure_future(room.executor.run(attempt, room.hear))
        await room.until_said("run")
        await room.executor.abort(attempt)
        async with asyncio.timeout(60):
            assert (await running).is_aborted
        assert room.hooks()[-2:] == ["on_abort", "on_destroy"]

    exam(tried)


def test_an_abort_that_comes_early_or_late_does_no_harm(exam: Exam) -> None:
    """Right after the start, and after the end: an outcome comes, and the next attempt is not touched."""

    async def tried(room: Room) -> None:
        attempt = room.attempt("Hooks")
        running = asyncio.ensure_future(room.executor.run(attempt, room.hear))
        await asyncio.sleep(0)
        await room.executor.abort(attempt)
        async with asyncio.timeout(60):
            outcome = await running
        assert "on_success" not in room.hooks() or outcome.is_completed
        with contextlib.suppress(KeyError):
            await room.executor.abort(attempt)
        assert (await room.perform("Tells", "u")).is_completed

    exam(tried)


def test_a_kill_ends_the_wait_at_once(exam: Exam, kind: str) -> None:
    """A task that goes on whatever happens is killed or left behind; `run` of the executor returns, and others work."""
    if kind == "here":
        pytest.skip("plain code blocks the loop from which the kill would come")

    async def tried(room: Room) -> None:
        attempt = room.attempt("Deaf")
        running = asyncio.ensure_future(room.executor.run(attempt, room.hear))
        await room.until_said("run")
        await room.executor.abort(attempt)
        await room.executor.kill(attempt)
        async with asyncio.timeout(10):
            outcome = await running
        assert not outcome.is_completed
        assert "on_success" not in room.hooks()

    exam(tried)


def test_after_a_kill_the_slot_is_free(kind: str, exam: Exam) -> None:
    """What was left behind takes nobody's place."""
    if kind in ("async", "here"):
        pytest.skip("a coroutine that blocks its loop blocks the others: that is told in the reference")

    async def tried(room: Room) -> None:
        for number in range(9):
            attempt = room.attempt("Deaf", f"deaf{number}")
            running = asyncio.ensure_future(room.executor.run(attempt, room.hear))
            await room.until_said("run", f"deaf{number}")
            await room.executor.abort(attempt)
            await room.executor.kill(attempt)
            await running
        assert (await room.perform("Tells")).is_completed

    exam(tried)


def test_an_executor_without_work_ends_in_peace(exam: Exam) -> None:
    """A job may have kept everything: nothing is ever run."""

    async def tried(room: Room) -> None:
        assert room.events == []

    exam(tried)


def test_several_executors_work_after_each_other(exam: Exam) -> None:
    """As many jobs in one process; descriptors are given back."""

    async def tried(room: Room) -> None:
        assert (await room.perform("Tells")).is_completed

    exam(tried)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        exam(tried)

    assert len(os.listdir("/proc/self/fd")) <= before
