"""Includes: order, merging, circles, and files that cannot be included."""

from __future__ import annotations

import os

import pytest

from flowrun.jobdefinition import Outside, load

TASK = "tasks: {a: {task: T}}\n"


def test_the_three_files_of_the_manual(project):
    """FM-44: depth first in list order, the containing file last; mappings merge key by key."""
    project.write(
        "config: {name: generic-template}\n"
        "tasks:\n  do-something:\n    task: DoSomething\n    parameters: {some_required_param: I am required}\n",
        "jobdefs/template.yaml",
    )
    project.write(
        "include: [./jobdefs/template.yaml]\ntasks:\n  cleanup: {task: Cleanup, dependencies: [do-something]}\n",
        "jobdefs/cleanup_addon.yaml",
    )
    definition = project.definition(
        "config: {name: complete-job}\ninclude: [./jobdefs/cleanup_addon.yaml]\n"
        "tasks:\n  do-something: {task: Do Something, parameters: {added_optional_param: 99}}\n"
    )
    assert definition.config.name == "complete-job"
    assert definition.include == ()
    assert list(definition.tasks) == ["do-something", "cleanup"]
    assert definition.tasks["cleanup"].depends_on == ("do-something",)
    task = definition.tasks["do-something"]
    assert task.variant == "Do Something"
    assert task.parameters == {"some_required_param": "I am required", "added_optional_param": 99}


def test_lists_and_values_are_replaced(project):
    """FM-44: only mappings merge."""
    below = "tasks: {a: {task: T, dependencies: [b, c], parameters: {l: [1, 2], m: {x: 1}, n: {y: 1}}}}\n"
    project.write(below, "low.yaml")
    task = project.definition(
        "include: [low.yaml]\ntasks: {a: {dependencies: [d], parameters: {l: [3], m: 5, n: {z: 2}}}}\n"
    ).tasks["a"]
    assert task.depends_on == ("d",)
    assert task.parameters == {"l": [3], "m": 5, "n": {"y": 1, "z": 2}}


def test_a_later_include_wins_over_an_earlier_one(project):
    """FM-44: list order."""
    project.write("config: {name: one, max_concurrency: 1}\n", "one.yaml")
    project.write("config: {name: two}\n", "two.yaml")
    config = project.definition("include: [one.yaml, two.yaml]\n" + TASK).config
    assert (config.name, config.max_concurrency) == ("two", 1)


def test_a_diamond(project):
    """FM-45, X-FM-19: a file that is reached twice counts once, below everything that includes it."""
    project.write("config: {name: low, max_concurrency: 1, fail_fast: true}\n", "low.yaml")
    project.write("include: [low.yaml]\nconfig: {max_concurrency: 2}\n", "left.yaml")
    project.write("include: [./low.yaml]\nconfig: {name: right}\n", "right.yaml")
    loaded = project.load("include: [left.yaml, right.yaml]\n" + TASK)
    config = loaded.definition.config
    assert loaded.problems == ()
    assert (config.name, config.max_concurrency, config.fail_fast) == ("right", 2, True)
    assert [os.path.basename(file) for file in loaded.files] == ["job.yaml", "left.yaml", "low.yaml", "right.yaml"]


@pytest.mark.parametrize(
    ("chain", "circle"),
    [
        ({"job.yaml": "job.yaml"}, "job.yaml -> job.yaml"),
        ({"job.yaml": "a.yaml", "a.yaml": "./job.yaml"}, "job.yaml -> a.yaml -> job.yaml"),
        ({"job.yaml": "a.yaml", "a.yaml": "b.yaml", "b.yaml": "a.yaml"}, "a.yaml -> b.yaml -> a.yaml"),
    ],
)
def test_a_circle(project, monkeypatch, chain, circle):
    """FM-45, B-16: a real circle is refused, and printed as a path; the problem is where it closes."""
    monkeypatch.chdir(project.root)
    for name, included in chain.items():
        project.write(f"include:\n  - {included}\n{TASK}", name)
    loaded = load("job.yaml", Outside(project.root, {}))
    (problem,) = loaded.problems
    assert loaded.doubts.may_hide(("tasks", "any"))
    assert problem.code == "FR107"
    assert problem.message.endswith(circle)
    assert str(problem.place) == f"{list(chain)[-1]}:2"


def test_a_circle_through_a_link(project):
    """Another name of the same file is the same file."""
    project.write("include: [link.yaml]\n" + TASK)
    (project.root / "link.yaml").symlink_to("job.yaml")
    assert project.problem().code == "FR107"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("./nope.yaml", "no such file"),
        ("./folder", "directory"),
        ("./pipe", "not a regular file"),
        ("./dangling.yaml", "no such file"),
        ("./loop.yaml", "symbolic links"),
        ("/dev/full", "not a regular file"),
        ('"a\\0b"', "not a valid path"),
        ("x" * 5000, "too long"),
    ],
)
def test_what_cannot_be_read(project, entry, words):
    """FM-46, B-16: told at the entry that names it, at once, also for a pipe that nobody writes to."""
    (project.root / "folder").mkdir()
    os.mkfifo(project.root / "pipe")
    (project.root / "dangling.yaml").symlink_to("nowhere.yaml")
    (project.root / "loop.yaml").symlink_to("loop.yaml")
    loaded = project.load(f"{TASK}include:\n  - {entry}\n")
    (problem,) = loaded.problems
    assert (problem.code, problem.path, problem.place.line) == ("FR108", "include[0]", 3)
    assert words in problem.message
    assert loaded.doubts.may_hide(("tasks", "any"))


def test_a_file_beside_the_one_that_names_it(project):
    """FM-46: paths begin at the project root, and who thought otherwise is told the right one."""
    project.write("include: [near.yaml, far.yaml]\n", "jobs/middle.yaml")
    project.write("aliases: {}\n", "jobs/near.yaml")
    loaded = project.load(f"{TASK}include: [jobs/middle.yaml]\n")
    assert [(problem.code, problem.label) for problem in loaded.problems] == [
        ("FR108", "did you mean `jobs/near.yaml`? A path begins at the project root"),
        ("FR108", ""),
    ]


def test_a_mistake_in_an_included_file(project):
    """B-16: the problem points into the included file and says who includes it."""
    project.write("tasks:\n  a: [\n", "broken.yaml")
    problem = project.problem("include:\n  - ./broken.yaml\n" + TASK)
    assert problem.code == "FR102"
    assert str(problem.place) == "broken.yaml:3"
    assert problem.notes[-1].endswith("job.yaml:2")


@pytest.mark.parametrize(
    "content",
    [
        *("root:top-secret:0:0\n\t: : {[\n", "top-secret\n", "- top-secret\n", "top-secret: 1\n"),
        *("a: *top-secret\n", "!top-secret a\n", "a: 'top-secret\n", "%top-secret\n--- a\n", ""),
        *("&top-secret [*top-secret]\n", "top-secret: {a: top-secret"),
    ],
)
def test_the_contents_of_foreign_files_are_not_told(project, content):
    """B-24: neither in words nor by a place with a column, at which a line would be shown."""
    project.write(content, "foreign.conf")
    loaded = project.load("include: [foreign.conf]\n" + TASK)
    assert loaded.problems
    assert "top-secret" not in repr(loaded.problems)
    assert all(problem.place.column == 0 for problem in loaded.problems if "foreign" in problem.place.file)
    assert any("foreign.conf" in str(problem) for problem in loaded.problems)


@pytest.mark.parametrize(
    ("written", "path", "words"),
    [
        ("", "include", "list"),
        ("./a.yaml", "include", "`[./a.yaml]`"),
        ("{a: b}", "include", "list"),
        ("[1]", "include[0]", "path"),
        ("[[a]]", "include[0]", "path"),
        ("[$VAR{gone}]", "include[0]", "`gone`"),
    ],
)
def test_wrong_entries(project, written, path, words):
    """FM-46: `include:` is a list of paths."""
    problem = project.problem(f"include: {written}\n{TASK}")
    assert problem.path == path
    assert words in f"{problem.message} {problem.label}"


def test_paths_start_at_the_project_root(project, monkeypatch):
    """FM-25, X-FM-19: wherever the including file stands and wherever the command was started."""
    project.write("config: {name: low}\n", "parts/low.yaml")
    project.write("include: [./parts/low.yaml, '$SYS{APP_ROOT_DIR}/parts/low.yaml']\n", "deep/er/mid.yaml")
    project.write("include: [deep/er/mid.yaml]\n" + TASK, "jobs/nightly.yaml")
    monkeypatch.chdir(project.root / "jobs")
    loaded = load("nightly.yaml", Outside(project.root, {}))
    assert loaded.definition.config.name == "low"
    assert loaded.files == ("nightly.yaml", "../deep/er/mid.yaml", "../parts/low.yaml")


def test_variables_and_anchors_stay_in_their_file(project):
    """An include may use variables; an anchor of one file is not known in another."""
    project.write("aliases: {a: &a 1}\nconfig: {name: '$VAR{n}'}\n", "low.yaml")
    assert project.definition("include: [low.yaml]\n" + TASK, variables={"n": "x"}).config.name == "x"
    assert project.problem("include: [low.yaml]\nconfig: {max_concurrency: *a}\n" + TASK).code == "FR102"


def test_spellings_meet(project):
    """`depends_on` in one file replaces `dependencies` of another."""
    project.write("tasks: {a: {variant: Low, dependencies: [b]}}\n", "low.yaml")
    task = project.definition("include: [low.yaml]\ntasks: {a: {task: T, depends_on: [c]}}\n").tasks["a"]
    assert (task.variant, task.depends_on) == ("T", ("c",))


def test_a_chain_of_hundreds(project):
    """Nesting of includes has a limit, so that it cannot exhaust the stack."""
    for number in range(300):
        project.write(f"include: [f{number + 1}.yaml]\nconfig: {{}}\n", f"f{number}.yaml")
    project.write("config: {}\n", "f300.yaml")
    problem = project.problem("include: [f0.yaml]\n" + TASK)
    assert problem.code == "FR109"


def test_nothing_is_called_missing_when_a_file_is(project):
    """What an unreadable include may have brought cannot be told from what is missing."""
    loaded = project.load("include: [gone.yaml]\ntasks: {a: {max_attempts: 0}}\n")
    assert [problem.code for problem in loaded.problems] == ["FR108", "FR105"]
