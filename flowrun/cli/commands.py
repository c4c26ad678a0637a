"""The table of commands. A command's module is imported when the command is chosen."""

from __future__ import annotations

import importlib
import os

import click

COMMANDS = {
    "run": "Run a job (this is what happens without a command).",
    "plan": "Show what `run` would do, and why.",
    "validate": "Check job files without running them.",
    "show": "Show the merged job definition.",
    "export": "Write a job, for example one in Python, as one job file.",
    "edit": "Open a job in your editor, or begin one.",
    "graph": "Draw the tasks and their dependencies.",
    "list": "List the classes that a job can name, and the jobs that have names.",
    "explain": "Explain an error code, a key of the job file, a class, or a task of a run.",
    "test": "Run test cases of jobs.",
    "spin": "Perform one task alone, with the inputs of a run or given ones.",
    "runs": "List the runs of the history, those that run now among them.",
    "status": "Show a run, task by task, with its values, also while it goes on.",
    "logs": "Show what the tasks of a run have said, also while it goes on.",
    "diff": "Compare two runs: definition, states, durations, results.",
    "report": "Write the report of a run as HTML, Markdown or JUnit XML.",
    "approve": "Approve a task that waits for it, or list what waits.",
    "reject": "Reject a task that waits for an approval: it fails.",
    "stop": "Stop a run, as Ctrl-C does, and say how it ended.",
    "clean": "Delete old runs, with their results and logs.",
    "count": "Count for the tasks of a running job that wait for it.",
    "checkpoints": "List or clear what is kept of unfinished runs.",
    "serve": "Serve the web page and the API.",
    "schema": "Write the JSON Schema of job files, for editors.",
    "init": "Write a small project that runs at once.",
    "new": "Write the beginning of a worker in Go.",
    "completion": "Print the completion script of a shell.",
    "worker": "Perform tasks of runs on other machines, from a queue in Redis.",
    "workers": "Show who works on a queue, and what they offer.",
    "queue": "Show what waits in a queue and its dead letters, and look after them.",
    "doctor": "Look whether what flowrun needs is as it should be.",
    "help": "Explain a command; the same as COMMAND --help.",
}
"""Every command with its line in `flowrun --help`, in the order of the help."""


class Commands(click.Group):
    """The commands of flowrun; `run` needs not be said."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` in front of arguments that name no command."""
        is_completing_a_command = ctx.resilient_parsing and not args
        named = ["run", *args] if _means_run(args) and not is_completing_a_command else args
        return super().parse_args(ctx, _spelled_out(named))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name; its module is imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f".{cmd_name}", __package__).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named first. A usage error names the one that was probably meant."""
        name = args[0]
        if name in COMMANDS or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        from difflib import get_close_matches

        near = get_close_matches(name, COMMANDS, 1)
        given = f"a job of this name is given as `-j {name}`, one in a file as `-j FILE`"
        hint = f"did you mean {near[0]!r}?" if near else given
        raise click.UsageError(f"there is no command {name!r}; {hint}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _spelled_out(args: list[str]) -> list[str]:
    """`run -j` as `run --job`: of every short option click first believes that it is a long one, and loads `difflib`
    to say which.
    """
    return ["run", "--job", *args[2:]] if args[:2] == ["run", "-j"] else args


def _means_run(args: list[str]) -> bool:
    if not args:
        return True
    first = args[0]
    if first.startswith("-") and first != "-":
        return first not in ("-h", "--help", "--version")
    is_place = any(sign in first for sign in (".", ":", os.sep)) or first == "-"
    return first not in COMMANDS and (is_place or os.path.exists(first))


def _print_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    import platform

    from ..version import __version__

    click.echo(f"flowrun {__version__} (Python {platform.python_version()}, {platform.system()} {platform.machine()})")
    ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`flowrun COMMAND --help` tells more. Exit statuses: 0 completed, 1 a task failed, 2 wrong usage, "
    "3 invalid job, 4 already running, 5 state, 6 a service is away, 7 waits for an approval, 124 deadline, "
    "130 and 143 stopped.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def commands() -> None:
    """Run jobs: a YAML file says what, Python classes do it, and a failed run continues where it stopped.

    \b
    flowrun -j jobs/nightly.yaml        run a job
    flowrun -j jobs/nightly.yaml -r     continue it after a failure
    """
