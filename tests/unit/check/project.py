"""A project with one module of tasks."""

from __future__ import annotations

from pathlib import Path


def project_with(directory: Path, module: str, text: str) -> Path:
    """The project in an empty directory, whose only module of tasks has this text."""
    (directory / "tasks").mkdir()
    (directory / "tasks" / module).write_text(text)
    return directory
