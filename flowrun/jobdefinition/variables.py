"""Variables of a job file: `$ENV{NAME:default}`, `$VAR{NAME:default}`, `$SYS{NAME:default}`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..dataclass import dataclass
from .wording import nearest, plain

# Patterns are compiled when a text needs them: most runs need none.
#
# A default ends at the first `}` that is not written `\}`. It may not hold another variable: there is no
# nesting, and a search that stops there stays linear on hostile text. Quantifiers are possessive for the same reason.
_NAME = r"[^\s:{}$]++"
_DEFAULT = r"(?:\\\}|[^}\n$]|\$(?!(?:ENV|VAR|SYS)\{))*+"
_REFERENCE = rf"\$(?:(\$)(?=(?:ENV|VAR|SYS)?\{{)(?!\{{\{{)|(ENV|VAR|SYS)\{{(?:({_NAME})(?::({_DEFAULT}))?\}})?)"
_SPEAKS_OF_ENV = r"(?<!\$)\$ENV\{"
_LITERAL = r"\$(?=(?:ENV|VAR|SYS)\{)|(?<=\$)\$(?=\{)(?!\{\{)"

# Private characters stand for what means something to YAML, one for one, so that columns stay right.
_HIDE = {ord(mark): 0x10FE00 + number for number, mark in enumerate("{}[],:#\\")}
_SHOW = {hidden: mark for mark, hidden in _HIDE.items()}
_OPEN, _END = chr(_HIDE[ord("{")]), chr(0x10FE10)
_SHOW[ord(_END)] = ord("}")
# A quote may well be the end of the text around it, with a brace missing.
_OPAQUE = rf"\{{{_NAME}(?::{_DEFAULT})?".replace("[^", f"[^'\"{_OPEN}-{_END}")
_TO_HIDE = rf"(\$(?:ENV|VAR|SYS))({_OPAQUE})\}}"
_TO_SHOW = rf"\$(?:ENV|VAR|SYS){_OPEN}[^{_END}]*{_END}"
_MARKS = r"(?<!\\)\\(?=\})|[{}\[\],:#]"
_MAX_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """A variable that cannot be filled in; `start` and `length` say where in the text it stands."""

    code: str
    message: str
    label: str
    start: int
    length: int


def hide(text: str) -> str:
    """`text` with every variable made opaque to YAML: it may stand unquoted anywhere, even in `{a: $VAR{b}}`."""
    if not ("$ENV{" in text or "$VAR{" in text or "$SYS{" in text):
        return text
    return re.sub(_TO_HIDE, _hidden, text)


def show(text: str) -> str:
    """What `hide` made opaque, as it was written."""
    return re.sub(_TO_SHOW, lambda match: match[0].translate(_SHOW), text) if _OPEN in text else text


def escape(text: str) -> str:
    """`text` written such that filling it in gives it back."""
    return re.sub(_LITERAL, "$$", text)


def is_tainted(text: str) -> bool:
    """Whether `text`, as written, takes something from the environment, which messages must not show."""
    return re.search(_SPEAKS_OF_ENV, text) is not None


class Variables:
    """The values that variables take: of the environment, of the call, and of flowrun itself."""

    def __init__(self, environ: Mapping[str, str], given: Mapping[str, str], system: Mapping[str, str]) -> None:
        # A copy, since `os.environ` encodes whatever name it is asked for, and fails at some.
        self._values = {"ENV": dict(environ), "VAR": given, "SYS": system}
        self._named: set[str] = set()

    def unused(self) -> tuple[str, ...]:
        """The variables that were given and that no `$VAR{}` names: misspelt, most likely."""
        return tuple(name for name in self._values["VAR"] if name not in self._named)

    def near(self, name: str) -> str | None:
        """The variable that the job names and that was most likely meant."""
        return nearest(name, self._named)

    def fill(self, text: str) -> tuple[str, list[Fault]]:
        """`text` with its variables filled in; `$$ENV{X}` gives `$ENV{X}`, and `$${` gives `${`.

        `$${{` stays as it is, for those who read expressions.
        What cannot be filled in stays as written and is among the faults (FR112 undefined, FR113 malformed).
        """
        if "$" not in text:
            return text, []
        faults: list[Fault] = []
        return re.sub(_REFERENCE, lambda match: self._value(match, faults), text), faults

    def _value(self, match: re.Match[str], faults: list[Fault]) -> str:
        escaped, kind, name, default = match.groups()
        if escaped:
            return "$"
        if kind == "VAR" and name is not None:
            self._named.add(name)
        if name is not None and name in self._values[kind]:
            return self._values[kind][name]
        if default is not None:
            return default.replace("\\}", "}")
        if len(faults) < _MAX_FAULTS:
            faults.append(_malformed(match, kind) if name is None else self._undefined(match, kind, name))
        return match[0]

    def _undefined(self, match: re.Match[str], kind: str, name: str) -> Fault:
        shown = plain(name)
        message = {
            "ENV": f"the environment variable `{shown}` is not set and there is no default",
            "VAR": f"the variable `{shown}` is not given and there is no default",
            "SYS": f"flowrun has no variable `{shown}`",
        }[kind]
        near = nearest(name, self._values[kind])
        label = f"a default is written `${kind}{{{shown}:default}}`"
        if near:
            label = f"did you mean `{near}`?"
        elif kind == "VAR":
            label = f"give it with `--var {shown}=VALUE`"
        return Fault("FR112", message, label, match.start(), len(match[0]))


def _hidden(match: re.Match[str]) -> str:
    # Other backslashes are left to YAML, which reads them in double quotes.
    return match[1] + re.sub(_MARKS, lambda mark: chr(_HIDE[ord(mark[0])]), match[2]) + _END


def _malformed(match: re.Match[str], kind: str) -> Fault:
    message = f"`${kind}{{` begins a variable that is not complete"
    label = f"write `${kind}{{NAME}}` or `${kind}{{NAME:default}}`; `$${kind}{{` for the plain text"
    return Fault("FR113", message, label, match.start(), len(match[0]))
