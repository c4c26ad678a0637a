"""Check: everything that can be wrong with a job, said before anything runs."""

from .check import check
from .checked import Checked
from .executors import executor_name

__all__ = ["Checked", "check", "executor_name"]
