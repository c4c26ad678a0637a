"""One task of a job, performed alone."""

from .alone import Alone, alone
from .wish import LAST, Wish

__all__ = ["LAST", "Alone", "Wish", "alone"]
