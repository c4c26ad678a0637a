"""Text that came from a task or a file, made harmless: control characters are shown instead of obeyed."""

from __future__ import annotations

import re

_HARMFUL = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
"""Control characters but tab and newline, marks that turn the direction of text, other line ends, lone surrogates.

It is compiled when it is needed first: most of what is shown is ASCII.
"""
_HARMFUL_ASCII = bytes([*range(9), *range(11, 32), 127])


def plain(text: str) -> str:
    """The text with every control character written out, as in `\\x1b`. Tabs and newlines stay."""
    return text if _is_plain(text) else re.sub(_HARMFUL, _shown, text)


def plain_line(text: str) -> str:
    """The same in one line: newlines and tabs are spaces."""
    return plain(text.replace("\n", " ").replace("\t", " "))


def as_argument(text: str) -> str:
    """The same as the last argument of a command that a person types; a `-` at its begin makes no option of it."""
    from shlex import quote

    quoted = quote(plain_line(text))
    return f"-- {quoted}" if text.startswith("-") else quoted


def _is_plain(text: str) -> bool:
    if not text.isascii():
        return re.search(_HARMFUL, text) is None
    data = text.encode("ascii")  # five times as fast as the search, and most output is of this kind
    return len(data.translate(None, _HARMFUL_ASCII)) == len(data)


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] == "\r":
        return "\\r"
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
