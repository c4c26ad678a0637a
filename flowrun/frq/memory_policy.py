"""What Redis does when its memory is full."""

from __future__ import annotations

from .faults import RefusedError
from .pipeline import Pipeline


async def evicts(pipeline: Pipeline) -> str:
    """The policy by which Redis would forget what it was given; empty: it forgets nothing, or may not be asked."""
    try:
        answer = await pipeline.command("INFO", "memory")
    except RefusedError as error:
        if error.code == "NOPERM":
            await pipeline.command("PING")
            return ""
        raise
    said = dict(line.split(":", 1) for line in answer.decode().splitlines() if ":" in line)
    policy = str(said.get("maxmemory_policy", "noeviction"))
    return "" if policy == "noeviction" or said.get("maxmemory") == "0" else policy
