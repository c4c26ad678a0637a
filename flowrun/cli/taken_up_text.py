"""What a restart takes up from the run that it continues, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import StateError
from .printable import harmless

if TYPE_CHECKING:
    from ..app import RunRequest
    from .output import Output


def continued(request: RunRequest, output: Output, *, is_told: bool = True) -> RunRequest:
    """The request, of a restart with the variables of the run that it continues; says which these are."""
    if not request.restart:
        return request
    from ..given_variables import shown_value
    from ..taken_up import taken_up

    try:
        request, taken = taken_up(request)
    except StateError as error:  # a restart does not depend on the history
        output.say(f"the variables of the run to be continued are not known: {harmless(error, 400)}")
        return request
    if taken is None:
        return request
    if taken.variables and is_told:
        given = ", ".join(f"{name}={shown_value(name, value)}" for name, value in taken.variables.items())
        output.say(f"variables of run {taken.run}: {harmless(given, 300)}")
    if taken.missing:
        names = harmless(", ".join(taken.missing), 300)
        output.say(f"run {taken.run} had variables whose values are not written down; give them again: {names}")
    return request
