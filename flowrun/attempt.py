"""Attempt and Outcome: what goes to a worker, what comes back. Each has one JSON form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from enum import StrEnum
from typing import Any

from .dataclass import dataclass


class Reason(StrEnum):
    """How an attempt ended: a closed list. Success is never inferred; only `RETURNED` is one."""

    RETURNED = "returned"
    RAISED = "raised"
    EXITED = "exited"
    KILLED = "killed"
    OUT_OF_MEMORY = "out of memory"
    TIMED_OUT = "timed out"
    LOST = "lost"
    ABORTED = "aborted"
    NOT_STARTED = "not started"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a task, as a worker receives it. `parameters` are as the job file gives them."""

    run_id: str
    job_name: str
    task: str
    variant: str
    number: int = 1
    parameters: dict[str, Any] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    is_restart: bool = False
    """The task had failed, or was cut off while running, in the run that is continued: `on_restart` is called."""
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Parameters that come from other tasks, encoded (`values.encode`); they stand above `parameters`."""
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Environment variables of this attempt, the secrets of the task among them."""
    secrets: tuple[str, ...] = ()
    """Names in `env` and `given` that have secrets; their values stay on this machine. In no JSON form."""
    timeout_seconds: float | None = None
    """How long it may take, for executors that count this themselves; in no JSON form."""
    at_most_once: bool = False
    """No worker may begin it a second time, even if the first was lost with it; in no JSON form."""
    may_be_under_way: bool = False
    """An earlier life of the run has begun it, and it may go on elsewhere; in no JSON form."""
    live: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Like `given`, as they are, for a worker in the runner's process; in no JSON form."""
    declared: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """`inputs`, `outputs` and the key of `cache`, as far as they have expressions, filled in; in no JSON form."""

    @property
    def id(self) -> str:
        """Unique in the run: `task#number`."""
        return f"{self.task}#{self.number}"

    @property
    def full_id(self) -> str:
        """Unique among all runs: `run/task#number`."""
        return f"{self.run_id}/{self.task}#{self.number}"

    @property
    def idempotency_key(self) -> str:
        """The same for all attempts of a task in a run."""
        return f"{self.run_id}/{self.task}"

    def body(self) -> dict[str, Any]:
        """The JSON form."""
        body: dict[str, Any] = {name: getattr(self, name) for name in _ALWAYS}
        for name in ("given", "env"):
            if more := getattr(self, name):
                body[name] = dict(more)
        return body

    @classmethod
    def from_body(cls, body: dict[str, Any]) -> Attempt:
        """The attempt with this JSON form; fields of a later version are passed over."""
        known = {**body, "depends_on": tuple(body.get("depends_on", ())), "secrets": tuple(body.get("secrets", ()))}
        try:
            return cls(**known)
        except TypeError:
            return cls(**{name: known[name] for name in cls.__dataclass_fields__ if name in known})


_ALWAYS = ("run_id", "job_name", "task", "variant", "number", "parameters", "depends_on", "is_restart")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended."""

    reason: Reason
    message: str = ""
    """One line in plain words: `ValueError: no rows`, `killed by signal 9 (SIGKILL), perhaps out of memory`."""
    error_types: tuple[str, ...] = ()
    """Names of the exception's class and its bases, nearest first: what `retry_on` is compared with."""
    place: tuple[str, int] | None = None
    """File and line of the user's code where it was raised."""
    traceback: str = ""
    """The traceback without flowrun's own frames."""
    exit_status: int | None = None
    signal: int | None = None
    result: str | None = None
    """What `run` returned, encoded (`values.encode`); None if it returned nothing."""
    shared: dict[str, str | None] = field(default_factory=dict)
    """Shared values that the attempt changed, encoded, by encoded key; None: deleted."""
    hook_errors: tuple[str, ...] = ()
    """Errors of `on_failure`, `on_destroy` and `on_abort`: recorded, without effect on the outcome."""
    spawned: tuple[dict[str, Any], ...] = ()
    """Tasks that the attempt added to the job (`addition.Additions`)."""
    leaves_out_rest: bool = False
    """The members of its group that have not started are not to start any more."""
    is_final: bool = False
    """Another try would end in the same way."""
    is_cached: bool = False
    """Nothing was performed: it is the outcome of an earlier run, from which nothing has changed."""
    live: Any = None
    """What `run` returned as it is, if the worker is in the runner's process; in no JSON form."""
    may_be_under_way: bool = False
    """It may go on elsewhere without the runner: what is kept says that it runs, and a restart looks for it."""
    abandoned: bool = False
    """The worker could not be stopped and was left behind (threads)."""
    cpu_seconds: float = field(default=0.0, compare=False)
    """Processor time of the attempt and of what it started, as far as its worker can tell."""
    peak_bytes: int = field(default=0, compare=False)
    """The most memory that its process held; 0: not known."""

    @property
    def is_completed(self) -> bool:
        """The attempt said that it succeeded, and its worker ended well."""
        return self.reason is Reason.RETURNED

    @property
    def is_aborted(self) -> bool:
        """The attempt was stopped from outside."""
        return self.reason is Reason.ABORTED

    @property
    def is_failed(self) -> bool:
        """Neither completed nor aborted."""
        return not (self.is_completed or self.is_aborted)

    @classmethod
    def completed(cls, result: str | None = None, live: Any = None) -> Outcome:
        """`run` returned."""
        return cls(Reason.RETURNED, result=result, live=live)

    @classmethod
    def failed(cls, message: str, reason: Reason = Reason.RAISED) -> Outcome:
        """The attempt failed."""
        return cls(reason, message)

    @classmethod
    def aborted(cls, message: str = "stopped from outside") -> Outcome:
        """The attempt was stopped from outside."""
        return cls(Reason.ABORTED, message)

    def but(self, **changes: Any) -> Outcome:
        """The same outcome with some fields changed."""
        return replace(self, **changes)

    def body(self) -> dict[str, Any]:
        """The JSON form: only what differs from the default."""
        plain = {
            name: getattr(self, name)
            for name, f in self.__dataclass_fields__.items()
            if name != "live" and getattr(self, name) not in (None, "", (), {}, False)
        }
        return {**plain, "reason": self.reason.value}

    @classmethod
    def from_body(cls, body: dict[str, Any]) -> Outcome:
        """The outcome with this JSON form; fields of a later version are passed over."""
        known = {name: body[name] for name in cls.__dataclass_fields__ if name in body}
        known["reason"] = Reason(body["reason"])
        for name in ("error_types", "hook_errors", "place", "spawned"):
            if known.get(name) is not None:
                known[name] = tuple(known[name])
        return cls(**known)
