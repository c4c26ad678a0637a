"""Token: the secret with which a person shows that they may change something."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from ..durable import make_state_directory, naming
from ..errors import UsageError

_SHORTEST = 16
_LONGEST = 512
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


def read_token(file: Path) -> str:
    """The token in a file. Raises UsageError if it cannot be read or is none."""
    try:
        with file.open("rb") as stream:
            text = stream.read(_LONGEST + 2)
    except OSError as error:
        raise UsageError(f"the token file {file} cannot be read: {error.strerror}") from error
    return usable(text.decode("ascii", "replace").strip(), f"the token in {file}")


def usable(token: str, what: str) -> str:
    """The same token. Raises UsageError if it could be guessed or cannot stand in a header."""
    if not _SHORTEST <= len(token) <= _LONGEST:
        raise UsageError(f"{what} has {len(token)} characters; it needs {_SHORTEST} to {_LONGEST}")
    if not all(33 <= ord(one) <= 126 for one in token):
        raise UsageError(f"{what} has characters that cannot stand in a header; take ASCII without blanks")
    return token


def kept_token(root: Path) -> tuple[str, Path, bool]:
    """The token of a project for those who were given none, its file, and whether it was made just now.

    Raises StateError if the file cannot be written, or UsageError if somebody else could read it.
    """
    directory = root / ".flowrun"
    file = directory / "token"
    with naming(file):
        make_state_directory(directory)
        if _is_ours(file):
            return read_token(file), file, False
        token = secrets.token_urlsafe(24)
        file.unlink(missing_ok=True)
        descriptor = os.open(file, _FRESH, 0o600)
        with open(descriptor, "w", encoding="ascii") as stream:
            stream.write(f"{token}\n")
        return token, file, True


def is_same(given: str, token: str) -> bool:
    """Whether two tokens are the same, in a time that tells nothing about where they differ."""
    return hmac.compare_digest(_digest(given), _digest(token))


def _digest(text: str) -> bytes:
    from hashlib import blake2b

    return blake2b(text.encode("utf-8", "surrogatepass")).digest()


def _is_ours(file: Path) -> bool:
    """It is a file that only this user can read; one that others might have read or written is made anew."""
    try:
        status = file.lstat()
    except FileNotFoundError:
        return False
    return status.st_uid == os.geteuid() and status.st_mode & 0o170077 == 0o100000 and status.st_size > _SHORTEST
