"""Checkpointers: the contract."""

from ..errors import NoCheckpointAvailableError
from .checkpointer import CheckpointContents, Checkpointer, Commit, checkpointer

__all__ = ["CheckpointContents", "Checkpointer", "Commit", "NoCheckpointAvailableError", "checkpointer"]
