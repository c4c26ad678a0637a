"""Source files of the project, and no others."""

from __future__ import annotations

from pathlib import Path

from flowrun.web.excerpts import excerpt, source_of

SOURCE = '''import x


@task(
    name="a",
)
def other():
    pass


@task
@other
class Load(
    Task,
):
    """Loads."""

    def run(self):
        text = """
        """
        return 1


after = 1
'''


def project(tmp_path: Path) -> Path:
    """A project with one module, and a file outside of it."""
    root = tmp_path / "project"
    (root / "tasks" / "deep").mkdir(parents=True)
    (root / "tasks" / "deep" / "mine.py").write_text(SOURCE)
    (tmp_path / "secret.py").write_text("password = 1\n")
    (root / "tasks" / "link.py").symlink_to(tmp_path / "secret.py")
    return root


def test_a_class_is_shown_whole(tmp_path: Path) -> None:
    """With its decorators, to the end of its block, found without importing anything."""
    found = source_of(project(tmp_path), "Load")

    assert found is not None
    assert (found["file"], found["line"]) == ("tasks/deep/mine.py", 11)
    assert found["text"].startswith("@task\n@other\nclass Load(")
    assert found["text"].endswith("return 1")
    assert source_of(tmp_path / "project", "Loa.") is None


def test_lines_around_a_place(tmp_path: Path) -> None:
    """Only of the project's own files, whatever a history says."""
    root = project(tmp_path)

    assert [one["line"] for one in excerpt(root, "tasks/deep/mine.py", 1)] == [1, 2, 3]
    for file, line in (
        ("../secret.py", 1),
        (str(tmp_path / "secret.py"), 1),
        ("tasks/link.py", 1),
        ("tasks/deep/mine.py", 99),
        ("", 1),
    ):
        assert excerpt(root, file, line) == [], file
