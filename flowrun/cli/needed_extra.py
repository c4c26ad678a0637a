"""What a person is told when a package of an extra is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import UsageError


@contextmanager
def needs_extra(extra: str, *packages: str) -> Iterator[None]:
    """In here `packages` are imported. Raises UsageError, which says how to install them."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in packages:
            raise
        install = f"pip install 'flowrun-jobs[{extra}]'"
        raise UsageError(f"this command needs the extra {extra!r}: {install}") from None
