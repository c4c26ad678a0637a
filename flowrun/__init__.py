"""flowrun runs jobs: typed Python tasks, YAML that checks itself, restart from the failure; no server."""

from .version import __version__

TYPE_CHECKING = False  # nothing else is imported here: signals are to be heard from the first moment on
if TYPE_CHECKING:
    from .driver import Flowrun
    from .engine.report import Report
    from .jobs import Job, Member, Parallel, Serial
    from .result import Result

__all__ = ["Flowrun", "Job", "Member", "Parallel", "Report", "Result", "Serial", "__version__"]

_ROOMS = {
    "Flowrun": ".driver",
    "Job": ".jobs",
    "Member": ".jobs",
    "Parallel": ".jobs",
    "Report": ".engine.report",
    "Result": ".result",
    "Serial": ".jobs",
}


def __getattr__(name: str) -> object:
    """`from flowrun import Flowrun`, loaded only when it is asked for."""
    if name in _ROOMS:
        from importlib import import_module

        return getattr(import_module(_ROOMS[name], __name__), name)
    raise AttributeError(f"module 'flowrun' has no attribute {name!r}")
