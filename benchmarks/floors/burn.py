"""Use the processors from forked children: COUNT SECONDS AT_ONCE."""

import os
import sys
import time


def main(count: int, seconds: float, at_once: int) -> None:
    """Fork and reap."""
    begin = time.perf_counter()
    for number in range(count):
        if number >= at_once:
            os.waitpid(-1, 0)
        if os.fork() == 0:
            end = time.process_time() + seconds
            while time.process_time() < end:
                sum(range(1000))
            os._exit(0)
    for _ in range(min(count, at_once)):
        os.waitpid(-1, 0)
    print(time.perf_counter() - begin)


main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
