"""Stopwatch for programs of peers: copied beside each of them, because none has flowrun."""

import atexit
import json
import os
import signal
import statistics
import subprocess
import time

COUNT = int(os.environ.get("COUNT", "2000"))
HOPS = int(os.environ.get("HOPS", "200"))
URL = os.environ["REDIS_URL"]


def worker(*argv):
    """Start a worker; it ends with this program, with its children."""
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    atexit.register(os.killpg, process.pid, signal.SIGKILL)


def hop(once):
    """The median time of one task after the other, from its submission to its result."""
    once()
    seconds = []
    for _ in range(HOPS):
        begin = time.perf_counter()
        once()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def each(all_of_them, count=COUNT):
    """Seconds for each of many tasks, from the first submission to the last result."""
    begin = time.perf_counter()
    all_of_them(count)
    return (time.perf_counter() - begin) / count


def tell(**figures):
    """Say what was found."""
    print(json.dumps({name.replace("_", " "): value for name, value in figures.items()}))
