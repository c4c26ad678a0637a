"""What the workers of a queue announce together."""

from __future__ import annotations

from flowrun.frq.fleet import Worker
from flowrun.frq.offers import offers_of

WIDE = {"type": "object", "required": ["width"]}
HIGH = {"type": "object", "required": ["height"]}


def test_a_schema_says_who_announces_it() -> None:
    """So a person who does not know a parameter finds who asks for it."""
    one, other = Worker("host-1", 4, {"resize": WIDE}), Worker("host-2", 4, {"resize": WIDE, "free": None})

    assert offers_of([one, other], "gpu") == {
        "free": None,
        "resize": {
            **WIDE,
            "$comment": "host-1 and 1 more, on the queue 'gpu'; `flowrun workers --queue gpu` shows what they take",
        },
    }


def test_where_workers_differ_what_suits_one_is_right() -> None:
    """One that takes anything takes everything."""
    wide, high, any_ = (Worker(f"host-{number}", 1, {"resize": it}) for number, it in enumerate((WIDE, HIGH, None)))

    both = offers_of([wide, high], "q")["resize"]

    assert both is not None
    assert both["anyOf"] == [WIDE, HIGH]
    assert offers_of([wide, any_], "q") == {"resize": None}


def test_a_worker_says_what_it_does() -> None:
    """One without an attempt is idle, in whatever language it is written; one that is paused or ending says so."""
    told = [
        Worker("w", 1, state=state, running=running).doing for state in ("", "working", "paused") for running in (0, 1)
    ]

    assert told == ["idle", "working", "idle", "working", "paused", "paused"]
