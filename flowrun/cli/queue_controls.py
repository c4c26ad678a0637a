"""flowrun queue drain, pause and resume: what is said to the workers of a queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import UsageError
from .output import Output
from .redis_options import ask_redis, redis_options
from .seconds_type import SECONDS

if TYPE_CHECKING:
    from ..frq.keys import Keys
    from ..frq.pipeline import Pipeline

F = TypeVar("F", bound=Callable[..., Any])

_ALL = "*"


def _which(command: F) -> F:
    text = "Only this worker, as `flowrun workers` names it; else all of the queue."
    return click.option("--worker", metavar="NAME", default=_ALL, help=text)(command)


@click.command("pause")
@redis_options
@_which
@click.pass_obj
def pause(output: Output, /, **given: Any) -> int:
    """Have workers that are alive take nothing for the time being. What is under way goes on."""
    return _tell("pause", output, given)


@click.command("resume")
@redis_options
@_which
@click.pass_obj
def resume(output: Output, /, **given: Any) -> int:
    """Have paused workers take attempts again."""
    return _tell("resume", output, given)


@click.command("drain")
@redis_options
@_which
@click.option("--grace", type=SECONDS, default="25s", show_default=True, help="How long attempts may still go on.")
@click.pass_obj
def drain(output: Output, /, grace: float, **given: Any) -> int:
    """Have workers end: they take nothing more, and give back what has not ended in time."""
    return _tell("drain", output, given, int(grace * 1000))


def _tell(kind: str, output: Output, given: dict[str, Any], grace_ms: int = 0) -> int:
    async def ask(pipeline: Pipeline, keys: Keys) -> list[str]:
        from ..frq.control_message import ControlMessage
        from ..frq.fleet import fleet
        from ..frq.operator import Operator

        alive = [worker.name for worker in await fleet(pipeline, keys)]
        chosen = alive if given["worker"] == _ALL else [name for name in alive if name == given["worker"]]
        if chosen:
            message = ControlMessage(kind, worker=given["worker"], grace_ms=grace_ms)
            await Operator(pipeline, keys).tell(message)
            return chosen
        raise UsageError(f"there is nobody to be told; workers of {keys.queue}: {', '.join(alive) or 'none'}")

    for name in ask_redis(given, ask):
        output.say(f"told to {kind}: {name}")
    return 0
