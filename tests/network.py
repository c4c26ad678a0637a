"""Network: machines in network namespaces, whose connection can be cut in one direction or in both."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from itertools import count
from types import TracebackType
from typing import Self

import pytest

_numbers = count(1)


class Machine:
    """A network namespace with an address of its own, where programs can be started."""

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self.address = address

    def command(self, argv: Sequence[object]) -> list[str]:
        """What starts a program there."""
        return ["ip", "netns", "exec", self.name, *map(str, argv)]

    def cut(self, *, incoming: bool = True, outgoing: bool = True) -> None:
        """Drop packets without an answer: those that come, those that go, or both. Its own loopback is spared."""
        for chain, option, is_cut in (("INPUT", "-i", incoming), ("OUTPUT", "-o", outgoing)):
            if is_cut:
                _run(*self.command(["iptables", "-w", "-A", chain, "!", option, "lo", "-j", "DROP"]))

    def mend(self) -> None:
        """Let everything pass again."""
        _run(*self.command(["iptables", "-w", "-F"]))


class Network:
    """Machines that reach each other and this one. What was made is taken down at the end."""

    def __init__(self) -> None:
        number = next(_numbers)
        self._tag = f"fr{os.getpid():x}{number:x}"
        self._net = f"10.{200 + os.getpid() % 50}.{(os.getpid() // 50 + number) % 250}"
        self._machines: list[Machine] = []

    @property
    def address(self) -> str:
        """Under which this machine is reached from there."""
        return f"{self._net}.1"

    def machine(self) -> Machine:
        """One more machine."""
        number = len(self._machines) + 1
        made = Machine(f"{self._tag}n{number}", f"{self._net}.{number + 1}")
        here, there = f"{self._tag}h{number}", f"{self._tag}t{number}"
        _run("ip", "netns", "add", made.name)
        self._machines.append(made)
        _run("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", made.name)
        _run("ip", "link", "set", here, "master", self._bridge, "up")
        _run("ip", "-n", made.name, "address", "add", f"{made.address}/24", "dev", there)
        _run("ip", "-n", made.name, "link", "set", there, "up")
        _run("ip", "-n", made.name, "link", "set", "lo", "up")
        return made

    @property
    def _bridge(self) -> str:
        return f"{self._tag}b"

    def __enter__(self) -> Self:
        _run("ip", "link", "add", self._bridge, "type", "bridge")
        _run("ip", "address", "add", f"{self.address}/24", "dev", self._bridge)
        _run("ip", "link", "set", self._bridge, "up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for machine in self._machines:
            _run("ip", "netns", "delete", machine.name)
        _run("ip", "link", "delete", self._bridge)


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """A network for one test. It is skipped for who is not root, and fails where the programs are missing."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces can be made by root only")
    for program in ("ip", "iptables"):
        assert shutil.which(program), f"`{program}` is not installed; on Debian: apt-get install iproute2 iptables"
    with Network() as made:
        yield made


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr.strip()}"
