"""Jobs of a few tasks, as the engine is given them, and what their events say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowrun.checkpointer.nothing import NoCheckpointer
from flowrun.engine.announcer import Announcer
from flowrun.engine.graph import Graph
from flowrun.engine.job import Job
from flowrun.engine.plan import Plan
from flowrun.engine.running import Running
from flowrun.eventbus import EventBus
from flowrun.eventbus.event import SerializableEvent
from flowrun.jobdefinition.model import ConfigurationDefinition
from flowrun.jobdefinition.task_definition import TaskDefinition
from flowrun.shared_values import SharedValues


def job_of(root: Path, tasks: Mapping[str, Mapping[str, Any]], **more: Any) -> Job:
    """A job of flat tasks that nobody keeps, if nothing else is said."""
    definitions = {name: TaskDefinition.model_validate({"task": "Any", **keys}) for name, keys in tasks.items()}
    return Job(
        config=ConfigurationDefinition(name="job"),
        root=root,
        run_id="12ab",
        tasks=definitions,
        graph=Graph({name: one.depends_on for name, one in definitions.items()}),
        **{
            "executors": {},
            "executor_of": {},
            "loggers": {},
            "extensions": {},
            "checkpointer": NoCheckpointer(),
            "shared": SharedValues(),
            **more,
        },
    )


class Heard:
    """A plan, with all that is told to the world of it."""

    def __init__(self, plan: Plan) -> None:
        bus = EventBus()
        self.events: list[Any] = []
        bus.subscribe(SerializableEvent, self.events.append)
        self.announcer = Announcer(bus, plan, "job", singly=True, together=False)
        self.running = Running(bus, 8.0, lambda _name, _outcome: None, marks_silent=False)
