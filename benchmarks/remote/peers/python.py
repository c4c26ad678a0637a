"""Queues in Python: each with its own worker program, two processes or as many threads as it likes by default."""

from __future__ import annotations

import shutil
from pathlib import Path

from ...peers.installed import python_with
from ..program import Program

_STOPWATCH = Path(__file__).parents[1] / "stopwatch.py"

_CELERY = """
import sys

from celery import Celery
from celery.result import ResultSet

from stopwatch import URL, each, hop, tell, worker

app = Celery("program", broker=URL, backend=URL)


@app.task
def nothing():
    return None


def many(count):
    ResultSet([nothing.delay() for _ in range(count)]).join_native()


if __name__ == "__main__":
    worker(sys.executable, "-m", "celery", "-A", "program", "worker", "--pool", "prefork", "--concurrency", "2")
    tell(hop=hop(lambda: nothing.delay().get(interval=0.001)), one_by_one=each(many))
"""

_RQ = """
import sys

from redis import Redis
from rq import Queue

from stopwatch import COUNT, URL, each, hop, tell, worker


def wait(job):
    assert job.latest_result(timeout=60) is not None


def many(count):
    for job in [queue.enqueue("builtins.id", 1) for _ in range(count)]:
        wait(job)


if __name__ == "__main__":
    queue = Queue(connection=Redis.from_url(URL))
    for _ in range(2):
        worker(sys.executable, "-m", "rq.cli", "worker", "--url", URL)
    tell(hop=hop(lambda: wait(queue.enqueue("builtins.id", 1))), one_by_one=each(many, COUNT // 10))
"""

_DRAMATIQ = """
import sys

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend

from stopwatch import URL, each, hop, tell, worker

broker = RedisBroker(url=URL)
broker.add_middleware(Results(backend=RedisBackend(url=URL)))
dramatiq.set_broker(broker)


@dramatiq.actor(store_results=True)
def nothing():
    return 1


def many(count):
    for message in [nothing.send() for _ in range(count)]:
        message.get_result(block=True, timeout=60_000)


if __name__ == "__main__":
    worker(sys.executable, "-m", "dramatiq", "program", "--processes", "2")
    tell(hop=hop(lambda: nothing.send().get_result(block=True, timeout=60_000)), one_by_one=each(many))
"""

_HUEY = """
import sys

from huey import RedisHuey

from stopwatch import URL, each, hop, tell, worker

huey = RedisHuey("program", url=URL, notify_result=True)


@huey.task()
def nothing():
    return 1


def many(count):
    for result in [program.nothing() for _ in range(count)]:
        result.get(blocking=True, timeout=60)


if __name__ == "__main__":
    import program  # a task is known by its module

    worker(sys.executable, "-m", "huey.bin.huey_consumer", "program.huey", "-w", "4", "-q")
    tell(hop=hop(lambda: program.nothing().get(blocking=True, timeout=60)), one_by_one=each(many))
"""

_REQUIREMENTS = {
    "Celery": ("celery[redis]==5.7.0", _CELERY),
    "RQ": ("rq==3.0.0", _RQ),
    "Dramatiq": ("dramatiq[redis]==2.2.1", _DRAMATIQ),
    "huey": ("huey[redis]==3.5.4", _HUEY),
}

NAMES = tuple(_REQUIREMENTS)


def program(directory: Path, name: str, url: str) -> Program:
    """What measures one of them."""
    requirement, text = _REQUIREMENTS[name]
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copy(_STOPWATCH, directory)
    (directory / "program.py").write_text(text)
    return Program(name, (python_with(requirement), "program.py"), directory, {"REDIS_URL": url})
