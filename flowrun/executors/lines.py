"""Lines: the bytes of one output stream of an attempt become log events, in order, whole lines at a time."""

from __future__ import annotations

from ..attempt import Attempt
from ..eventbus.log import LogLinesEvent, LogWriteEvent, Severity
from .executor import Emit

_LONGEST_LINE = 1 << 20
"""A line that has no end after so many bytes is passed on in pieces."""

_MARK = "\x1e"
_NEWLINE_IN_MESSAGE = "\x1d"
_LETTERS = {severity.value[0]: severity for severity in Severity}


def marked(severity: Severity, message: str) -> str:
    """A message of `self.logger` as a line of the output stream, so that its place among printed lines is kept."""
    return f"{_MARK}{severity.value[0]}{message.replace(chr(10), _NEWLINE_IN_MESSAGE)}\n"


class Lines:
    """Collects one stream of one attempt."""

    def __init__(self, attempt: Attempt, severity: Severity, emit: Emit) -> None:
        self._attempt = attempt
        self._severity = severity
        self._emit = emit
        self._rest = bytearray()

    def feed(self, data: bytes) -> None:
        """Bytes as they were read."""
        end = data.rfind(b"\n")
        if end >= 0:
            self._say(bytes(self._rest) + data[:end])
            self._rest = bytearray(data[end + 1 :])
        else:
            self._rest += data
        if len(self._rest) > _LONGEST_LINE:
            self.close()

    def close(self) -> None:
        """The stream is over: what is left is a line."""
        if self._rest:
            self._say(bytes(self._rest))
            self._rest = bytearray()

    def _say(self, block: bytes) -> None:
        text = block.decode("utf-8", "backslashreplace")
        if "\r" in text:
            text = text.replace("\r\n", "\n").removesuffix("\r")
        if _MARK in text:
            self._say_marked(text)
        else:
            self._say_lines(text)

    def _say_marked(self, text: str) -> None:
        plain: list[str] = []
        for line in text.split("\n"):
            before, mark, message = line.partition(_MARK)
            severity = _LETTERS.get(message[:1])
            if not mark or severity is None:
                plain.append(line)
                continue
            if before:
                plain.append(before)
            if plain:
                self._say_lines("\n".join(plain))
                plain = []
            self._say_message(severity, message[1:].replace(_NEWLINE_IN_MESSAGE, "\n"))
        if plain:
            self._say_lines("\n".join(plain))

    def _say_lines(self, lines: str) -> None:
        attempt = self._attempt
        self._emit(
            LogLinesEvent(
                name=attempt.task,
                attempt=attempt.number,
                job_name=attempt.job_name,
                severity=self._severity,
                lines=lines,
            )
        )

    def _say_message(self, severity: Severity, message: str) -> None:
        attempt = self._attempt
        self._emit(
            LogWriteEvent(
                name=attempt.task,
                attempt=attempt.number,
                job_name=attempt.job_name,
                severity=severity,
                message=message,
            )
        )
