"""Text that came from a task or a file, made harmless: control characters are shown instead of obeyed."""

from __future__ import annotations

import re

_HARMFUL = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
"""Control characters but tab and newline, marks that turn the direction of text, other line ends, lone surrogates.

It is compiled when it is needed first: most of what is shown is ASCII.
"""
_HARMFUL_IN_QUOTES = f"[\\\\'\t\n]|{_HARMFUL}"
_IN_QUOTES = {"\\": "\\\\", "'": "\\'", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_HARMFUL_ASCII = bytes([*range(9), *range(11, 32), 127])


def plain(text: str) -> str:
    """The text with every control character written out, as in `\\x1b`. Tabs and newlines stay."""
    return text if _is_plain(text) else re.sub(_HARMFUL, _shown, text)


def plain_line(text: str) -> str:
    """The same in one line: newlines and tabs are spaces."""
    return plain(text.replace("\n", " ").replace("\t", " "))


def quoted(text: str) -> str:
    """The text as a word of a command: pasted into a shell it is the same text, and nothing in it is obeyed.

    What a terminal would obey, newlines and tabs stand as `$'\\n'`, which bash, zsh and POSIX shells since 2024 read.
    """
    from shlex import quote

    if _is_plain(text) and "\n" not in text and "\t" not in text:
        return quote(text)
    return f"$'{re.sub(_HARMFUL_IN_QUOTES, _escaped, text)}'"


def as_argument(text: str) -> str:
    """The same as the last argument of a command; a `-` at its begin makes no option of it."""
    return f"-- {quoted(text)}" if text.startswith("-") else quoted(text)


def _is_plain(text: str) -> bool:
    if not text.isascii():
        return re.search(_HARMFUL, text) is None
    data = text.encode("ascii")  # five times as fast as the search, and most output is of this kind
    return len(data.translate(None, _HARMFUL_ASCII)) == len(data)


def _escaped(match: re.Match[str]) -> str:
    one = match[0]
    is_byte = "\udc80" <= one <= "\udcff"  # of an argument that is no UTF-8
    data = one.encode("utf-8", "surrogateescape" if is_byte else "surrogatepass")
    return _IN_QUOTES.get(one) or "".join(f"\\x{byte:02x}" for byte in data)


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] == "\r":
        return "\\r"
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
