"""A queue of a test's own."""

from __future__ import annotations

from redis import Redis

from flowrun.frq.keys import Keys

from .conformance.frq.scheduler import Scheduler
from .project import Project
from .redis_server import RedisServer


class RedisQueue:
    """A queue that the commands of a project use by themselves, and what hands attempts to its workers."""

    def __init__(self, project: Project, server: RedisServer, queue: str) -> None:
        self.project = project
        self.keys = Keys(queue=queue)
        self.redis: Redis = server.client(decode_responses=False)
        self.scheduler = Scheduler(self.redis, self.keys)
        project.environment |= {"FLOWRUN_REDIS_URL": server.url, "FLOWRUN_QUEUE": queue}
