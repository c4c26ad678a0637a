"""Output: results to stdout, everything said to a person to stderr. Nothing else of flowrun prints."""

from __future__ import annotations

import os
import select
import sys
from collections import deque
from threading import Lock

from ..errors import StateError
from ..terminal import ERASE_BELOW, is_terminal
from .printable import defused

_CHUNK = 4096
"""A pipe that can be written to takes so many bytes without blocking."""
_MOST_WAITING = 4 * 1024 * 1024
_PATIENCE_SECONDS = 3.0

_COLOURS = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36", "bold": "1", "dim": "2"}


class Stream:
    """A standard stream that never blocks and never raises: what nobody reads is dropped and counted."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._lock = Lock()
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._dropped = 0
        self._is_broken = False
        self._poll = select.poll()
        self._poll.register(number, select.POLLOUT)

    def put(self, data: bytes) -> None:
        """Write as much as the reader takes now; the rest waits for the next call."""
        with self._lock:
            if self._is_broken:
                return
            if self._size + len(data) > _MOST_WAITING:
                self._dropped += data.count(b"\n")
            else:
                self._waiting.append(data)
                self._size += len(data)
            self._write_while_ready(0)

    def close(self, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        """Write what waits, as long as the reader takes something within this time."""
        with self._lock:
            self._write_while_ready(patience_seconds)

    def _write_while_ready(self, patience_seconds: float) -> None:
        while (self._waiting or self._tell_dropped()) and self._is_ready(patience_seconds):
            data = self._waiting.popleft()
            try:
                written = os.write(self._number, data[:_CHUNK])
            except BlockingIOError:
                self._waiting.appendleft(data)
                return
            except OSError:
                self._is_broken = True
                self._waiting.clear()
                return
            self._size -= written
            if written < len(data):
                self._waiting.appendleft(data[written:])

    def _is_ready(self, patience_seconds: float) -> bool:
        return bool(self._poll.poll(patience_seconds * 1000))

    def _tell_dropped(self) -> bool:
        """Everything that waited is written: say once how much was dropped meanwhile."""
        if not self._dropped:
            return False
        line = f"… {self._dropped} lines are missing here: nobody read them\n".encode()
        self._dropped = 0
        self._waiting.append(line)
        self._size += len(line)
        return True


class Output:
    """Where the command line speaks."""

    def __init__(self, color: str = "auto") -> None:
        """`color` is `auto`, `always` or `never`."""
        self._out = Stream(1)
        self._err = Stream(2)
        self._lead = b""
        self._encoding = {1: _encoding(sys.stdout), 2: _encoding(sys.stderr)}
        self.choose_colour(color)

    def choose_colour(self, color: str) -> None:
        """`always`, `never`, or `auto`: as the environment and the terminal say."""
        self._is_coloured = _is_wanted() if color == "auto" else color == "always"

    @property
    def is_terminal(self) -> bool:
        """A person sees what is said. Asked of stderr."""
        return is_terminal(sys.__stderr__)

    @property
    def columns(self) -> int:
        """The width of the terminal on which a person sees what is said; 0 if there is none."""
        try:
            return os.get_terminal_size(2).columns if self.is_terminal else 0
        except OSError:
            return 0

    @property
    def can_ask(self) -> bool:
        """A person can answer: stdin and stderr are terminals."""
        return os.isatty(0) and os.isatty(2)

    @property
    def has_symbols(self) -> bool:
        """Signs such as ✓ can be written to stderr."""
        return self._encoding[2].lower().replace("-", "").startswith("utf")

    def share_terminal(self) -> None:
        """From now on a live block may be on the terminal: it makes room for what is said."""
        self._lead = ERASE_BELOW.encode()

    def say(self, text: str = "") -> None:
        """Say a line (or several) to a person. Never blocks, never raises."""
        self._err.put(self._lead + self._encoded(2, text))

    def mark(self, text: str) -> None:
        """Say what a CI system reads: control characters in it are meant."""
        self._err.put(self._encoded(2, text, is_raw=True))

    def stream(self, text: str) -> None:
        """Write a line to stdout while a job runs. Never blocks, never raises."""
        self._out.put(self._encoded(1, text))

    def result(self, text: str) -> None:
        """Write what a reading command was asked for to stdout, waiting for its reader.

        A reader that has gone is no error. Raises StateError if the text cannot be written for another reason.
        """
        self.result_bytes(self._encoded(1, text, is_raw=True))

    def result_bytes(self, data: bytes) -> None:
        """The same for bytes that are written as they are."""
        try:
            while data:
                data = data[os.write(1, data) :]
        except BrokenPipeError:
            return
        except OSError as error:
            raise StateError(f"the result cannot be written to standard output: {error.strerror}") from error

    def ask(self, question: str) -> bool:
        """Ask a person; an empty answer means yes. Only if `can_ask`."""
        self._err.put(self._encoded(2, question + " [Y/n] ")[:-1])
        self._err.close()
        answer = sys.stdin.readline()
        return answer.strip().lower() in ("", "y", "yes") and answer != ""

    def paint(self, text: str, colour: str) -> str:
        """The text in a colour, if colours are wanted on stderr."""
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if self._is_coloured else text

    def close(self) -> None:
        """Write what waits, as long as somebody reads."""
        self._err.close()
        self._out.close()

    def _encoded(self, number: int, text: str, *, is_raw: bool = False) -> bytes:
        line = text if is_raw else defused(text)
        return f"{line}\n".encode(self._encoding[number], "backslashreplace")


def _encoding(stream: object) -> str:
    return getattr(stream, "encoding", None) or "utf-8"


def _is_wanted() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE")) or is_terminal(sys.__stderr__)
