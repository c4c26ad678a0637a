"""What a job file may say about a Dask cluster."""

from __future__ import annotations

import pytest

from flowrun.executors.dask_cluster.settings import fault_of_address


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:8786", "tcp://localhost:8786", "tcp://[::1]:8786", "tcp://127.8.0.1:1"]
)
def test_this_machine_needs_no_tls(address: str) -> None:
    """Nobody else listens on the loopback interface."""
    assert fault_of_address(address, insecure=False, has_tls=False) == ""


@pytest.mark.parametrize(
    "address", ["tcp://10.0.0.1:8786", "tcp://scheduler:8786", "tcp://0.0.0.0:1", "tcp://[fe80::1]:1"]
)
def test_other_machines_do(address: str) -> None:
    """Unless the job says that the network is closed."""
    assert "whoever reaches a Dask scheduler" in fault_of_address(address, insecure=False, has_tls=False)
    assert fault_of_address(address, insecure=True, has_tls=False) == ""


def test_tls_and_its_files_belong_together() -> None:
    """One without the other is a mistake."""
    assert fault_of_address("tls://far:8786", insecure=False, has_tls=True) == ""
    assert "needs `tls:" in fault_of_address("tls://far:8786", insecure=True, has_tls=False)
    assert "with TLS it is `tls://" in fault_of_address("tcp://far:8786", insecure=True, has_tls=True)


@pytest.mark.parametrize(
    "address", ["far", "far:8786", "tcp://far", "http://far:8786", "tcp://far:many", "tcp://:8786"]
)
def test_what_is_no_address_is_told(address: str) -> None:
    """With the form that one has."""
    assert "an address is" in fault_of_address(address, insecure=True, has_tls=False)
