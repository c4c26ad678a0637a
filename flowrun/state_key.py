"""The state key: what this user signs pickled values with, so that nobody else's are ever loaded."""

from __future__ import annotations

import os
from functools import lru_cache

from .errors import StateError

_VARIABLE = "FLOWRUN_STATE_KEY"
_SHORTEST = 16


def state_key() -> bytes:
    """The key: `FLOWRUN_STATE_KEY`, or what the file `state.key` in the user's state directory holds.

    The file is made when it is first needed. Raises StateError if there is no key that only this user can read.
    """
    setting = os.environ.get(_VARIABLE, "")
    return _given(setting) if setting else _kept(_directory())


def signature(data: bytes) -> str:
    """The HMAC-SHA256 of `data` under the key, as hexadecimal digits."""
    import hmac

    return hmac.new(state_key(), data, "sha256").hexdigest()


def is_signed(data: bytes, claim: str) -> bool:
    """`claim` is the signature of `data`."""
    import hmac

    return hmac.compare_digest(signature(data).encode(), claim.encode())


def _given(setting: str) -> bytes:
    if len(setting) < _SHORTEST:
        raise StateError(f"{_VARIABLE} is too short: at least {_SHORTEST} characters are needed")
    return setting.encode("utf-8", "surrogateescape")


def _directory() -> str:
    base = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.expanduser("~/.local/state")
    if not os.path.isabs(base):
        raise StateError(f"this user has no home directory to keep a key in; set {_VARIABLE} to a secret text")
    return os.path.join(base, "flowrun")


@lru_cache(maxsize=8)
def _kept(directory: str) -> bytes:
    path = os.path.join(directory, "state.key")
    try:
        if not os.path.lexists(path):
            _make(directory, path)
        return _read(path)
    except OSError as error:
        reason = f"the key file {path} cannot be made or read: {error.strerror}"
        raise StateError(f"{reason}; set {_VARIABLE} to a secret text instead") from error


def _make(directory: str, path: str) -> None:
    """Under another name first: whoever finds the file finds all of it, and of two makers one wins."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    draft = f"{path}.{os.getpid()}.{os.urandom(4).hex()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, os.urandom(32).hex().encode() + b"\n")
        os.fsync(descriptor)
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        os.close(descriptor)
        os.unlink(draft)


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise StateError(f"the key file {path} must belong to this user alone: chmod 600 it, or remove it")
        key = os.read(descriptor, 4096).strip()
    finally:
        os.close(descriptor)
    if len(key) < _SHORTEST:
        raise StateError(f"the key file {path} is damaged; remove it, and values signed with it are lost")
    return key
