"""flowrun serve: the web page and the API."""

from __future__ import annotations

import gc
import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import StateError, UsageError
from .needed_extra import needs_extra
from .output import Output
from .place_options import directory_option
from .printable import harmless

if TYPE_CHECKING:
    from ..web.settings import Settings

_PACKAGES = ("fastapi", "starlette", "uvicorn", "h11", "prometheus_client")
_VARIABLE = "FLOWRUN_TOKEN"
_GIVEN = click.core.ParameterSource.COMMANDLINE
_OBJECTS = 100_000
"""An answer with 10,000 tasks makes so many, and none of them is garbage."""


@click.command("serve")
@directory_option("Project root; without it, the project that the current directory is in.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address at which it listens.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="The port; 0: any.")
@click.option("--root-path", default="", metavar="PATH", help="Where a proxy has put the page, such as /flowrun.")
@click.option(
    "--allow-host",
    "allowed",
    metavar="NAME",
    multiple=True,
    help="Another name under which browsers may ask for the page. May be repeated.",
)
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"A file with the token for everything; {_VARIABLE} is the same. Without both, one is made for changes.",
)
@click.option("--read-only", is_flag=True, help="Only show: nothing can be started or stopped from the page.")
@click.option("--open", "is_opened", is_flag=True, help="Open the page in a browser.")
@click.pass_obj
def command(
    output: Output,
    /,
    directory: Path | None,
    host: str,
    port: int,
    root_path: str,
    allowed: tuple[str, ...],
    token_file: Path | None,
    read_only: bool,
    is_opened: bool,
) -> int:
    """Serve the web page and the API: what happened, what happens now, and new runs.

    Runs that are started from the page are processes of their own. They go on when the server ends. INT and TERM
    end it with status 0.
    """
    with needs_extra("web", *_PACKAGES):
        from ..web.server import serve
    from ..project_root import find_root
    from ..web.settings import Settings

    settings = Settings(
        root=(directory or find_root(None, Path.cwd())).resolve(),
        host=host,
        port=port,
        root_path=_clean(root_path),
        is_read_only=read_only,
        allowed_hosts=frozenset(name.lower() for name in allowed),
        origins=_origins(token_file),
    )
    settings = _with_token(settings, token_file, output)
    gc.enable()  # it runs for weeks
    gc.set_threshold(_OBJECTS, 20, 20)
    return serve(settings, os.environ, partial(_report, output), partial(_tell_ready, output, is_opened))


def _report(output: Output, what: str, error: BaseException) -> None:
    from .crash_report import write_crash_report

    output.say(write_crash_report(error, ["serve", what]))


def _tell_ready(output: Output, is_opened: bool, settings: Settings) -> None:
    output.say(f"serving {harmless(settings.root)} at {harmless(settings.address)} (Ctrl-C ends it)")
    if is_opened:
        click.launch(settings.address)


def _with_token(settings: Settings, file: Path | None, output: Output) -> Settings:
    """With the token that a person chose, or else with the project's own for changes."""
    from ..web.token import kept_token, read_token, usable

    if token := read_token(file) if file is not None else os.environ.get(_VARIABLE, ""):
        usable(token, f"the token in {file or _VARIABLE}")
        return replace(settings, token=token, is_token_given=True)
    if settings.is_public:
        raise UsageError(
            f"--host {settings.host} lets other machines in, and then everything needs a token of your own: "
            f"give one with --token-file or {_VARIABLE}"
        )
    if settings.is_read_only:
        return settings
    try:
        own, kept, is_new = kept_token(settings.root)
    except StateError as error:
        raise StateError(f"{error}; with --read-only nothing is written") from error
    output.say(f"token for changes: {own if is_new and output.is_terminal else f'in {harmless(kept)}'}")
    return replace(settings, token=own)


def _origins(token_file: Path | None) -> dict[str, str]:
    """How a person gave what is not as it is without that."""
    context = click.get_current_context()
    options = {param.name: max(param.opts, key=len) for param in context.command.params if param.name}
    given = {name: option for name, option in options.items() if context.get_parameter_source(name) is _GIVEN}
    return given if token_file is not None or not os.environ.get(_VARIABLE) else {**given, "token_file": _VARIABLE}


def _clean(root_path: str) -> str:
    """`/flowrun` of `flowrun/`."""
    path = root_path.strip("/")
    if not all(one.isalnum() or one in "/-_.~" for one in path) or ".." in path:
        raise click.BadParameter(f"{root_path!r} is not a path such as /flowrun", param_hint="--root-path")
    return f"/{path}" if path else ""
