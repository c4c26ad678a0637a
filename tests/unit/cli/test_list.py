"""flowrun list and flowrun explain."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from .conftest import Said

Give = Callable[..., Said]


def test_classes_have_origin_description_and_parameters(flowrun: Give) -> None:
    """What somebody needs to write the entry of a task."""
    lines = flowrun("list", "tasks").out.splitlines()

    start = lines.index("  Load   tasks/warehouse.py:5")
    assert lines[0] == "tasks"
    assert lines[start + 1 : start + 5] == [
        "      Load one day.",
        "      - day: str",
        "      - batch_size: int = 1000",
        "  Publish   tasks/warehouse.py:19",
    ]


def test_the_default_of_a_path_is_shown_as_it_is_written(flowrun: Give, root: Path) -> None:
    """As text, not as the Python object."""
    (root / "tasks" / "store.py").write_text(
        "from pathlib import Path\nfrom flowrun.task import Task, task\n"
        "@task\nclass Store(Task):\n    target: Path = Path('out.csv')\n    def run(self) -> None: ...\n"
    )

    assert "      - target: pathlib.Path = 'out.csv'" in flowrun("list", "tasks").out.splitlines()


def test_all_kinds_are_listed_with_what_ships_in_the_box(flowrun: Give) -> None:
    """Loggers, extensions, checkpointers and executors too."""
    tables = json.loads(flowrun("list", "--json").out)

    names = {kind: [row["name"] for row in rows] for kind, rows in tables.items() if kind != "version"}
    assert {"Load", "Publish", "Counter"} <= set(names["tasks"])
    assert "FileLogger" in names["loggers"]
    assert "RichProgressBar" in names["extensions"]
    assert "FileCheckpointer" in names["checkpointers"]
    assert names["executors"][:5] == ["process", "thread", "async", "dask", "redis"]


def test_classes_of_extension_directories_come_with_their_job(flowrun: Give, root: Path) -> None:
    """A job that is named brings its directories along, even if it has mistakes. FM-28"""
    (root / "more").mkdir()
    (root / "more" / "extra.py").write_text(
        "from flowrun.task import Task, task\n@task\nclass Extra(Task):\n    def run(self) -> None: ...\n"
    )
    (root / "job.yaml").write_text("config: {extension_directories: [./more]}\ntasks: {a: {task: Nope}}\n")

    assert "Extra" not in flowrun("list", "tasks").out
    assert "Extra   more/extra.py:2" in flowrun("list", "tasks", "-j", "job.yaml").out


def test_a_module_that_breaks_is_named(flowrun: Give, root: Path) -> None:
    """The rest is listed all the same. FM-48"""
    (root / "tasks" / "spark.py").write_text("\nimport surely_not_installed\n")

    said = flowrun("list", "tasks")

    assert said.status == 0
    assert "Load" in said.out
    assert "tasks/spark.py:2" in said.err


def test_an_error_code_is_explained(flowrun: Give) -> None:
    """In either case of letters."""
    for subject in ("FR104", "fr104"):
        assert flowrun("explain", subject).out.startswith("FR104: an unknown key\n")


def test_a_key_is_explained(flowrun: Give) -> None:
    """What it takes and means."""
    said = flowrun("explain", "tasks.load.max_attempts")

    assert said.out == "tasks.*.max_attempts\n  a whole number; default 1\n  Number of tries in all.\n"


def test_a_class_is_explained(flowrun: Give) -> None:
    """One of the project, and one that ships in the box."""
    assert flowrun("explain", "Load").out.startswith("Load   tasks/warehouse.py:5\n  Load one day.\n  - day: str\n")
    assert "base_log_dir" in flowrun("explain", "FileLogger").out


def test_explanations_for_programs(flowrun: Give) -> None:
    """`--json`, as everywhere."""
    assert json.loads(flowrun("explain", "FR104", "--json").out)["found"][0]["title"] == "an unknown key"
    assert json.loads(flowrun("explain", "timeout", "--json").out)["kind"] == "key"
    assert json.loads(flowrun("explain", "Load", "--json").out)["kind"] == "class"


def test_what_nobody_knows_gets_a_suggestion(flowrun: Give) -> None:
    """A usage error with the nearest known word."""
    said = flowrun("explain", "max_atempts")

    assert said.status == 2
    assert "did you mean 'max_attempts'?" in said.err
