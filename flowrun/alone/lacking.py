"""What a task that is performed alone would need and does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from ..app import OpenJob
from ..bundled import bundled_class
from ..errors import UsageError
from ..jobdefinition.task_definition import TaskDefinition


def refuse_unknown(job: OpenJob, name: str) -> None:
    """Raise UsageError if the job has no task of this name, or it is a group."""
    found = job.definition.tasks.get(name)
    if found is None:
        raise UsageError(f"no task is named {name!r} in job {job.name!r}{did_you_mean(name, job.definition.tasks)}")
    if found.is_group:
        raise UsageError(f"{name!r} is a group; name one of its tasks")


def refuse_without_class(job: OpenJob, task: str, *, executor: str, debugs: bool) -> None:
    """Raise UsageError if the task has no class here, and what is asked for needs one."""
    if task in job.checked.tasks:
        return
    own = job.checked.executor_of[task]
    why = f"task {task!r} has no class here: only workers of its executor {own!r} know it"
    if debugs:
        raise UsageError(f"{why}, where the debugger has no terminal; leave out --pdb")
    if executor and _needs_class(job, executor):
        raise UsageError(f"{why}, so {executor!r} cannot perform it; leave out --executor")


def refuse_foreign_inputs(job: OpenJob, task: str, inputs: Iterable[str]) -> None:
    """Raise UsageError for what is no parameter of the task. Of one without a class here, its workers know them."""
    variant = job.checked.tasks.get(task)
    if variant is None:
        return
    known = [field.alias or name for name, field in variant.model_fields.items()]
    unknown = sorted(set(inputs) - set(known))
    if unknown and variant.model_config.get("extra") != "allow":
        raise UsageError(f"task {task!r} has no parameter {', '.join(unknown)}; it has: {', '.join(known) or 'none'}")


def refuse_lacking(job: OpenJob, task: str, definition: TaskDefinition, completed: Collection[str], run: str) -> None:
    """Raise UsageError if an expression names the result of a task that did not complete in the run."""
    for where, name in _needed(job, task, definition):
        if name in completed:
            continue
        why = f"did not complete in run {run}" if run else "is not performed"
        way = f"give it with `--input {where}=VALUE`" if where in definition.parameters else "it cannot be given"
        more = "" if run else ", or take it from a run with `--run @last`"
        raise UsageError(f"task {task!r} needs the result of {name!r} for {where!r}, and {name!r} {why}: {way}{more}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message about a name that nobody has."""
    near = get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _needs_class(job: OpenJob, executor: str) -> bool:
    found = job.checked.executors.get(executor) or bundled_class("executor", executor)
    return found is None or found.needs_class


def _needed(job: OpenJob, task: str, definition: TaskDefinition) -> Iterator[tuple[str, str]]:
    """The tasks whose results its expressions name, each with the place of the expression."""
    from ..expressions.of_task import expressions_of

    found = expressions_of(definition)
    if found is None:
        return
    places = {**found.parameters, **found.env, **({} if found.items is None else {"items": found.items})}
    for where, template in places.items():
        for reference in template.references:
            if reference.attribute == "result" and not reference.may_lack:
                yield where, job.loaded.flat.resolve(task, reference.task) or reference.task
