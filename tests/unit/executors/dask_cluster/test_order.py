"""An attempt on its way to a worker."""

from __future__ import annotations

from pathlib import Path

from flowrun import values
from flowrun.attempt import Attempt
from flowrun.executors.dask_cluster.order import Order, travelling
from flowrun.values.file_store import FileStore


def attempt(**more: object) -> Attempt:
    """Some attempt."""
    return Attempt("run1", "job", "load", "Load", 2, **more)  # type: ignore[arg-type]


def test_an_order_comes_back_as_it_was() -> None:
    """With the shared values."""
    order = Order(attempt(parameters={"day": "é"}, given={"rows": "[1]"}, env={"KEY": "x"}), {'"a"': "1"})

    assert Order.unpacked(order.packed()) == order


def test_values_in_files_travel_whole(tmp_path: Path) -> None:
    """A worker elsewhere has no such file."""
    store = FileStore(tmp_path, "job", "run1")
    data = bytes(200_000)
    given = {"data": values.encode(data, store), "small": "1"}
    sent = travelling(attempt(given=given), store, encodes_parameters=False)

    assert '"$file"' in given["data"]
    assert values.decode(sent.given["data"]) == data
    assert sent.given["small"] == "1"


def test_parameters_of_a_job_in_python_are_encoded(tmp_path: Path) -> None:
    """What comes from other tasks stands above them."""
    store = FileStore(tmp_path, "job", "run1")
    parameters = {"path": Path("a"), "number": 1, "both": {1, 2}}
    sent = travelling(attempt(parameters=parameters, given={"both": "3"}), store, encodes_parameters=True)

    assert sent.parameters == {"number": 1}
    assert {name: values.decode(text) for name, text in sent.given.items()} == {"path": Path("a"), "both": 3}
