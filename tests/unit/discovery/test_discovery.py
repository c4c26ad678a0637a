"""Discovery: which modules are imported, under which names, and whose classes they are."""

from __future__ import annotations

import py_compile
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowrun.discovery import Discovery, discover, find
from flowrun.loggers.logger import loggers
from flowrun.registry import Entry
from flowrun.task import Task, tasks

TASK = """
from flowrun.task import Task, task

@task
class {name}(Task):
    def run(self) -> str:
        return "{says}"
"""

COUNTS = """
import builtins
builtins.runs_of_count = getattr(builtins, "runs_of_count", 0) + 1
"""

FILE_LOGGER = """
from flowrun.loggers.logger import Logger, logger

@logger
class FileLogger(Logger):
    async def update(self, evt): ...
"""


def write(root: Path, **files: str) -> Path:
    """Write files, `tasks__load` as tasks/load.py, and give the root back."""
    for name, source in files.items():
        place(root, name.replace("__", "/") + ".py", source)
    return root


def place(root: Path, path: str, source: str = "") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source)
    return file


def a_task(name: str, says: str = "") -> str:
    return TASK.format(name=name, says=says)


def found(discovery: Discovery, name: str) -> list[Entry[Task]]:
    return find(tasks, name, discovery)


def said(discovery: Discovery, name: str) -> str:
    (entry,) = found(discovery, name)
    return str(entry.cls().run())


@pytest.fixture(autouse=True)
def same_path() -> Iterator[None]:
    """What a project puts on the path does not stay for the next test."""
    before = list(sys.path)
    yield
    sys.path[:] = before


def test_the_three_directories_are_searched_if_they_exist(tmp_path: Path) -> None:
    """Tasks, extensions and loggers are found at any depth, with or without `__init__.py`. FM-48"""
    write(tmp_path, tasks__deep__deeper__load=a_task("DeepLoad"), extensions__more=a_task("FromExtensions"))
    place(tmp_path, "extensions/__init__.py")

    discovery = discover(tmp_path)

    assert discovery.directories == (str(tmp_path / "tasks"), str(tmp_path / "extensions"))
    assert discovery.modules == ("tasks", "tasks.deep.deeper.load", "extensions", "extensions.more")
    assert [entry.origin.file for entry in found(discovery, "DeepLoad")] == [
        str(tmp_path / "tasks/deep/deeper/load.py")
    ]
    assert len(found(discovery, "FromExtensions")) == 1
    assert not [*discovery.broken, *discovery.unusable, *discovery.remarks]


def test_nothing_is_searched_where_there_is_nothing(tmp_path: Path) -> None:
    """Absent directories are fine if they are only convention; so is a file called `tasks`. FM-48"""
    (tmp_path / "tasks").write_text("buy milk")

    assert discover(tmp_path).modules == ()


def test_listed_directories_must_be_directories(tmp_path: Path) -> None:
    """An absent directory and a file are told apart, each with its place in the job definition. FM-48"""
    place(tmp_path, "plain.txt")

    missing, plain = discover(tmp_path, ["./nowhere", "plain.txt"]).unusable

    assert (missing.code, missing.path) == ("FR406", ("config", "extension_directories", 0))
    assert (plain.code, plain.path) == ("FR407", ("config", "extension_directories", 1))
    assert "./nowhere" in missing.message
    assert "plain.txt" in plain.message


def test_listed_directories_may_stand_anywhere(tmp_path: Path) -> None:
    """A nested, an absolute and an oddly named directory are searched; none needs a parent on the path. X-FM-16"""
    root = tmp_path / "project"
    write(root, ext__plug__one=a_task("NestedPlug"))
    place(root, "my-plugins/two.py", a_task("OddPlug"))
    place(tmp_path, "elsewhere/three.py", a_task("FarPlug"))

    discovery = discover(root, ["./ext/plug", "my-plugins", str(tmp_path / "elsewhere")])

    assert not [*discovery.unusable, *discovery.broken]
    assert all(len(found(discovery, name)) == 1 for name in ("NestedPlug", "OddPlug", "FarPlug"))


def test_two_directories_of_one_name_load_side_by_side(tmp_path: Path) -> None:
    """Modules of equal names in two directories called `tasks` do not collide. X-FM-16"""
    root = tmp_path / "project"
    write(root, tasks__load=a_task("LoadHere", "here"), tasks__common="x = 1")
    write(root, vendor__tasks__load=a_task("LoadThere", "there"), vendor__tasks__common="x = 2")

    discovery = discover(root, ["vendor/tasks"])

    assert (said(discovery, "LoadHere"), said(discovery, "LoadThere")) == ("here", "there")
    assert discovery.modules[0] == "tasks"
    assert len(set(discovery.modules)) == 6


def test_modules_import_each_other(tmp_path: Path) -> None:
    """`from tasks.common import x`, relative imports and modules beside `tasks` all work. FM-48"""
    write(
        tmp_path,
        tasks__common="from beside_discovery import z\nx = 1",
        tasks__deep__load="from tasks.common import x\nfrom ..common import z\nfrom . import near\n"
        + a_task("Importing"),
        tasks__deep__near="",
        beside_discovery="z = 3",
    )

    discovery = discover(tmp_path)

    assert discovery.broken == ()
    assert len(found(discovery, "Importing")) == 1


def test_a_module_is_run_once(tmp_path: Path) -> None:
    """A directory that is listed again, by another path or through its parent, is not imported again."""
    write(tmp_path, tasks__sub__count=COUNTS)
    import builtins

    discover(tmp_path, ["./tasks", "tasks/sub", "tasks/../tasks", "."])
    discover(tmp_path)

    assert builtins.runs_of_count == 1  # type: ignore[attr-defined]
    del builtins.runs_of_count  # type: ignore[attr-defined]


def test_a_module_that_the_driver_imported_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver script that stands beside `tasks` and imports from it shares the modules with the job."""
    write(tmp_path, drivers_tasks__load=a_task("ImportedByTheDriver"), drivers_tasks__other="")
    monkeypatch.syspath_prepend(str(tmp_path))
    from importlib import import_module

    by_the_driver = import_module("drivers_tasks.load")
    discovery = discover(tmp_path, ["drivers_tasks"])

    (entry,) = found(discovery, "ImportedByTheDriver")
    assert entry.cls is by_the_driver.ImportedByTheDriver
    assert discovery.modules == ("drivers_tasks", "drivers_tasks.load", "drivers_tasks.other")


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    """A link to a directory above does not lead round and round."""
    write(tmp_path, tasks__load=a_task("Linked"))
    (tmp_path / "tasks/again").symlink_to(tmp_path / "tasks")

    assert discover(tmp_path).modules == ("tasks", "tasks.load")


def test_files_that_are_no_modules_are_left_out(tmp_path: Path) -> None:
    """Hidden files and programs are not imported; a file whose name is no module name is mentioned."""
    raising = "raise RuntimeError('imported')"
    for path in ("tasks/.hidden.py", "tasks/.venv/x.py", "tasks/__main__.py", "tasks/my-tasks.py", "tasks/a-b/x.py"):
        place(tmp_path, path, raising)

    discovery = discover(tmp_path)

    assert discovery.broken == ()
    assert discovery.left_out == (str(tmp_path / "tasks/my-tasks.py"),)


@pytest.mark.parametrize(
    ("source", "line", "error"),
    [
        ("x = 1\ndef broken(:\n    pass\n", 2, "SyntaxError: "),
        (
            "\n\nimport a_module_that_does_not_exist\n",
            3,
            "ModuleNotFoundError: No module named 'a_module_that_does_not",
        ),
        ("def f():\n    raise RuntimeError('planned')\nf()\n", 2, "RuntimeError: planned"),
        ("import sys\nsys.exit(0)\n", 2, "SystemExit: 0"),
        ("class E(BaseException): pass\nraise E\n", 2, "E"),
        ("class E(Exception):\n  def __str__(self): return 1 / 0\nraise E\n", 3, "E: (its message cannot be shown)"),
        ("import json\njson.loads('{')\n", 2, "JSONDecodeError: "),
        (
            "from flowrun.task import task\n@task\nclass NoTask: pass\n",
            2,
            "TypeError: @task needs a class that extends",
        ),
    ],
)
def test_a_module_that_cannot_be_imported(tmp_path: Path, source: str, line: int, error: str) -> None:
    """It is told with the user's own line, whatever it raised, and the others are found. FM-47, FM-48"""
    write(tmp_path, tasks__zz_broken=source, tasks__good=a_task("StillGood"))

    discovery = discover(tmp_path)

    (broken,) = discovery.broken
    assert broken.file == broken.place.file == str(tmp_path / "tasks/zz_broken.py")
    assert broken.place.line == line
    assert broken.error.startswith(error)
    assert len(found(discovery, "StillGood")) == 1


def test_the_line_of_a_broken_module_may_be_in_another(tmp_path: Path) -> None:
    """Both modules are named; the place is the line that failed, not flowrun's and not the library's."""
    write(tmp_path, tasks__a="from tasks import b", tasks__b="\nimport not_installed_here")

    first, second = discover(tmp_path).broken

    assert (Path(first.file).name, Path(second.file).name) == ("a.py", "b.py")
    assert first.place == second.place
    assert str(first.place) == f"{tmp_path / 'tasks/b.py'}:2"


def test_classes_of_a_broken_module_do_not_count(tmp_path: Path) -> None:
    """A class that was registered before its module failed is not offered."""
    write(tmp_path, tasks__half=a_task("HalfWay") + "\nraise RuntimeError('late')")

    assert found(discover(tmp_path), "HalfWay") == []


def test_a_broken_package_is_told_once(tmp_path: Path) -> None:
    """If `__init__.py` fails, the modules below it are not tried."""
    write(tmp_path, tasks__one="", tasks__two="", extensions__sub__three="", extensions__four="")
    place(tmp_path, "tasks/__init__.py", "1 / 0")
    place(tmp_path, "extensions/sub/__init__.py", "1 / 0")

    discovery = discover(tmp_path)

    assert [discovery.shown(broken.file) for broken in discovery.broken] == [
        "tasks/__init__.py",
        "extensions/sub/__init__.py",
    ]
    assert discovery.modules == ("extensions", "extensions.four")


def test_a_keyboard_interrupt_is_not_swallowed(tmp_path: Path) -> None:
    """Ctrl-C while modules are imported stops the program, it does not break a module."""
    write(tmp_path, tasks__slow="raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        discover(tmp_path)


def test_names_of_others_are_not_taken(tmp_path: Path) -> None:
    """A directory called like a module of Python or of an installed package does not stand in its way."""
    for name in ("json", "pydantic", "flowrun", "colorsys"):
        place(tmp_path, f"{name}/plug.py", a_task(f"In{name.title()}"))

    discovery = discover(tmp_path, ["json", "pydantic", "flowrun", "colorsys"])
    import colorsys
    import json

    assert json.loads("1") == 1
    assert colorsys.rgb_to_hls(0, 0, 0) == (0, 0, 0)
    assert all(len(found(discovery, f"In{name}")) == 1 for name in ("Json", "Pydantic", "Flowrun", "Colorsys"))


def test_two_projects_one_after_the_other(tmp_path: Path) -> None:
    """Each sees its own modules under the plain names, and its own classes only. X-FM-17"""
    for name in ("one", "two"):
        load = "import helper_of_project\nfrom tasks.common import x\n" + TASK.format(name="OfProject", says="{x}")
        load = load.replace('"{x}"', "x + helper_of_project.y")
        write(tmp_path / name, tasks__common=f"x = '{name}'", tasks__load=load, helper_of_project=f"y = ' {name}'")

    first = discover(tmp_path / "one")
    second = discover(tmp_path / "two")
    first_again = discover(tmp_path / "one")

    assert first.modules == second.modules == ("tasks", "tasks.common", "tasks.load")
    assert said(first, "OfProject") == said(first_again, "OfProject") == "one one"
    assert said(second, "OfProject") == "two two"
    assert found(first, "OfProject") == found(first_again, "OfProject")
    assert sys.path.count(str(tmp_path / "one")) == 1
    assert str(tmp_path / "two") not in sys.path


def test_a_project_that_changed_is_imported_again(tmp_path: Path) -> None:
    """A class that was edited between two discoveries in one process is the edited one."""
    write(tmp_path, tasks__load=a_task("Edited", "before"))
    before = discover(tmp_path)
    assert said(before, "Edited") == "before"
    write(tmp_path, tasks__load=a_task("Edited", "after the edit"), tasks__new=a_task("NewlyWritten"))

    after = discover(tmp_path)

    assert said(after, "Edited") == "after the edit"
    assert len(found(after, "NewlyWritten")) == 1


def test_a_class_of_a_removed_file_is_gone(tmp_path: Path) -> None:
    """A second discovery does not offer what the first found in a file that is no longer there."""
    write(tmp_path, tasks__old=a_task("Removed"), tasks__load="")
    assert len(found(discover(tmp_path), "Removed")) == 1
    (tmp_path / "tasks/old.py").unlink()

    assert found(discover(tmp_path), "Removed") == []


def test_two_classes_of_one_name_are_both_found(tmp_path: Path) -> None:
    """A clash has both places, so that it can be shown. FM-47, X-FM-17"""
    write(tmp_path, tasks__a=a_task("Twice"), tasks__b="\n\n" + a_task("Twice"))

    entries = found(discover(tmp_path), "Twice")

    assert [str(entry.origin) for entry in entries] == [f"{tmp_path}/tasks/a.py:4", f"{tmp_path}/tasks/b.py:6"]


def test_a_class_that_is_defined_twice_in_a_file_is_the_later_one(tmp_path: Path) -> None:
    """Within one module a name means what it means in Python."""
    write(
        tmp_path,
        tasks__a=a_task("Redefined", "first")
        + "def f():"
        + a_task("Redefined", "last").replace("\n", "\n    ")
        + "\nf()",
    )

    assert said(discover(tmp_path), "Redefined") == "last"


def test_a_class_registered_by_hand_belongs_to_every_project(tmp_path: Path) -> None:
    """A class that the driver script registers is found without any directory."""

    class ByHand(Task):
        def run(self) -> str:
            return "by hand"

    tasks.register(ByHand)

    assert said(discover(tmp_path), "ByHand") == "by hand"


def test_a_package_that_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its modules are imported at any depth, and only jobs that list it see its classes. FM-29"""
    write(tmp_path / "lib", discovered_package__sub__deep=a_task("FarBelow"))
    place(tmp_path, "lib/discovered_package/__init__.py", a_task("AtTheTop"))
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    root = tmp_path / "project"
    root.mkdir()

    discovery = discover(root, packages=["discovered_package"])

    assert discovery.modules == ("discovered_package", "discovered_package.sub.deep")
    assert len(found(discovery, "AtTheTop")) == len(found(discovery, "FarBelow")) == 1
    assert found(discover(root), "AtTheTop") == []


def test_a_package_that_is_missing(tmp_path: Path) -> None:
    """It is told by name, with its place in the job definition. FM-29"""
    (unusable,) = discover(tmp_path, packages=["no_such_package_here"]).unusable

    assert (unusable.code, unusable.path) == ("FR408", ("config", "extension_packages", 0))
    assert "no_such_package_here" in unusable.message


def test_nothing_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Discovery has no output of its own. FM-14"""
    write(tmp_path, tasks__load=a_task("Silent"), tasks__broken="1 / 0")

    discover(tmp_path, ["nowhere"])

    assert capsys.readouterr() == ("", "")


def test_signal_handlers_of_modules_are_taken_back(tmp_path: Path) -> None:
    """A module that handles SIGTERM when it is imported does not keep the runner from stopping. X-07"""
    before = signal.getsignal(signal.SIGTERM)
    write(tmp_path, tasks__grabs="import signal\nsignal.signal(signal.SIGTERM, lambda *_: None)")

    (remark,) = discover(tmp_path).remarks

    assert signal.getsignal(signal.SIGTERM) is before
    assert remark.file == str(tmp_path / "tasks/grabs.py")
    assert "SIGTERM" in remark.message


def test_what_ships_in_the_box_is_found_by_name(tmp_path: Path) -> None:
    """A bundled class needs no directory."""
    (entry,) = find(loggers, "FileLogger", discover(tmp_path))

    assert entry.cls.__module__ == "flowrun.loggers.file"


def test_a_class_of_the_project_comes_before_what_ships_in_the_box(tmp_path: Path) -> None:
    """A user's own `FileLogger` is no clash with ours."""
    write(tmp_path, loggers__mine=FILE_LOGGER)
    find(loggers, "FileLogger", discover(tmp_path / "nothing"))

    (entry,) = find(loggers, "FileLogger", discover(tmp_path))

    assert entry.cls.__module__ == "loggers.mine"


def test_entry_points_are_asked_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution that offers `flowrun.plugins` is imported when a name was not found elsewhere. F2-13"""
    from flowrun.discovery import load_plugins

    write(tmp_path / "lib", offered_plugin=a_task("OfferedByAPlugin"))
    place(tmp_path, "lib/offered-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: offered\nVersion: 1.0\n")
    place(
        tmp_path,
        "lib/offered-1.0.dist-info/entry_points.txt",
        "[flowrun.plugins]\none = offered_plugin\ntwo = not_there\n",
    )
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    load_plugins.cache_clear()

    assert len(found(discover(tmp_path), "OfferedByAPlugin")) == 1
    assert load_plugins() == ("not_there  ModuleNotFoundError: No module named 'not_there'",)
    load_plugins.cache_clear()


def test_bytecode_that_was_cut_off_is_thrown_away(tmp_path: Path) -> None:
    """Python keeps bytecode, cut off without a word, when the disk is full; the module itself is in order."""
    write(
        tmp_path,
        tasks__common="x = 1",
        tasks__load="from tasks.common import x\n" + TASK.format(name="Cut", says="{x}"),
    )
    for name in ("common", "load"):
        kept = Path(py_compile.compile(str(tmp_path / f"tasks/{name}.py"), doraise=True) or "")
        kept.write_bytes(kept.read_bytes()[:60])

    found = discover(tmp_path)

    assert found.broken == ()
    assert "tasks.load" in found.modules
