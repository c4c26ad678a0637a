"""Flow: W7, a chain that hands a megabyte on, and a task for each of very many items."""

from __future__ import annotations

from ..command import Command
from ..contest import Claim, Contest, Part, floor, repeated, slope
from ..jobfile import JobFile
from ..project import Project
from ..workload import chain, independent
from ..workspace import Workspace

_FLOWING = {"extension_directories": "[./flowing]"}
_HOPS = 200
_SIZE = 1 << 20
_ITEMS = 100_000


def handing_on(workspace: Workspace) -> Contest:
    """W7 with processes: a chain of 200, in which each returns the megabyte that it is given."""
    project = workspace.project
    kept = project.directory / "kept"
    kept.mkdir(exist_ok=True)
    return Contest(
        parts=[
            _hop(project, "flowrun", "HandOn"),
            _hop(project, "text", "HandTextOn"),
            floor("pipes", project.pipe_chain(_HOPS, _SIZE), _HOPS),
            floor("pipes and files", project.pipe_chain(_HOPS, _SIZE, kept), _HOPS),
        ],
        claims=[
            Claim("W7 processes, a hop with 1 MB, against pipes", "flowrun", "pipes", at_most=2.0),
            Claim("W7 the same, against pipes that keep it on the disk", "flowrun", "pipes and files"),
            Claim("W7 the same with text, against pipes", "text", "pipes"),
        ],
    )


def handing_on_here(workspace: Workspace) -> Contest:
    """W7 with coroutines: what is handed on is the value itself."""
    project = workspace.project
    return Contest(
        parts=[
            repeated(2, _hop(project, "1 MB", "HandOnAsync")),
            repeated(
                2,
                slope(
                    "nothing",
                    project.run(JobFile("w7-nothing", chain(_HOPS), ("task: EmptyAsync",))),
                    workspace.one_async_task,
                    _HOPS,
                ),
            ),
        ],
        claims=[Claim("W7 async, a hop with 1 MB, against one with nothing", "1 MB", "nothing")],
    )


def items(workspace: Workspace) -> Contest:
    """`foreach` over 100,000 items, against W2 with coroutines."""
    project, one = workspace.project, workspace.one_async_task
    many = _for_each(project, _ITEMS)
    w2 = project.run(JobFile("w2-async", independent(1000), ("task: EmptyAsync",)))
    return Contest(
        parts=[
            slope("an item", many, _for_each(project, 1), _ITEMS),
            repeated(3, slope("a task of W2", w2, one, 1000)),
            lambda: {"memory": many.peak_bytes() - one.peak_bytes()},
        ],
        claims=[
            Claim("foreach over 100,000, an item, against W2 async", "an item", "a task of W2", at_most=1.5),
            Claim("foreach over 100,000, peak memory above one task", "memory", at_most=100.0 * (1 << 20), unit="B"),
        ],
    )


def _hop(project: Project, name: str, task: str) -> Part:
    keys = (f"task: {task}", "parameters: {value: '${{ tasks.{before}.result }}'}")
    many, one = (JobFile(f"w7-{task}-{count}", chain(count), keys, _FLOWING) for count in (_HOPS, 1))
    return slope(name, project.run(many), project.run(one), _HOPS)


def _for_each(project: Project, count: int) -> Command:
    path = project.directory / f"items-{count}.jsonl"
    path.write_text("".join(f"{number}\n" for number in range(count)))
    keys = ("task: EmptyItem", f"foreach: {{file: {path.name}}}", "parameters: {item: '${{ item }}'}")
    return project.run(JobFile(f"foreach-{count}", independent(1), keys, _FLOWING))
