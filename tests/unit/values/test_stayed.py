"""Texts for values that stayed where they were made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowrun import values
from flowrun.errors import CheckpointInvalidError
from flowrun.values.file_store import FileStore
from flowrun.values.stayed import filled, is_gone, names_in, stayed


def test_it_is_read_like_any_large_value_when_it_has_come_home(tmp_path: Path) -> None:
    """Before that it is said where it is."""
    store = FileStore(tmp_path, "job", "run1")
    name, text = stayed(len(b'{"rows":3}'))

    assert is_gone(text, store)
    with pytest.raises(CheckpointInvalidError, match="it stayed on the cluster where it was made, and is gone"):
        values.decode(text, store)
    store.put_named(name, b'{"rows":3}')
    assert not is_gone(text, store)
    assert values.decode(text, store) == {"rows": 3}


def test_it_is_found_inside_of_other_values() -> None:
    """And not in a text of the user's that only looks like it, or in a file of this machine."""
    (one, first), (two, second) = stayed(5), stayed(6)
    text = f'[{first},{{"b":{second}}},{json.dumps(first)}]'

    assert list(names_in(text)) == [one, two]
    assert filled(text, lambda name, _: json.dumps(name)) == f'["{one}",{{"b":"{two}"}},{json.dumps(first)}]'
    assert list(names_in(first.replace(',"stayed":true', ""))) == []
