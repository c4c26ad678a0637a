"""A new interpreter as the starter, for a program that has threads: a copy of it might wait for ever for a lock."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from typing import IO, Any

from ..task import tasks
from .executor import Workplace


def launch_anew(workplace: Workplace) -> tuple[int, socket.socket] | None:
    """Start it. Gives its process id and the socket for commands; None if it would not find a class of the job."""
    addresses = {name: address_of(cls) for name, cls in workplace.variants.items()}
    if not all(module for module, _name in addresses.values()):
        return None
    sys.modules.setdefault("__mp_main__", sys.modules["__main__"])  # what classes of the main file are called there
    return start_interpreter(_needs(workplace, addresses))


def start_interpreter(
    needs: Mapping[str, Any], environment: Mapping[str, str] | None = None, errors: IO[bytes] | None = None
) -> tuple[int, socket.socket]:
    """Start it with what it needs, in another environment if one is given. `errors` gets what it says of a failure."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    told = os.memfd_create("flowrun")
    os.write(told, json.dumps(needs).encode())
    os.lseek(told, 0, os.SEEK_SET)
    numbers = [str(number) for number in (theirs.fileno(), told, os.getpid())]
    process = subprocess.Popen(
        [sys.executable, "-m", "flowrun.starting", *numbers],
        pass_fds=(theirs.fileno(), told, *needs["private_descriptors"]),
        stdin=subprocess.DEVNULL,
        stderr=errors,
        env=environment,
    )
    process.returncode = 0  # the carrier of the attempts waits for its end, and this object need not
    os.close(told)
    theirs.close()
    ours.setblocking(False)
    return process.pid, ours


def addresses_of_own(workplace: Workplace) -> dict[str, tuple[str, str]]:
    """Those of the classes that no `@task` has registered: a new interpreter would not find them by their names."""
    return {name: address_of(cls) for name, cls in workplace.variants.items() if tasks.entry_of(cls) is None}


def address_of(cls: type[Any]) -> tuple[str, str]:
    """The module or main file, and the name in it, of a class or of the function of which it was made.

    Empty for what no other interpreter can find: what was made inside of a function, or belongs to an object.
    """
    function = vars(cls).get("__function__")
    made_of = cls if function is None else function.target
    name = made_of.__qualname__
    is_bound = function is not None and (function.is_bound or "." in name)
    if "<" in name or is_bound:
        return ("", "")
    if made_of.__module__ != "__main__":
        return (made_of.__module__, name)
    file = getattr(sys.modules["__main__"], "__file__", None) or ""
    return (os.path.abspath(file), name) if os.path.isfile(file) else ("", "")


def _needs(workplace: Workplace, addresses: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    return {
        "path": sys.path,
        "root": str(workplace.root),
        "max_result_bytes": workplace.max_result_bytes,
        "private_descriptors": workplace.private_descriptors,
        "variants": addresses,
        "discovery": workplace.discovery if workplace.is_discovered else None,
    }
