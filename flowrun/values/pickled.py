"""Pickled values: the last resort, signed with the user's key, and never loaded without a valid signature."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from typing import Any

from ..errors import CheckpointInvalidError
from ..state_key import is_signed, signature
from .blocks import LARGE, in_file
from .file_store import FileStore
from .place import Place


def write_pickle(value: Any, place: Place, store: FileStore | None) -> dict[str, Any]:
    """[type, signature, pickle in base64], or the name of a file. Raises TypeError if it cannot be pickled."""
    import pickle

    cls = type(value)
    name = cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
    try:
        data = pickle.dumps(value, protocol=5)
    except RecursionError:
        raise
    except Exception as error:  # whatever the code of the value's class raises
        where = f" at {''.join(place)}" if place else ""
        why = "" if repr(name) in str(error) else f" ({error})"
        raise TypeError(f"cannot be kept: a value of type {name!r}{where}{why}") from None
    if store is not None and len(data) > LARGE:
        return in_file("pickle", *store.put_bytes(data), type=name, signature=signature(data))
    return {"$pickle": [name, signature(data), b2a_base64(data, newline=False).decode()]}


def read_pickle(body: list[str]) -> Any:
    """The inverse of `write_pickle`. Raises CheckpointInvalidError if the signature is not this user's."""
    name, claim, text = body
    return _loaded(a2b_base64(text), name, claim)


def read_pickle_file(body: dict[str, Any], store: FileStore) -> Any:
    """The same for a pickle that is in a file."""
    return _loaded(store.get_bytes(body["name"], body["size"]), body["type"], body["signature"])


def _loaded(data: bytes, name: str, claim: str) -> Any:
    if not is_signed(data, claim):
        raise CheckpointInvalidError(
            f"a pickled value of type {name!r} is not loaded: it is not signed with the key of this user "
            "(FLOWRUN_STATE_KEY, or the file state.key); somebody else made or changed it"
        )
    import pickle

    return pickle.loads(data)
