"""What is wrong with a definition: code, place, words, and what is left of it."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("old", "new", "name", "near", "path"),
    [
        ("tasks:", "taks:", "taks", "tasks", "taks"),
        ("name: nightly", "name: n\n  max_concurency: 3", "max_concurency", "max_concurrency", "config.max_concurency"),
        ("    dependencies:", "    dependancies:", "dependancies", "dependencies", "tasks.second.dependancies"),
        ("    task: Step", "    tsak: Step", "tsak", "task", "tasks.first.tsak"),
        ("    task: Step", "    task: Step\n    backoff: {frist: 1}", "frist", "first", "tasks.first.backoff.frist"),
        ("tasks:", "pools: {p: {slot: 1}}\ntasks:", "slot", "slots", "pools.p.slot"),
        ("tasks:", "loggers: {p: {loger: X}}\ntasks:", "loger", "logger", "loggers.p.loger"),
    ],
)
def test_a_misspelt_key(project, good, old, new, name, near, path):
    """B-09, FM-18: the key itself is the place; what was meant and what is allowed is said, and nothing else."""
    text = good.replace(old, new, 1)
    problem = project.problem(text)
    line = text.splitlines()[problem.place.line - 1]
    assert (problem.code, problem.path) == ("FR104", path)
    assert line[problem.place.column - 1 :][: problem.place.length] == name
    assert problem.message.startswith(f"unknown key `{name}`")
    assert problem.label == f"did you mean `{near}`?"
    assert near in problem.notes[0]


def test_an_unknown_key_like_no_other(project, good):
    """Nothing is suggested; the keys that are allowed are listed."""
    problem = project.problem(good + "    zzz: 1\n")
    assert problem.message == "unknown key `zzz` in task `second`"
    assert problem.label == ""
    assert problem.notes[0].startswith("keys here: task, dependencies, parameters, max_attempts")


@pytest.mark.parametrize(
    ("new", "path", "words", "label"),
    [
        ("dependencies: first", "dependencies", "a list", 'found text "first"; write it as a list: `[first]`'),
        ("dependencies:\n      - 1", "dependencies[0]", "text", "found the number 1; put it in quotes"),
        ("dependencies:\n      - [first]", "dependencies[0]", "text", "found a list"),
        ("depends_on: [x, 2]", "depends_on[1]", "text", "found the number 2; put it in quotes"),
        ("dependencies:", "dependencies", "a list", "found nothing"),
        ("max_attempts: 0", "max_attempts", "at least 1", "found the number 0"),
        ("max_attempts: -1", "max_attempts", "at least 1", "found the number -1"),
        ("max_attempts: many", "max_attempts", "a whole number", 'found text "many"'),
        ("max_attempts: 1.5", "max_attempts", "a whole number", "found the number 1.5"),
        ("max_attempts: 1.0", "max_attempts", "a whole number", "found the number 1.0"),
        ("max_attempts: true", "max_attempts", "a whole number", "found `true`"),
        ("timeout: soon", "timeout", "a duration", 'found text "soon"'),
        ("timeout: 0", "timeout", "longer than 0", "found the number 0"),
        ("timeout: -1s", "timeout", "a duration", 'found text "-1s"'),
        ("timeout: .inf", "timeout", "a finite number", "found the number inf"),
        ("backoff: {factor: 0.5}", "backoff.factor", "at least 1", "found the number 0.5"),
        ("backoff: [1]", "backoff", "a duration", "found a list"),
        ("at_most_once: maybe", "at_most_once", "`true` or `false`", 'found text "maybe"'),
        ("parameters: label", "parameters", "a mapping", 'found text "label"'),
        ("pool: 5", "pool", "text", "found the number 5; put it in quotes"),
        ("executor: {a: 1}", "executor", "text", "found a mapping"),
        ("approve:", "approve", "a question, or a mapping that has one", "found nothing"),
        ("approve: true", "approve", "a question, or a mapping that has one", "found `true`"),
    ],
)
def test_a_wrong_value_of_a_task(project, good, line_of, new, path, words, label):
    """B-10, FM-35, X-FM-10, X-FM-12: what stands there, what is allowed, and the path down to the index in a list."""
    text = good.replace("    dependencies:\n      - first", f"    {new}")
    text = text.replace("    parameters:\n      label: second\n", "") if "parameters" in new else text
    loaded = project.load(text)
    (problem,) = loaded.problems
    assert problem.code == "FR105"
    assert problem.path == f"tasks.second.{path}"
    assert problem.message.startswith(f"task `second`: `{path}` must be {words}")
    assert problem.label == label
    assert problem.place.line == line_of(text, new.splitlines()[-1])
    assert list(loaded.definition.tasks) == ["first", "second"]


@pytest.mark.parametrize(
    ("section", "path", "words", "label"),
    [
        ("config: {name: [a]}", "config.name", "text", "found a list"),
        ("config: {name: 5}", "config.name", "text", "found the number 5; put it in quotes"),
        ("config: {name: ''}", "config.name", "at least one character long", 'found text ""'),
        ("config: {max_concurrency: lots}", "config.max_concurrency", "a whole number", 'found text "lots"'),
        ("config: {on_overlap: wiat}", "config.on_overlap", "one of", 'found text "wiat"; did you mean `wait`?'),
        ("config: {grace_seconds: true}", "config.grace_seconds", "a number", "found `true`"),
        ("config:", "config", "a mapping", "found nothing"),
        ("config: x", "config", "a mapping", 'found text "x"'),
        ("version: 2", "version", "a version that this flowrun reads", "found the number 2"),
        ("version: []", "version", "a number", "found a list"),
        ("version: true", "version", "a number", "found `true`"),
        ("pools: {p: 0}", "pools.p", "at least 1", "found the number 0"),
        ("pools: {p: {slots: 1.5}}", "pools.p.slots", "a whole number", "found the number 1.5"),
        ("pools: {p: }", "pools.p", "a whole number", "found nothing"),
        ("loggers: {l: FileLogger}", "loggers.l", "a mapping", 'found text "FileLogger"'),
        ("checkpointer: {checkpointer: [x]}", "checkpointer.checkpointer", "text", "found a list"),
        ("extensions: []", "extensions", "a mapping", "found a list"),
    ],
)
def test_a_wrong_value_of_a_section(project, section, path, words, label):
    """FM-24, FM-27, FM-30: the rest of the definition stays, for the checks that come after."""
    loaded = project.load(f"{section}\ntasks: {{a: {{task: T}}}}\n")
    (problem,) = loaded.problems
    assert (problem.code, problem.path) == ("FR105", path)
    assert problem.message.startswith(f"`{path}` must be {words}")
    assert problem.label == label
    assert list(loaded.definition.tasks) == ["a"]


def test_tasks_as_a_list(project):
    """Who knows other tools writes them so: it is said how they are written here."""
    problem = project.problem("tasks:\n  - {name: a, task: T}\n")
    assert (problem.code, problem.message) == ("FR105", "`tasks` must be a mapping")
    assert problem.label == "found a list; each task stands under its name: `load: {task: Load}`"


@pytest.mark.parametrize("text", ["version: 0.1\ntasks:\n", "version: 0.1\ntasks: {}\n", "version: 0.1\n"])
def test_no_tasks(project, text):
    """B-11, FM-12: a job without tasks is refused."""
    problem = project.problem(text)
    assert problem.code == "FR111"
    assert "no tasks" in problem.message
    assert problem.place.line >= 1


def test_a_task_that_is_nothing(project):
    """B-11: a name with nothing below."""
    problem = project.problem("version: 0.1\ntasks:\n  a:\n")
    assert (problem.message, problem.label) == ("task `a` must be a mapping", "found nothing")
    assert (problem.place.line, problem.place.column) == (3, 3)


def test_a_task_without_a_class(project, good, line_of):
    """FM-32: the name of the task is the place of what it lacks."""
    text = good.replace("  second:\n    task: Step\n", "  second:\n")
    problem = project.problem(text)
    assert (problem.code, problem.path, problem.place.line) == ("FR106", "tasks.second", line_of(text, "  second:"))
    assert problem.message == "task `second` has no `task`"


@pytest.mark.parametrize(
    ("written", "words"), [("1", "must be text"), ("''", "must not be empty"), ("~", "must be text")]
)
def test_names_of_tasks(project, written, words):
    """A name is text, and there is some of it."""
    problem = project.problem(f"tasks:\n  {written}: {{task: T}}\n  b: {{task: T}}\n")
    assert problem.code == "FR105"
    assert words in problem.message
    assert problem.place.line == 2


def test_names_of_parameters(project, good):
    """The same holds for the keys of `parameters:`."""
    problem = project.problem(good.replace("label: second", "1: second"))
    assert problem.message == "the key `1` in `parameters` of task `second` must be text"
    assert (problem.path, problem.label) == ("tasks.second.parameters.1", "put it in quotes")


@pytest.mark.parametrize("keys", ["task: A\n    variant: B", "dependencies: []\n    depends_on: []"])
def test_both_spellings(project, keys):
    """One key in two spellings is given twice, also with equal values."""
    task = "" if "task" in keys else "    task: T\n"
    problem = project.problem(f"tasks:\n  a:\n{task}    {keys}\n")
    assert problem.code == "FR103"
    assert problem.path == f"tasks.a.{keys.split()[-2].rstrip(':')}"


def test_a_mistake_in_the_spelling_that_does_not_count(project):
    """It is told, and the one that counts stays."""
    loaded = project.load("tasks: {a: {task: T, dependencies: [], depends_on: {$VAR{x}: 1}}}\n")
    assert [problem.code for problem in loaded.problems] == ["FR103", "FR112"]
    assert loaded.definition.tasks["a"].depends_on == ()


def test_everything_at_once(project, good):
    """B-17, FM-18, FM-19: all mistakes of a file, in the order of its lines."""
    text = good.replace("- first", "- 5").replace("task: Step", "tsak: Step", 1).replace("name: nightly", "nmae: x")
    text += "  third: {task: $VAR{x}}\n  third: {}\n"
    loaded = project.load(text)
    assert [problem.code for problem in loaded.problems] == ["FR104", "FR104", "FR105", "FR112", "FR103"]
    lines = [problem.place.line for problem in loaded.problems]
    assert lines == sorted(lines)
    assert list(loaded.definition.tasks) == ["first", "second", "third"]


def test_problems_of_the_main_file_come_first(project):
    """Then those of included files, in the order of reading."""
    project.write("tasks: {z: {task: 1}}\n", "a.yaml")
    project.write("\n\ntasks: {y: {task: 1}}\n", "b.yaml")
    problems = project.load("include: [b.yaml, a.yaml]\ntasks:\n\n\n\n  a: {task: 1}\n").problems
    assert [problem.path for problem in problems] == ["tasks.a.task", "tasks.y.task", "tasks.z.task"]


def test_how_an_included_value_came(project):
    """A mistake in an included file is told there, with the way it came."""
    project.write("tasks:\n  a:\n    max_attempts: x\n", "low.yaml")
    problem = project.problem("include:\n  - low.yaml\ntasks: {a: {task: T}}\n")
    assert str(problem.place) == "low.yaml:3"
    assert "through its include on line 2" in problem.notes[-1]


def test_long_and_odd_text_is_shortened_and_escaped(project, good):
    """A message is one short line, whatever stands in the file."""
    odd = '"' + "x\\n\\e[2J" * 50 + '"'
    problem = project.problem(good + f"    max_attempts: {odd}\n")
    assert problem.label.isprintable()
    assert len(problem.label) < 200
    problem = project.problem(good + f"    {odd}: 1\n")
    assert problem.message.isprintable()
    assert len(problem.message) < 200


def test_thousands_of_mistakes(project):
    """A file of nothing but mistakes is answered all the same."""
    text = "tasks:\n" + "".join(f"  t{number}:\n    tsak{number}: X\n" for number in range(6000))
    loaded = project.load(text)
    assert len(loaded.problems) > 5000
    assert len(loaded.definition.tasks) == 6000
