"""Usual: how long the tasks of a job take, as earlier runs have shown, and what follows from that."""

from __future__ import annotations

from .usual import Usual

__all__ = ["Usual"]
