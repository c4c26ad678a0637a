"""`executor: dask` with workers from Slurm: the real dask-jobqueue, and stand-ins for `sbatch` and `scancel`."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.project import Project, eventually

SBATCH = """#!/bin/sh
cp "$1" "$MARKS.script"
setsid sh "$MARKS.script" >"$MARKS.job" 2>&1 </dev/null &
echo "Submitted batch job $!"
"""

SCANCEL = """#!/bin/sh
for job in "$@"; do kill -9 -- "-$job"; echo "$job" >>"$MARKS.cancelled"; done
"""


@pytest.fixture
def slurm(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project on a machine with the commands of Slurm."""
    assert find_spec("dask_jobqueue"), "this test needs dask-jobqueue: pip install dask-jobqueue"
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        path = project.aside / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    project.environment["PATH"] = f"{project.aside / 'bin'}:{os.environ['PATH']}"
    return project


def test_workers_are_jobs_of_slurm(slurm: Project) -> None:
    """They are submitted as the settings say, speak TLS with keys of the run, and are cancelled with it."""
    settings = {"cores": 2, "processes": 1, "memory": "1GB", "queue": "night", "interface": "lo", "jobs": 1}
    slurm.job(
        {"one": {"task": "Step", "executor": "cluster"}},
        executors={"cluster": {"executor": "dask", "parameters": {"slurm": settings}}},
    )
    done = slurm.run()
    script = Path(f"{slurm.environment['MARKS']}.script").read_text()

    assert done.status == 0, done
    assert slurm.hooks("one") == ["on_create", "start", "end", "on_success", "on_destroy"]
    assert "#SBATCH -p night" in script
    assert " tls://127.0.0.1:" in script
    eventually(lambda: Path(f"{slurm.environment['MARKS']}.cancelled").exists())
    assert slurm.all_gone()
    assert not list((slurm.root / ".flowrun").glob("dask*"))
