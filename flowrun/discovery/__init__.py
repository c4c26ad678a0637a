"""Discovery: finding the classes of a project."""

from ..project_root import find_root
from .discovery import Discovery, Unusable, discover, find, load_plugins
from .walk import BrokenModule, Remark

__all__ = ["BrokenModule", "Discovery", "Remark", "Unusable", "discover", "find", "find_root", "load_plugins"]
