"""Submit empty functions to a pool of threads and wait for them: COUNT."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor


def nothing() -> None:
    """The task."""


def main(count: int) -> None:
    """Submit and wait."""
    with ThreadPoolExecutor() as pool:
        begin = time.perf_counter()
        for future in [pool.submit(nothing) for _ in range(count)]:
            future.result()
        print(time.perf_counter() - begin)


main(int(sys.argv[1]))
