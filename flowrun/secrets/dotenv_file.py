"""`.env`: lines of `NAME=VALUE`, as many tools read them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..errors import DefinitionError
from ..problem import Place, Problem


def dotenv_values(file: Path) -> Mapping[str, str]:
    """The values of a file, as they stand in it: `$` has no meaning. Empty if there is no such file.

    Raises DefinitionError, which names the line and never shows it, for what cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _unusable(file, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise _unusable(file, "cannot be read: it is not text in UTF-8") from None
    from io import StringIO

    from dotenv.parser import parse_stream  # only a project that has such a file needs it

    values = {}
    for line in parse_stream(StringIO(text)):
        if line.error:
            raise _unusable(file, "this line is not of the form `NAME=VALUE`", line.original.line)
        if line.key is not None and line.value is not None:
            values[line.key] = line.value
    return values


def _unusable(file: Path, why: str, line: int = 0) -> DefinitionError:
    return DefinitionError([Problem("FR423", f"{file.name} {why}" if not line else why, Place(str(file), line))])
