"""The contests by name, in the order of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..contest import Contest
from ..remote import contests as remote
from ..remote import executors
from ..workspace import Workspace
from . import (
    busy,
    definition,
    flow,
    history,
    in_python,
    output,
    page,
    processes,
    residents,
    server,
    start_up,
    state,
    stops,
)

CONTESTS: Mapping[str, Callable[[Workspace], Contest]] = {
    "w1": start_up.one_task,
    "commands": start_up.commands,
    "w2": processes.two_at_a_time,
    "w3": processes.one_after_the_other,
    "w4": processes.with_layers,
    "w2-thread": residents.threads,
    "w2-async": residents.coroutines,
    "w4-async": residents.with_layers,
    "job": in_python.ten_awaits,
    "w2-job": in_python.independent_tasks,
    "w4-job": in_python.with_layers,
    "platforms": in_python.beside_platforms,
    "w5": busy.sleepers,
    "w6": busy.counters,
    "w7": flow.handing_on,
    "w7-async": flow.handing_on_here,
    "foreach": flow.items,
    "many": residents.very_many,
    "validate": definition.validate,
    "references": definition.references,
    "lines": output.lines,
    "journal": state.journal,
    "recorded": state.recorded,
    "restart": state.restart,
    "history": history.cost,
    "past": history.reading,
    "past-served": server.lists,
    "viewers": server.viewers,
    "page": page.page,
    "stop": stops.stops,
    "remote": remote.queues,
    "remote-faults": remote.faults,
    "remote-dask": remote.dask,
    "executors": executors.executors,
}
"""A contest is made when it is asked for, and measured when it is played."""
