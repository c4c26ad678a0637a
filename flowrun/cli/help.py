"""flowrun help: explains a command."""

from __future__ import annotations

import click

from .output import Output


@click.command("help")
@click.argument("names", nargs=-1, metavar="[COMMAND]...")
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...]) -> int:
    """Explain COMMAND, or all of them in a line each; the same as COMMAND --help."""
    output: Output = ctx.obj
    above = ctx.find_root()
    for name in names:
        if not isinstance(above.command, click.Group):
            raise click.UsageError(f"{above.command_path} has no commands", ctx)
        _, found, _ = above.command.resolve_command(above, [name])
        assert found is not None, "a name that there is not was refused"
        above = click.Context(found, parent=above, info_name=name, **found.context_settings)
    output.result(above.get_help())
    return 0
