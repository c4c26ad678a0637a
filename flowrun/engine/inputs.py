"""Inputs: what a task is given when it is due, from what others returned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .. import values
from ..errors import ExpressionError, FlowrunError, StateError
from ..eventbus.execution import ExecutionState
from ..expressions.of_task import TaskExpressions
from ..expressions.scope import ABSENT, Scope
from ..expressions.template import Template
from ..expressions.text import as_text
from ..expressions.variables import with_filled_variables
from ..items import Items, items_of
from .given import NOTHING, Given
from .job import Job
from .plan import Plan
from .results import Results


class Inputs:
    """Fills in the expressions of tasks. Raises ExpressionError, which says what is missing and what is there."""

    def __init__(self, job: Job, plan: Plan, results: Results, facts: Mapping[str, Any]) -> None:
        """`facts` are what expressions see as `run`."""
        self._job = job
        self._plan = plan
        self._results = results
        self._facts = facts
        self._items: dict[str, Items] = {}

    def holds(self, name: str) -> bool:
        """Whether the condition of a task is true."""
        expressions = self._expressions(name)
        return expressions is None or expressions.when is None or expressions.when.holds(self._scope(name))

    def question(self, name: str) -> str:
        """What a person is asked about a task."""
        expressions = self._expressions(name)
        assert expressions is not None, "there is something to fill in"
        assert expressions.question is not None, "there is something to fill in"
        return as_text(expressions.question.fill(self._scope(name)))

    def items(self, name: str) -> Items:
        """The items for which a task is performed. Raises ExpressionError if there is nothing of the kind."""
        definition = self._plan.definition(name)
        value = definition.matrix if definition.foreach is None else definition.foreach
        expressions = self._expressions(name)
        if expressions is not None and expressions.items is not None:
            value = expressions.items.fill(self._scope(name))
        items = self._items[name] = items_of(definition, value, root=self._job.root)
        return items

    def given(self, name: str, *, is_resident: bool) -> Given:
        """What an attempt is given; `is_resident`: it is performed in this process."""
        base = self._plan.base(name)
        expressions = self._expressions(base)
        definition = self._plan.definition(name)
        if expressions is None and not definition.env and not definition.secrets:
            return NOTHING
        scope = self._scope(name)
        env = dict(definition.env)
        encoded: dict[str, str] = {}
        live: dict[str, Any] = {}
        declared: dict[str, Any] = {}
        secret = list(definition.secrets)
        if expressions is not None:
            env |= {key: as_text(template.fill(scope)) for key, template in expressions.env.items()}
            declared = {key: template.fill(scope) for key, template in expressions.declared.items()}
            named = {**expressions.env, **expressions.parameters}
            secret += [key for key, template in named.items() if any(it.root == "secrets" for it in template.names)]
            for key, template in expressions.parameters.items():
                if is_resident:
                    live[key] = template.fill(scope)
                else:
                    encoded[key] = self._encoded(base, template, scope)
        env |= {key: self._job.secrets[key] for key in definition.secrets}
        return Given(encoded, live, env, tuple(secret), declared)

    def _encoded(self, at: str, template: Template, scope: Scope) -> str:
        """The text of a parameter. What a task returned is passed on as it is, without a look into it."""
        whole = template.whole
        if whole is not None and whole.root == "tasks" and whole.attribute == "result" and not whole.steps:
            return self._results.text(self._job.flat.resolve(at, whole.task) or whole.task)
        value = template.fill(scope)
        try:
            return values.encode(value, self._job.store)
        except (TypeError, StateError) as error:
            raise ExpressionError(f"a parameter cannot be handed over: {error}") from error

    def _expressions(self, name: str) -> TaskExpressions | None:
        return self._job.expressions.get(name)

    def _scope(self, name: str) -> Scope:
        base = self._plan.base(name)
        item: Any = ABSENT
        if base != name:
            item = self._items[base].item(self._plan.item(name)[1])
        is_matrix = self._plan.definition(name).matrix is not None
        scope = Scope(
            tasks=_Ends(base, self._job, self._plan, self._results),
            vars=self._job.flat.vars_of(base, self._job.vars) if base in self._job.flat.tasks else self._job.vars,
            env=self._job.environ,
            secrets=self._job.secrets,
            run=self._facts,
            item=ABSENT if is_matrix else item,
            matrix=item if is_matrix else ABSENT,
        )
        return with_filled_variables(scope)


class _Ends(Mapping[str, "_End"]):
    """What became of tasks, by the names that a task has for them."""

    def __init__(self, at: str, job: Job, plan: Plan, results: Results) -> None:
        self._at = at
        self._job = job
        self._plan = plan
        self._results = results

    def __getitem__(self, name: str) -> _End:
        full = self._job.flat.resolve(self._at, name)
        if full is None:
            raise KeyError(name)
        return _End(full, self._plan, self._results)

    def __iter__(self) -> Iterator[str]:
        return iter(self._job.tasks)

    def __len__(self) -> int:
        return len(self._job.tasks)


class _End:
    """What became of one task."""

    __slots__ = ("_name", "_plan", "_results")

    def __init__(self, name: str, plan: Plan, results: Results) -> None:
        self._name = name
        self._plan = plan
        self._results = results

    @property
    def result(self) -> Any:
        try:
            return self._results.value(self._name)
        except FlowrunError as error:
            raise ExpressionError(f"the result of task `{self._name}` cannot be read: {error}") from error

    @property
    def state(self) -> ExecutionState:
        return self._plan.state(self._name)
