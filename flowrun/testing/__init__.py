"""For tests of tasks and jobs: perform one task, run a job with stubs, and doubles that work."""

from .fake_clock import FakeClock
from .fake_executor import FakeExecutor
from .job_run import run_job
from .recording_logger import RecordingLogger
from .task_run import TaskRun, run_task
from .temporary_project import TemporaryProject

__all__ = ["FakeClock", "FakeExecutor", "RecordingLogger", "TaskRun", "TemporaryProject", "run_job", "run_task"]
