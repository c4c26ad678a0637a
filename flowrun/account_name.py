"""Account name: who runs this process, as the machine calls them."""

from __future__ import annotations

import os
from collections.abc import Mapping


def account_name(environ: Mapping[str, str] | None = None) -> str:
    """The name of the account: what the environment says, if it is given and says so; a number that has no name."""
    if environ and (said := environ.get("USER") or environ.get("LOGNAME")):
        return said
    import pwd  # most environments say it

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
