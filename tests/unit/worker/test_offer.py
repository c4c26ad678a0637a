"""Offer: what a worker announces travels between its processes, and its files are watched."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

from flowrun.discovery import discover
from flowrun.worker.offer import Offer, offered

MODULE = """
from flowrun.task import Task, task

@task
class Load(Task):
    rows: int = 10

    def run(self) -> int:
        return self.rows

@task(name="a.b")
def publish(channel: str) -> None: ...
"""


def test_tasks_are_offered_with_their_schemas(tmp_path: Path) -> None:
    """Classes and functions of the project by their names; what ships in the box is not offered."""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "offered.py").write_text(MODULE)

    classes, offer = offered(discover(tmp_path))

    assert {"Load", "a.b"} <= classes.keys() == offer.schemas.keys()
    assert "Noop" not in classes
    assert offer.schemas["Load"]["properties"]["rows"] == {"default": 10, "title": "Rows", "type": "integer"}
    assert offer.schemas["a.b"]["required"] == ["channel"]
    assert not offer.is_broken
    assert not [note for note in offer.notes if note.startswith(("Load ", "a.b "))]
    assert Offer.from_body(json.loads(json.dumps(offer.body()))) == offer


def test_a_broken_module_is_noted(tmp_path: Path) -> None:
    """Where it stands, and what is wrong with it."""
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "cracked.py").write_text("\nraise ValueError('no')\n")

    _classes, offer = offered(discover(tmp_path))

    assert offer.is_broken
    assert offer.notes[0] == "tasks/cracked.py:2 cannot be imported: ValueError: no"


def test_files_that_come_change_and_go_are_seen(tmp_path: Path) -> None:
    """Also such that no module has imported yet."""
    (tmp_path / "deep").mkdir()
    offer = Offer(directories=(str(tmp_path),), files=(str(tmp_path / "one.py"),))
    seen = [offer.stamps()]
    for name, text in (("one.py", "1"), ("deep/two.py", "2"), ("one.py", "12")):
        (tmp_path / name).write_text(text)
        seen.append(offer.stamps())
    (tmp_path / "one.py").unlink()
    seen.append(offer.stamps())
    (tmp_path / "note.txt").write_text("no module")

    assert all(one != other for one, other in pairwise(seen))
    assert offer.stamps() == seen[-1]
