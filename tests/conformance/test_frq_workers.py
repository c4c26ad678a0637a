"""The exam of workers: an attempt fares the same in every language. `tests/protocol/README.md` lists its handlers."""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from flowrun.frq import body
from flowrun.frq.fields import written
from flowrun.frq.signature import SigningKeys

from ..project import eventually
from .conftest import MakeFleet
from .frq.fleet import GO, PYTHON, Fleet, marks, of
from .frq.scheduler import Scheduler

# What goes in and what comes out.


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -7,
        9007199254740992,
        "9007199254740993",
        0.1,
        1.7976931348623157e308,
        "",
        "Größe 👩‍🔬 \u0000\r\n\u2028",
        [],
        {},
        [[1, [2, [3, {"": None}]]]],
        {"a": {"b": {"c": ["d"]}}, "ü": 1},
        ["x" * 1000] * 100,
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_value_comes_back_as_it_was(scheduler: Scheduler, value: Any) -> None:
    """What is handed to a handler and what it returns are the same in every language. CF-44, X-CF-02"""
    result = scheduler.run("exam.echo", {"value": value})

    assert (result.status, result.delivery) == ("ok", 1), result
    assert result.value == value
    assert type(result.value) is type(value)


def test_bytes_come_back_as_they_were(scheduler: Scheduler) -> None:
    """Bytes are no text, and survive."""
    result = scheduler.run("exam.echo", {"value": bytes(range(256))})

    assert result.status == "ok", result
    assert body.to_bytes(result.value) == bytes(range(256))


def test_a_body_may_be_messagepack(scheduler: Scheduler) -> None:
    """The content type is that of the client's choice."""
    run = {"job": "exam", "run_id": scheduler.client, "task": "t", "max_attempts": 1}
    packed = body.write({"params": {"value": [1, "é", None]}, "shared": {}, "run": run}, body.MSGPACK)

    result = scheduler.run("exam.echo", body=packed, content_type=body.MSGPACK)

    assert (result.status, result.value) == ("ok", [1, "é", None])


def test_a_large_body_stands_elsewhere(scheduler: Scheduler) -> None:
    """A body is found by its digest; one that is gone is told of, and not waited for."""
    run = {"job": "exam", "run_id": scheduler.client, "task": "t", "max_attempts": 1}
    data = body.write({"params": {"value": "x" * 2_000_000}, "shared": {}, "run": run})
    digest = sha256(data).hexdigest()
    scheduler.redis.set(scheduler.keys.blob(digest), data, px=60_000)

    result = scheduler.run("exam.echo", ref=f"blob:{digest}")
    gone = scheduler.run("exam.echo", ref=f"blob:{'0' * 64}")

    assert result.status == "ok", result
    assert len(result.value) == 2_000_000
    assert result.message.ref, "a result of two million bytes stood in the entry"
    assert gone.status == "rejected", gone


def test_a_result_may_be_too_large(scheduler: Scheduler) -> None:
    """A result that cannot be sent is a failure that names the size, and the worker lives. CF-81"""
    result = scheduler.run("exam.big", {"bytes": 65 * 1024 * 1024})

    assert (result.status, result.error["code"]) == ("failed", "result_too_large"), result
    assert scheduler.run("exam.echo", {"value": 1}).status == "ok"


# What is refused.


@pytest.mark.parametrize(
    ("handler", "params"),
    [
        ("exam.sleep", {"seconds": "many"}),
        ("exam.sleep", {}),
        ("exam.big", {"bytes": 1.5}),
        ("exam.log", {"lines": [], "width": 1}),
    ],
)
def test_parameters_are_checked_before_a_handler_runs(scheduler: Scheduler, handler: str, params: Any) -> None:
    """A payload that does not fit gives an error answer, never silence. CF-81"""
    result = scheduler.run(handler, params)

    assert (result.status, result.error["code"]) == ("rejected", "bad_params"), result
    assert result.error["retryable"] is False


def test_a_handler_that_nobody_serves_is_told_of(scheduler: Scheduler) -> None:
    """The attempt is rejected by the worker, with the name."""
    result = scheduler.run("exam.nothing")

    assert (result.status, result.error["code"]) == ("rejected", "no_handler"), result
    assert "exam.nothing" in result.error["message"]


def test_an_unknown_version_is_answered(scheduler: Scheduler) -> None:
    """A message of a later major version is not guessed at. R-16"""
    task = scheduler.task("exam.echo", {"value": 1})
    scheduler.put(task.id, {**task.fields(), b"v": b"2"})

    result = scheduler.result(task.id)

    assert (result.status, result.error["code"]) == ("rejected", "unsupported_version"), result


def test_fields_of_a_later_version_are_passed_over(scheduler: Scheduler) -> None:
    """A client of a later minor version is served. R-16"""
    task = scheduler.task("exam.echo", {"value": 1})
    scheduler.put(task.id, {**task.fields(), b"later": b"?", b"prio": b"9"})

    assert scheduler.result(task.id).value == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"{not json", b"[1, 2]", b'{"params": {"value": NaN}}', b'{"params": [1]}', b"\xff\xfe", b"x" * 64_000_000],
    ids=lambda data: repr(data[:20]),
)
def test_a_body_that_cannot_be_read_is_answered(scheduler: Scheduler, data: bytes) -> None:
    """Undecodable payloads are not dropped without an answer. R-05, X-CF-03, CF-81"""
    result = scheduler.run("exam.echo", body=data)

    assert result.status == "rejected", result
    assert scheduler.run("exam.echo", {"value": 1}).status == "ok"


@pytest.mark.parametrize(
    "fields",
    [
        written(("nonsense", "1")),
        written(("v", "1"), ("h", "exam.echo"), ("b", "{}")),
        written(("v", "1"), ("id", "a b\n"), ("c", "nobody"), ("h", "exam.echo"), ("a", "1"), ("b", "{}")),
        written(("v", "1"), ("id", b"\xff"), ("c", b"\xff"), ("h", b"\xff"), ("a", b"\xff"), ("b", b"\xff")),
        written(("v", "2"), ("what", "nobody knows")),
    ],
    ids=["nonsense", "nobody's", "bad id", "no text", "version 2"],
)
def test_a_message_that_cannot_be_answered_is_a_dead_letter(scheduler: Scheduler, fields: Any) -> None:
    """It is kept for people, once, and no worker is bothered with it again. R-05, X-CF-03"""
    before = scheduler.redis.xlen(scheduler.keys.dead)

    entry = scheduler.forge(fields)

    eventually(lambda: scheduler.redis.xlen(scheduler.keys.dead) == before + 1)
    _id, letter = scheduler.redis.xrevrange(scheduler.keys.dead, count=1)[0]
    assert letter[b"entry"] == entry.encode()
    assert letter[b"reason"]
    assert fields.items() <= letter.items()
    assert scheduler.pending() == 0
    assert scheduler.run("exam.echo", {"value": 1}).status == "ok"


def test_an_attempt_that_is_late_is_not_begun(scheduler: Scheduler, tmp_path: Path) -> None:
    """After its deadline nobody waits for it."""
    late = (time.time_ns() // 1_000_000) - 1000

    result = scheduler.run("exam.sleep", {"seconds": 0, "mark": str(tmp_path / "marks")}, deadline_ms=late)

    assert result.status == "expired", result
    assert not marks(tmp_path / "marks")


@pytest.mark.parametrize("kinds", [PYTHON, GO])
def test_attempts_of_a_client_that_is_gone_are_not_begun(make_fleet: MakeFleet, kinds: str, tmp_path: Path) -> None:
    """A runner that was killed leaves no work behind that is begun much later."""
    fleet, path = make_fleet(kinds), tmp_path / "marks"
    gone = Scheduler(fleet.redis, fleet.keys)
    fleet.redis.delete(fleet.keys.client(gone.client))
    task = gone.task("exam.sleep", {"seconds": 0, "mark": str(path)})
    long_ago = f"{time.time_ns() // 1_000_000 - 60_000}-0"
    fleet.redis.xadd(fleet.keys.tasks, task.fields(), id=long_ago)

    fleet.start()

    assert gone.result(task.id).status == "expired"
    assert not marks(path)


# How an attempt ends.


def test_a_failure_has_its_message(scheduler: Scheduler) -> None:
    """Remote errors are failures with their message; another attempt may help. CF-46"""
    result = scheduler.run("exam.fail", {"message": "bad row 7 – Größe"})

    assert (result.status, result.error["code"]) == ("failed", "exception"), result
    assert "bad row 7 – Größe" in result.error["message"]
    assert result.error["retryable"] is True


def test_a_failure_may_be_final(scheduler: Scheduler) -> None:
    """A handler can say that another attempt would fail, too."""
    result = scheduler.run("exam.fail", {"message": "no such table", "permanent": True})

    assert (result.status, result.error["retryable"]) == ("failed", False), result


def test_a_handler_that_takes_too_long_is_stopped(scheduler: Scheduler, tmp_path: Path) -> None:
    """The worker counts the time from the start, and the handler may clean up."""
    path = tmp_path / "marks"

    result = scheduler.run("exam.sleep", {"seconds": 600, "mark": str(path)}, timeout_ms=1000)

    assert result.status == "timeout", result
    assert [line[0] for line in marks(path)] == ["start", "cancelled"]


def test_a_queued_attempt_is_called_back_before_it_begins(scheduler: Scheduler, at_work: Fleet, tmp_path: Path) -> None:
    """The result is there at once, and nothing was begun."""
    path = tmp_path / "marks"
    busy = [scheduler.submit("exam.sleep", {"seconds": 600, "mark": str(path)}) for _ in range(4)]
    eventually(lambda: len(marks(path)) == 4)
    queued = scheduler.submit("exam.sleep", {"seconds": 0, "mark": str(path)})

    assert scheduler.cancel(queued) == "removed"
    assert scheduler.result(queued).status == "cancelled"
    assert [scheduler.cancel(one) for one in busy] == ["signalled"] * 4
    assert {scheduler.result(one).status for one in busy} == {"cancelled"}
    assert not [line for line in marks(path) if line[1] == queued]
    assert sorted(line[1] for line in of(path, "cancelled")) == sorted(busy)
    assert scheduler.cancel(queued) == "gone"


def test_an_attempt_that_takes_no_notice_is_killed_after_the_grace(scheduler: Scheduler, tmp_path: Path) -> None:
    """Cancelling has an end, whatever the handler does."""
    path = tmp_path / "marks"
    blocked = scheduler.submit("exam.block", {"seconds": 20, "mark": str(path)})
    eventually(lambda: marks(path))

    assert scheduler.cancel(blocked, grace_ms=200) == "signalled"

    assert scheduler.result(blocked).status == "cancelled"
    assert not list(of(path, "end"))


def test_an_attempt_that_ends_in_its_grace_tells_what_came_of_it(
    scheduler: Scheduler, at_work: Fleet, tmp_path: Path
) -> None:
    """Completed is completed, although somebody wanted to call it back; in Python who was asked to end has ended."""
    path = tmp_path / "marks"
    blocked = scheduler.submit("exam.block", {"seconds": 0.5, "mark": str(path)})
    eventually(lambda: marks(path))

    assert scheduler.cancel(blocked) == "signalled"

    result = scheduler.result(blocked)
    assert result.status == ("cancelled" if at_work.kinds == (PYTHON,) else "ok"), result
    assert list(of(path, "end"))


def test_a_hard_cancel_does_not_wait(scheduler: Scheduler, tmp_path: Path) -> None:
    """It ends at once what is not asked."""
    path = tmp_path / "marks"
    blocked = scheduler.submit("exam.block", {"seconds": 20, "mark": str(path)})
    eventually(lambda: marks(path))

    assert scheduler.cancel(blocked, hard=True, grace_ms=0) == "signalled"

    assert scheduler.result(blocked).status == "cancelled"
    assert not list(of(path, "end"))


def test_no_answer_waits_for_another(scheduler: Scheduler) -> None:
    """Ten attempts, the first of which ends last: the other nine are there before. CF-46, X-CF-04"""
    slow = scheduler.submit("exam.sleep", {"seconds": 600})
    others = [scheduler.submit("exam.echo", {"value": number}) for number in range(9)]

    scheduler.wait_for(others)

    assert [scheduler.results[one][0].value for one in others] == list(range(9))
    assert slow not in scheduler.results
    scheduler.cancel(slow)
    assert scheduler.result(slow).status == "cancelled"


# What it says on its way.


def test_lines_come_in_order_and_before_the_result_is_complete(scheduler: Scheduler) -> None:
    """Every line is there once, numbered, and the result names the last of them."""
    result = scheduler.run("exam.log", {"lines": 2000, "width": 40})
    scheduler.read_log_of(result)

    lines = scheduler.lines(result.message.id)
    assert lines == [f"{number} ".ljust(40, "x") for number in range(1, 2001)]
    batches = [message for message in scheduler.logs if message.id == result.message.id]
    assert [batch.first_line for batch in batches] == [
        1 + sum(len(earlier.lines) for earlier in batches[:index]) for index in range(len(batches))
    ]
    assert {batch.stream for batch in batches} == {"stdout"}
    assert max(len(batch.lines) for batch in batches) <= 256


def test_a_long_line_is_cut(scheduler: Scheduler) -> None:
    """A line has at most 32 KiB."""
    result = scheduler.run("exam.log", {"lines": 1, "width": 100_000})
    scheduler.read_log_of(result)

    (line,) = scheduler.lines(result.message.id)
    assert line.startswith("1 xxx")
    assert 30_000 < len(line.encode()) <= 32 * 1024 + 16  # a sign that something was left out


def test_who_writes_too_much_is_silenced(scheduler: Scheduler) -> None:
    """After 10 MiB one line says so, and the attempt goes on."""
    result = scheduler.run("exam.log", {"lines": 800, "width": 16_000})
    scheduler.read_log_of(result)

    lines = scheduler.lines(result.message.id)
    assert result.status == "ok", result
    assert "truncated" in lines[-1]
    assert sum(map(len, lines)) <= 10 * 1024 * 1024 + 16_000
    assert [int(line.split()[0]) for line in lines[:-1]] == list(range(1, len(lines)))
    assert len(lines) > 600


def test_a_start_is_told_with_the_number_of_the_delivery(scheduler: Scheduler) -> None:
    """A client knows which worker has an attempt. Of one that ends at once the result alone says so."""
    result = scheduler.run("exam.sleep", {"seconds": 0.2})
    scheduler.look()

    (started,) = [it for it in scheduler.started if it.id == result.message.id]
    assert (started.attempt, started.delivery) == (1, 1)
    assert started.worker == result.worker


def test_a_worker_tells_who_it_is_and_what_it_offers(scheduler: Scheduler, at_work: Fleet) -> None:
    """Every handler is announced with the schema of its parameters. CF-79"""
    from flowrun.frq.fleet import Worker

    ((name, _at),) = at_work.redis.zrange(at_work.keys.workers, 0, -1, withscores=True)
    worker = Worker.from_fields(name.decode(), at_work.redis.hgetall(at_work.keys.worker(name.decode())))

    assert (worker.slots, worker.lang, worker.pid) == (4, at_work.kinds[0], at_work.workers[0].pid)
    assert worker.protocol.startswith("frq/1.")
    exam = {"exam.echo", "exam.sleep", "exam.block", "exam.fail", "exam.crash", "exam.log", "exam.big"}
    assert exam <= set(worker.handlers)
    schema = worker.handlers["exam.sleep"]
    assert schema is not None
    assert {"seconds", "mark"} == set(schema["properties"])
    assert schema["required"] == ["seconds"]


# What is left of it.


def test_nothing_is_left_of_what_has_ended(at_work: Fleet) -> None:
    """After 500 attempts the keys that stay do not grow with their number, but for marks that end by themselves."""
    scheduler = Scheduler(at_work.redis, at_work.keys)
    ids = [scheduler.submit("exam.echo", {"value": number}) for number in range(500)]
    scheduler.wait_for(ids)

    keys = at_work.keys
    there = {key.decode().removeprefix(f"{keys.base}:") for key in at_work.redis.scan_iter(f"{keys.base}:*")}
    per_worker_or_client = {key for key in there if key.split(":")[0] in ("worker", "ev", "log", "client", "blob", "d")}
    assert there - per_worker_or_client <= {"tasks", "ctl", "cancel", "dead", "workers"}
    mine = {key for key in there if scheduler.client in key} - {f"d:{one}" for one in ids}
    assert mine <= {f"ev:{scheduler.client}", f"client:{scheduler.client}"}
    assert at_work.redis.xlen(keys.tasks) == 0
    assert scheduler.pending() == 0
    left = [at_work.redis.pttl(keys.submitted(one)) for one in ids]
    assert all(-2 <= ms <= 60_000 and ms != -1 for ms in left)
    assert not scheduler.duplicates


# Fleets.


def test_attempts_are_spread_over_languages(make_fleet: MakeFleet) -> None:
    """Workers in both languages serve one queue, and nobody can tell from the results."""
    fleet = make_fleet("mixed")
    fleet.start(2, slots=2)
    scheduler = Scheduler(fleet.redis, fleet.keys)

    ids = [scheduler.submit("exam.sleep", {"seconds": 0.05}) for _ in range(40)]
    scheduler.wait_for(ids)

    results = [scheduler.results[one][0] for one in ids]
    assert {(result.status, result.value) for result in results} == {("ok", 0.05)}
    assert len({result.worker for result in results}) == 2
    assert not scheduler.duplicates


@pytest.mark.parametrize("kinds", [PYTHON, GO])
def test_at_most_as_many_at_once_as_there_are_slots(make_fleet: MakeFleet, kinds: str, tmp_path: Path) -> None:
    """N items are processed at most C at a time. CF-79"""
    fleet, path = make_fleet(kinds), tmp_path / "marks"
    fleet.start(slots=2)
    scheduler = Scheduler(fleet.redis, fleet.keys)

    ids = [scheduler.submit("exam.sleep", {"seconds": 0.02, "mark": str(path)}) for _ in range(30)]
    scheduler.wait_for(ids)

    running = most = 0
    for what, *_rest in marks(path):
        running += 1 if what == "start" else -1
        most = max(most, running)
    assert most == 2


@pytest.mark.parametrize("kinds", [PYTHON, GO])
def test_only_signed_attempts_are_accepted_by_who_has_a_key(make_fleet: MakeFleet, kinds: str, tmp_path: Path) -> None:
    """Who can write to the queue, but has no key, cannot have anything done."""
    key_file = tmp_path / "keys"
    key_file.write_text("the first secret of the exam\nthe second secret of the exam\n")
    fleet, path = make_fleet(kinds), tmp_path / "marks"
    fleet.start(hmac_key_file=key_file)
    params = {"seconds": 0, "mark": str(path)}

    with_first = Scheduler(fleet.redis, fleet.keys, signing=SigningKeys([b"the first secret of the exam"]))
    with_second = Scheduler(fleet.redis, fleet.keys, signing=SigningKeys([b"the second secret of the exam"]))
    with_other = Scheduler(fleet.redis, fleet.keys, signing=SigningKeys([b"somebody else's secret, as long"]))
    with_none = Scheduler(fleet.redis, fleet.keys)
    forged = with_first.task("exam.sleep", params)
    with_first.put(forged.id, {**forged.fields(), b"h": b"exam.echo"})

    refused = [with_none.run("exam.sleep", params), with_other.run("exam.sleep", params), with_first.result(forged.id)]
    assert {(it.status, it.error["code"]) for it in refused} == {("rejected", "bad_signature")}, refused
    assert not marks(path)
    assert with_first.run("exam.sleep", params).status == "ok"
    assert with_second.run("exam.sleep", params).status == "ok"


@pytest.mark.parametrize("kinds", [PYTHON, GO])
def test_a_worker_that_is_told_to_end_finishes_what_it_has(make_fleet: MakeFleet, kinds: str, tmp_path: Path) -> None:
    """It takes nothing more, ends well, and leaves the queue to others. X-CF-03"""
    fleet, path = make_fleet(kinds), tmp_path / "marks"
    worker = fleet.one(slots=2, grace="20s")
    scheduler = Scheduler(fleet.redis, fleet.keys)
    ids = [scheduler.submit("exam.sleep", {"seconds": 1, "mark": str(path)}) for _ in range(4)]
    eventually(lambda: len(marks(path)) == 2)

    worker.terminate()

    assert worker.wait() == 0, fleet.said()
    scheduler.look()
    assert [scheduler.results[one][0].status for one in ids if one in scheduler.results] == ["ok", "ok"]
    assert scheduler.redis.xlen(scheduler.keys.tasks) == 2
    assert scheduler.pending() == 0
    assert scheduler.redis.xinfo_consumers(scheduler.keys.tasks, "workers") == []
    assert scheduler.redis.zcard(scheduler.keys.workers) == 0


@pytest.mark.parametrize("kinds", [PYTHON, GO])
def test_a_worker_whose_grace_is_over_gives_back_what_it_has(make_fleet: MakeFleet, kinds: str, tmp_path: Path) -> None:
    """Another worker has it as soon as it can, and the delivery does not count."""
    fleet, path = make_fleet(kinds), tmp_path / "marks"
    fleet.start(2, slots=1, grace="0.2s", lease="30s")
    scheduler = Scheduler(fleet.redis, fleet.keys)
    params = {"seconds": 1, "mark": str(path)}
    ids = [scheduler.submit("exam.sleep", params, max_deliveries=1) for _ in range(2)]
    eventually(lambda: len(marks(path)) == 2)
    begin = time.monotonic()

    fleet.workers[0].terminate()
    assert fleet.workers[0].wait() == 0, fleet.said()

    scheduler.wait_for(ids)
    assert time.monotonic() - begin < 25, "it waited for the lease"
    assert [(scheduler.results[one][0].status, scheduler.results[one][0].delivery) for one in ids] == [("ok", 1)] * 2
    assert len({scheduler.results[one][0].worker for one in ids}) == 1
    assert (len(list(of(path, "start"))), len(list(of(path, "end")))) == (3, 2)
    assert not scheduler.duplicates
