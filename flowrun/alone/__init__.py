"""One task of a job, performed alone."""

from .alone import LAST, Alone, alone

__all__ = ["LAST", "Alone", "alone"]
