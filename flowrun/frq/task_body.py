"""The body of a task: an attempt as every worker can read it, and exact for those in Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import values
from ..attempt import Attempt
from .body import is_exact
from .faults import UnreadableError
from .message import TaskMessage
from .plain_text import plain_of, says_all, shared_from_plain, shared_to_plain


def task_body(attempt: Attempt, shared: Mapping[str, str]) -> dict[str, Any]:
    """What stands in the body. `params`, `shared` and `run` are for everybody.

    `run.attempt` is what `Attempt.body` has, as far as `params` does not say it; `run.shared` are shared values whose
    plain form does not say all. Secrets are not in it, only the names of variables that have them.
    """
    own = attempt.body()
    parameters, given, env = own.pop("parameters"), own.pop("given", {}), own.pop("env", {})
    if not is_exact(parameters):
        given = {**{name: values.encode(value) for name, value in parameters.items()}, **given}
    params = {**parameters, **{name: plain_of(text) for name, text in given.items()}}
    if exact := {name: text for name, text in given.items() if not says_all(text)}:
        own["given"] = exact
    if open_env := {name: text for name, text in env.items() if name not in attempt.secrets}:
        own["env"] = open_env
    if attempt.secrets:
        own["secrets"] = list(attempt.secrets)
    plain, _deleted, exact_shared = shared_to_plain(shared)
    run = {"job": attempt.job_name, "run_id": attempt.run_id, "task": attempt.task, "attempt": own}
    if exact_shared:
        run["shared"] = exact_shared
    return {"params": params, "shared": plain, "run": run}


def attempt_of(message: TaskMessage, body: Any) -> Attempt:
    """The attempt of a body, also of one that another client made without `run.attempt`.

    Its `secrets` are names of variables, for which the worker finds the values in its own environment. Raises
    UnreadableError.
    """
    try:
        params, run = dict(body.get("params") or {}), dict(body.get("run") or {})
        own = dict(run.get("attempt") or {})
        given = dict(own.get("given") or {})
        plain = {name: value for name, value in params.items() if name not in given}
        return Attempt.from_body(
            {
                "run_id": str(run.get("run_id") or message.client),
                "job_name": str(run.get("job") or ""),
                "task": str(run.get("task") or message.id),
                **own,
                "variant": message.handler,
                "number": message.attempt,
                "parameters": plain,
                "given": given,
            }
        )
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        raise UnreadableError(f"the body has no attempt: {error}", message.id, message.client) from None


def shared_of(body: Any) -> dict[str, str]:
    """The shared values of a body, encoded, by encoded key. Raises UnreadableError."""
    try:
        exact = (body.get("run") or {}).get("shared") or {}
        texts = shared_from_plain(body.get("shared") or {}, [], exact)
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        raise UnreadableError(f"the body has no shared values: {error}") from None
    return {key: text for key, text in texts.items() if text is not None}
