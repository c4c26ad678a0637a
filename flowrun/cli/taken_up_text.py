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
    from ..taken_up import taken_up

    try:
        request, taken = taken_up(request)
    except StateError as error:  # a restart does not depend on the history
        output.say(f"the variables of the run to be continued are not known: {harmless(error, 400)}")
        return request
    if taken is not None:
        for said in (taken.told if is_told else "", taken.lacking):
            if said:
                output.say(harmless(said, 400))
    return request
