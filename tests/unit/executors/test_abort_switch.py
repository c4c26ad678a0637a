"""The abort switch: a hook is interrupted at most once, and only while it may be."""

from __future__ import annotations

import asyncio

import pytest

from flowrun.executors.abort_switch import Aborted, AbortSwitch


def test_an_open_switch_is_interrupted_once() -> None:
    """The second signal finds it closed. FM-63"""
    switch = AbortSwitch()
    switch.open()

    with pytest.raises(Aborted):
        switch.interrupt()
    switch.interrupt()

    assert switch.is_asked


def test_a_closed_switch_is_not_interrupted_but_does_not_open_again() -> None:
    """on_abort and on_destroy run undisturbed; no further hook begins."""
    switch = AbortSwitch()
    switch.open()
    switch.close()
    switch.interrupt()

    with pytest.raises(Aborted):
        switch.open()


def test_to_be_asked_from_another_thread_interrupts_nothing() -> None:
    """Plain code in a thread looks at `aborting` when it likes."""
    switch = AbortSwitch()
    switch.open()
    switch.ask()

    assert switch.is_asked


def test_what_is_held_is_interrupted_afterwards() -> None:
    """A message that is being sent is never cut in two."""
    switch, steps = AbortSwitch(), []
    switch.open()

    def send() -> None:
        with switch.held():
            switch.interrupt()
            steps.append("sent")

    with pytest.raises(Aborted):
        send()
    assert steps == ["sent"]


def test_nothing_follows_a_hold_that_was_not_interrupted() -> None:
    """The hook goes on."""
    switch = AbortSwitch()
    switch.open()
    with switch.held():
        pass

    assert not switch.is_asked


def test_a_hook_that_waits_is_cancelled() -> None:
    """And not interrupted where it stands, so that its `finally` clauses can wait too."""
    switch = AbortSwitch()

    async def hook() -> str:
        switch.open()
        with switch.awaiting():
            asyncio.get_running_loop().call_soon(switch.ask)
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return "cancelled"
        return "never"

    assert asyncio.run(hook()) == "cancelled"


def test_a_hook_that_was_asked_before_it_waits_does_not_wait() -> None:
    """The request may come between the call and the first `await`."""
    switch = AbortSwitch()

    async def hook() -> None:
        switch.open()
        switch.is_asked = True
        with switch.awaiting():
            await asyncio.Event().wait()

    with pytest.raises(Aborted):
        asyncio.run(hook())


def test_asking_after_the_loop_has_ended_is_harmless() -> None:
    """The attempt may be over when the abort arrives."""
    switch = AbortSwitch()

    async def hook() -> None:
        switch.open()
        with switch.awaiting():
            await asyncio.sleep(0)

    asyncio.run(hook())
    switch.ask()

    assert switch.is_asked
