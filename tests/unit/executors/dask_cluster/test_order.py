"""An attempt on its way to a worker."""

from __future__ import annotations

from pathlib import Path

from flowrun import values
from flowrun.attempt import Attempt
from flowrun.executors.dask_cluster.order import Order, needs_of, travelling
from flowrun.values.file_store import FileStore
from flowrun.values.stayed import stayed


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


def test_what_is_on_the_cluster_is_filled_in_on_the_worker(tmp_path: Path) -> None:
    """Beside it may stand what is in files of this machine."""
    store = FileStore(tmp_path, "job", "run1")
    name, text = stayed(5)
    come_home, at_home = stayed(5)
    store.put_named(come_home, b'"two"')
    data = values.encode(bytes(200_000), store)
    given = {"all": f"[{text},{at_home},{data}]", "one": text}
    sent = travelling(attempt(given=given), store, [name], encodes_parameters=False)
    order = Order(sent, {}, "client", tuple(needs_of(sent)))
    there = Order.unpacked(order.packed(), [b'"one"'])

    assert order.needs == (name,)
    assert there.keeper == "client"
    assert {key: values.decode(value) for key, value in there.attempt.given.items()} == {
        "all": ["one", "two", bytes(200_000)],
        "one": "one",
    }
