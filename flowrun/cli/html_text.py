"""Text of a run as a part of an HTML page."""

from __future__ import annotations

from html import escape

from ..plaintext import plain


def text(value: object) -> str:
    """The value as text: no part of it is taken for markup, and control characters are written out."""
    return escape(plain(str(value)))
