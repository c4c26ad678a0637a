"""Send nothing through Redis Streams to another process and back, one after the other: URL COUNT."""

import os
import statistics
import sys
import time

import redis


def serve(server: redis.Redis) -> None:
    """Answer every entry."""
    while True:
        for _stream, entries in server.xreadgroup("workers", "one", {"floor:tasks": ">"}, count=64, block=2000):
            for entry, _fields in entries:
                server.xadd("floor:answers", {"of": entry})
                server.xack("floor:tasks", "workers", entry)


def main(url: str, count: int) -> None:
    """The median time from the question to the answer."""
    server = redis.Redis.from_url(url)
    server.delete("floor:tasks", "floor:answers")
    server.xgroup_create("floor:tasks", "workers", mkstream=True)
    worker = os.fork()
    if worker == 0:
        serve(redis.Redis.from_url(url))
    seconds, last = [], b"0-0"
    for _ in range(count + 1):
        begin = time.perf_counter()
        server.xadd("floor:tasks", {"nothing": ""})
        ((_stream, ((last, _fields),)),) = server.xread({"floor:answers": last}, block=10_000)
        seconds.append(time.perf_counter() - begin)
    os.kill(worker, 9)
    os.wait()
    print(statistics.median(seconds[1:]))


main(sys.argv[1], int(sys.argv[2]))
