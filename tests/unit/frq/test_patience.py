"""What is asked of Redis is asked again while it is away."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine

import pytest

from flowrun.frq.faults import AccessError, AwayError, RefusedError
from flowrun.frq.patience import GivenUpError, Patience


class _Hurry(asyncio.SelectorEventLoop):
    """A loop in which a pause takes as long as it should and no longer, however busy the machine is."""

    def __init__(self) -> None:
        super().__init__(_NoPause(self))
        self.now = 0.0

    def time(self) -> float:
        return self.now


class _NoPause(selectors.DefaultSelector):
    def __init__(self, loop: _Hurry) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._loop.now += timeout or 0.0
        return super().select(None if timeout is None else 0)


def _hurried(story: Coroutine[None, None, None]) -> None:
    with asyncio.Runner(loop_factory=_Hurry) as runner:
        runner.run(story)


def _asks(*answers: Exception | str) -> Callable[[], Awaitable[str]]:
    left = list(answers)

    async def ask() -> str:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ask


def test_short_absences_are_not_mentioned() -> None:
    """A Redis that is back at once was only restarted; whoever reconciles is told."""
    said: list[str] = []

    async def story() -> None:
        patience = Patience("redis://x", 60.0, said.append, said.append)
        assert await patience.insist(_asks(AwayError("gone"), "there")) == "there"
        assert patience.came_back.is_set()

    asyncio.run(story())
    assert said == []


@pytest.mark.parametrize("error", [AwayError("gone"), AccessError("not let in"), RefusedError("OOM no memory")])
def test_it_is_given_up_after_the_stated_time(error: Exception) -> None:
    """It is said, with the cause, and then the run is ended, once."""
    said: list[str] = []
    given_up: list[str] = []

    async def story() -> None:
        patience = Patience("redis://x", 0.4, said.append, given_up.append)
        for _ in range(2):
            with pytest.raises(GivenUpError):
                await patience.insist(_asks(*[error] * 100))

    _hurried(story())
    [sentence] = said
    assert sentence == f"Redis at redis://x is away, waiting up to 0.4s: {error}"
    [reason] = given_up
    assert reason.startswith("Redis at redis://x was away for 0.")
    assert reason.endswith(str(error))


def test_a_refusal_is_final() -> None:
    """What Redis refuses it would refuse again."""
    given_up: list[str] = []

    async def story() -> None:
        with pytest.raises(GivenUpError):
            await Patience("redis://x", 60.0, print, given_up.append).insist(_asks(RefusedError("NOPERM no right")))

    asyncio.run(story())
    assert given_up == ["Redis at redis://x refuses: NOPERM no right"]


def test_one_who_is_answered_does_not_speak_for_those_who_are_not() -> None:
    """A Redis without memory answers those who read: those who write give up all the same, and it is said once."""
    said: list[str] = []

    async def story() -> None:
        patience = Patience("redis://x", 0.4, said.append, said.append)

        async def read_until_it_is_over() -> None:
            while not patience.has_given_up:
                assert await patience.insist(_asks("there")) == "there"
                await asyncio.sleep(0.001)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(read_until_it_is_over())
            with pytest.raises(GivenUpError):
                await patience.insist(_asks(*[RefusedError("OOM no memory")] * 100))

    _hurried(story())
    assert [sentence.split(":")[0] for sentence in said] == ["Redis at redis"] * 2
    assert not [sentence for sentence in said if "is back" in sentence]


def test_who_stops_asking_is_not_waited_for() -> None:
    """A call that is cancelled while Redis is away leaves no trace: the next answer says that it is there."""

    async def story() -> None:
        patience = Patience("redis://x", 60.0, print, print)
        asking = asyncio.create_task(patience.insist(_asks(*[AwayError("gone")] * 100)))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        await patience.insist(_asks("there"))
        assert patience.came_back.is_set()

    asyncio.run(story())
