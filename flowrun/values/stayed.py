"""Stayed: texts that stand for values which are still where they were made, on a cluster.

Such a text names a file of the run, as that of any large value does. The file is there when the value has come home.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

from .blocks import in_file
from .compact_json import compact
from .file_store import FileStore

_STAYED = re.compile(r'\{"\$file":\{"name":"([0-9a-f]{32}\.bin)","kind":"json","size":\d+,"stayed":true\}\}')
"""In a text inside of a value every quote has a backslash before it, so none is taken for this."""


def stayed(size: int) -> tuple[str, str]:
    """A new name for an encoded value of so many bytes that stays where it is, and the text that stands for it."""
    name = f"{os.urandom(16).hex()}.bin"
    return name, compact(in_file("json", name, size, stayed=True))


def names_in(text: str) -> Iterator[str]:
    """The names of the values in a text that stayed somewhere, whether they have come home or not."""
    if '"stayed"' in text:
        for found in _STAYED.finditer(text):
            yield found[1]


def filled(text: str, instead: Callable[[str, str], str]) -> str:
    """The text with others in place of those for values that stayed: `instead` is given the name and the text."""
    return _STAYED.sub(lambda found: instead(found[1], found[0]), text)


def is_gone(text: str, store: FileStore) -> bool:
    """A value in it stayed somewhere, and has not come home."""
    return any(not store.has(name) for name in names_in(text))
