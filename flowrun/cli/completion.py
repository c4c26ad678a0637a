"""flowrun completion: prints the script that completes commands and options in a shell."""

from __future__ import annotations

import click

from .output import Output


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script of SHELL.

    \b
    bash   eval "$(flowrun completion bash)"   in ~/.bashrc
    zsh    eval "$(flowrun completion zsh)"    in ~/.zshrc
    fish   flowrun completion fish > ~/.config/fish/completions/flowrun.fish
    """
    from click.shell_completion import get_completion_class

    output: Output = ctx.obj
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"there is no completion for {shell}")
    output.result(found(ctx.find_root().command, {}, "flowrun", "_FLOWRUN_COMPLETE").source())
    return 0
