"""The checkpointer that keeps nothing."""

from __future__ import annotations

import asyncio

import pytest

from flowrun.checkpointer.nothing import NoCheckpointer
from flowrun.errors import NoCheckpointAvailableError


def test_there_is_never_anything_to_continue() -> None:
    """And it says why."""
    with pytest.raises(NoCheckpointAvailableError, match="its checkpointer is NoCheckpointer"):
        asyncio.run(NoCheckpointer().read_checkpoint("nightly"))
    assert asyncio.run(NoCheckpointer().list_checkpoints()) == []
