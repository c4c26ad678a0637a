"""What a result that came through Redis means for the run."""

from __future__ import annotations

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
