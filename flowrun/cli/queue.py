"""flowrun queue: shows what waits in a queue and its dead letters, and looks after them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from ..duration import duration
from ..errors import UsageError
from .local_time import local_time
from .output import Output
from .printable import harmless
from .queue_controls import drain, pause, resume
from .redis_options import ask_redis, redis_options

if TYPE_CHECKING:
    from ..frq.fleet import Worker
    from ..frq.keys import Keys
    from ..frq.operator import DeadLetter, Operator, QueueState
    from ..frq.pipeline import Pipeline

_WHY = {
    "max_deliveries": "every worker that had it was lost",
    "unreadable": "it cannot be read",
}


class Queue(click.Group):
    """The commands below `queue`; `show` needs not be said."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `show` in front of arguments that name no command."""
        is_showing = not args or (args[0].startswith("-") and args[0] not in ("-h", "--help"))
        return super().parse_args(ctx, ["show", *args] if is_showing else args)


@click.group("queue", cls=Queue)
def command() -> None:
    """Show what waits in a queue and its dead letters, and look after them. Without a command, it is shown."""


@command.command("show")
@redis_options
@click.option("--json", "is_json", is_flag=True, help="Write it as JSON.")
@click.pass_obj
def show(output: Output, /, is_json: bool, **given: Any) -> int:
    """Show how many attempts wait, are under way, and are dead letters."""

    async def ask(pipeline: Pipeline, keys: Keys) -> tuple[QueueState, list[Worker]]:
        from ..frq.fleet import fleet

        return await _operator(pipeline, keys).state(), await fleet(pipeline, keys)

    state, workers = ask_redis(given, ask)
    slots = sum(worker.slots for worker in workers)
    if is_json:
        output.result(json.dumps(_state_record(given["queue"], state, len(workers), slots), indent=2))
        return 0
    waits = f"   the first one for {duration(state.waiting_ms / 1000)}" if state.waiting else ""
    dead = "   `flowrun queue dead` shows them" if state.dead else ""
    lines = (
        f"queue {harmless(given['queue'])}",
        f"  waiting       {state.waiting:>6}{waits}",
        f"  under way     {state.under_way:>6}",
        f"  dead letters  {state.dead:>6}{dead}",
        f"  workers       {len(workers):>6}   {slots} slot{'s' * (slots != 1)}",
    )
    output.result("\n".join(lines))
    return 0


@command.command("dead")
@redis_options
@click.option("--json", "is_json", is_flag=True, help="Write the list as JSON.")
@click.pass_obj
def dead(output: Output, /, is_json: bool, **given: Any) -> int:
    """List the dead letters: attempts that no worker could perform, the oldest first."""
    letters = ask_redis(given, lambda pipeline, keys: _operator(pipeline, keys).dead_letters())
    if is_json:
        records = [_letter_record(letter) for letter in letters]
        output.result(json.dumps({"version": 1, "queue": given["queue"], "dead": records}, indent=2))
    elif letters:
        output.result("\n".join(map(_line, letters)))
    else:
        output.say(f"queue {harmless(given['queue'])} has no dead letters")
    return 0


@command.command("requeue")
@click.argument("letter", metavar="ID")
@redis_options
@click.pass_obj
def requeue(output: Output, /, letter: str, **given: Any) -> int:
    """Give a dead letter to the workers once more. ID is that of the attempt, or its place, as `dead` shows them."""

    async def ask(pipeline: Pipeline, keys: Keys) -> tuple[DeadLetter, bool]:
        operator = _operator(pipeline, keys)
        chosen = _chosen(await operator.dead_letters(), letter)
        return chosen, await operator.requeue(chosen)

    chosen, is_queued = ask_redis(given, ask)
    if not is_queued:
        raise UsageError(f"{chosen.id or chosen.entry} is in the queue already, or no dead letter any more")
    output.say(f"queued {_line(chosen)}")
    return 0


@command.command("drop")
@click.argument("letter", metavar="ID")
@redis_options
@click.pass_obj
def drop(output: Output, /, letter: str, **given: Any) -> int:
    """Forget a dead letter. ID is that of the attempt, or its place, as `dead` shows them."""

    async def ask(pipeline: Pipeline, keys: Keys) -> DeadLetter:
        operator = _operator(pipeline, keys)
        chosen = _chosen(await operator.dead_letters(), letter)
        await operator.drop(chosen)
        return chosen

    output.say(f"dropped {_line(ask_redis(given, ask))}")
    return 0


@command.command("purge")
@redis_options
@click.option("--waiting", "is_waiting", is_flag=True, help="Not the dead letters, but attempts that nobody has taken.")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def purge(output: Output, /, is_waiting: bool, dry_run: bool, yes: bool, **given: Any) -> int:
    """Forget all dead letters; with --waiting, cancel instead all attempts that no worker has taken."""

    def purge(*, is_dry: bool) -> int:
        return ask_redis(
            given, lambda pipeline, keys: _purged(_operator(pipeline, keys), is_waiting=is_waiting, is_dry=is_dry)
        )

    what, count = "waiting attempt" if is_waiting else "dead letter", purge(is_dry=True)
    if dry_run:
        output.say(f"would remove {_counted(count, what)}")
    elif count and not yes and output.can_ask and not output.ask(f"Remove {_counted(count, what)}?"):
        return 1
    else:
        output.say(f"removed {_counted(purge(is_dry=False), what)}")
    return 0


for _control in (drain, pause, resume):
    command.add_command(_control)


def _operator(pipeline: Pipeline, keys: Keys) -> Operator:
    from ..frq.operator import Operator

    return Operator(pipeline, keys)


async def _purged(operator: Operator, *, is_waiting: bool, is_dry: bool) -> int:
    """How many there were to remove."""
    if is_waiting:
        waiting = await operator.waiting()
        return len(waiting) if is_dry else sum([await operator.call_back(*one) for one in waiting])
    letters = await operator.dead_letters()
    return len(letters) if is_dry else await operator.drop(*letters)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _chosen(letters: Sequence[DeadLetter], named: str) -> DeadLetter:
    found = [letter for letter in letters if named in (letter.id, letter.entry)]
    if not found:
        raise UsageError(f"there is no dead letter {named!r}; `flowrun queue dead` lists them")
    if len(found) > 1:
        places = ", ".join(letter.entry for letter in found)
        raise UsageError(f"{len(found)} dead letters are of {named!r}; name one by its place: {places}")
    return found[0]


def _line(letter: DeadLetter) -> str:
    why = _WHY.get(letter.reason, letter.reason)
    name = harmless(letter.id or "no id", 200)
    return f"{letter.entry}   {name}   {harmless(letter.handler or '?', 100)}   {_when(letter)}   {harmless(why, 200)}"


def _when(letter: DeadLetter) -> str:
    return local_time(_moment(letter))


def _moment(letter: DeadLetter) -> str:
    return datetime.fromtimestamp(letter.at_ms / 1000, UTC).isoformat(timespec="seconds")


def _letter_record(letter: DeadLetter) -> dict[str, Any]:
    return {
        "entry": letter.entry,
        "id": letter.id,
        "task": letter.handler,
        "run": letter.client,
        "reason": letter.reason,
        "time": _moment(letter),
    }


def _state_record(queue: str, state: QueueState, workers: int, slots: int) -> dict[str, Any]:
    return {
        "version": 1,
        "queue": queue,
        "waiting": state.waiting,
        "waiting_seconds": state.waiting_ms / 1000,
        "under_way": state.under_way,
        "dead_letters": state.dead,
        "workers": workers,
        "slots": slots,
    }
