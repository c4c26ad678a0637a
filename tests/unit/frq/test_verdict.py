"""What a result that came through Redis means for the run."""

from __future__ import annotations

import pytest

from flowrun.attempt import Reason
from flowrun.frq.body import write
from flowrun.frq.message import ResultMessage, TaskMessage
from flowrun.frq.result_body import refused_body
from flowrun.frq.status import Status
from flowrun.frq.verdict import outcome_of_result


def test_a_worker_that_was_given_what_it_does_not_know_is_named() -> None:
    """With its queue, why that could be, and where to look; in whatever language it is written."""
    task = TaskMessage(id="R/thumbs/1", attempt=1, handler="resize", client="R", body=b"{}")
    said = write(refused_body("no_handler", "this worker offers no 'resize'; it offers: sum"))
    result = ResultMessage(
        id=task.id, attempt=1, delivery=1, worker="host-1", at_ms=0, status=Status.REJECTED, body=said
    )

    outcome = outcome_of_result(task, result, said, "go-cpu", retries_lost=False)

    assert (outcome.reason, outcome.is_final) == (Reason.NOT_STARTED, True)
    assert outcome.message == (
        "this worker offers no 'resize'; it offers: sum (host-1 on the queue 'go-cpu'). Any worker of a queue may be "
        "given any of its tasks, so all must offer the same: `flowrun workers --queue go-cpu` shows what each offers"
    )


@pytest.mark.parametrize("retries_lost", [False, True])
def test_an_attempt_with_which_workers_were_lost_may_count_as_a_try(retries_lost: bool) -> None:
    """With `on_lost: retry` the next of `max_attempts` follows; else the task has failed for good."""
    task = TaskMessage(id="R/a/1", attempt=1, handler="A", client="R", body=b"{}")
    said = write(refused_body("max_deliveries", "2 workers were lost with it"))
    result = ResultMessage(id=task.id, attempt=1, delivery=2, worker="w", at_ms=0, status=Status.LOST, body=said)

    outcome = outcome_of_result(task, result, said, "py", retries_lost=retries_lost)

    assert (outcome.reason, outcome.is_final) == (Reason.LOST, not retries_lost)
