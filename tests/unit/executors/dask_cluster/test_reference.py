"""The reference of the executor is complete."""

from __future__ import annotations

from pathlib import Path

from flowrun.executors.dask import DaskExecutor
from flowrun.executors.dask_cluster.settings import LocalSettings, TlsFiles
from tests.papers import DOCS, first_names


def test_every_setting_is_in_the_reference() -> None:
    """And nothing else."""
    text = Path(DOCS / "reference" / "dask.md").read_text()

    assert set(first_names(text)) == set(DaskExecutor.model_fields)
    for cls in (LocalSettings, TlsFiles):
        assert not [name for name in cls.model_fields if f"`{name}`" not in text]
