"""Variables of a job file: where they may stand, what they become, and what is wrong with them."""

from __future__ import annotations

import pytest

ENVIRON = {"USER": "ann", "EMPTY": "", "TEXT": "a: b # c, {d}", "HOST": "db.example", "PASSWORD": "hunter2"}
GIVEN = {"day": "2026-11-21", "n": "3", "odd": "$ENV{USER} $VAR{n}"}


@pytest.fixture
def value(project):
    """What a text in a job file becomes."""
    return lambda text: project.parameters(text, environ=ENVIRON, variables=GIVEN)["x"]


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("$ENV{USER}", "ann"),
        ("$VAR{n}", "3"),
        ("'$VAR{n}'", "3"),
        ('"$VAR{n}"', "3"),
        ("$ENV{EMPTY:full}", ""),
        ("$VAR{gone:}", ""),
        ("$VAR{gone:2026-01-01}", "2026-01-01"),
        ("$VAR{URL:http://host:8080/path}", "http://host:8080/path"),
        ("$VAR{gone:a b  c}", "a b  c"),
        ("$VAR{gone:a\\}b\\}}", "a}b}"),
        ("'$VAR{gone:a\\}b}'", "a}b"),
        ('"$VAR{gone:a\\}b}"', "a}b"),
        ('"$VAR{gone:a\\\\}b}"', "a}b"),
        ('"$VAR{gone:a\\tb}"', "a\tb"),
        ("$VAR{gone:C:\\temp\\new}", "C:\\temp\\new"),
        ("$VAR{gone:a: b #c, [d]}", "a: b #c, [d]"),
        ("$VAR{gone:it's}", "it's"),
        ("$VAR{gone:5$ and $x}", "5$ and $x"),
        ("$ENV{USER}-$VAR{n}-$SYS{gone:s}-$VAR{n}", "ann-3-s-3"),
        ("cost$5-$VAR{n}", "cost$5-3"),
        ("${HOME} $(date) $HOME $$ $1 $env{x}", "${HOME} $(date) $HOME $$ $1 $env{x}"),
        ("${{ tasks.load.result }}", "${{ tasks.load.result }}"),
        ("$$ENV{USER}", "$ENV{USER}"),
        ("$$VAR{}", "$VAR{}"),
        ("$${HOME}", "${HOME}"),
        ("$${{ x }} ${{ y }}", "$${{ x }} ${{ y }}"),
        ("$ENV{TEXT}", "a: b # c, {d}"),
        ("$VAR{odd}", "$ENV{USER} $VAR{n}"),
    ],
)
def test_filled_in(value, written, filled):
    """FM-42, FM-43, X-FM-18: several kinds in one value, defaults with anything in them, text with other `$`."""
    assert value(f"x: {written}") == filled


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("x: |\n  echo $VAR{n}\n  $ENV{USER}\n", "echo 3\nann\n"),
        ("x: >-\n  one $VAR{n}\n  two\n", "one 3 two"),
        ("x: one\n  $VAR{n} $VAR{gone:a\n  b}\n", "one 3 a b"),
        ("x: {a: $VAR{n}, b: [$ENV{USER}, $VAR{gone:p, q}]}", {"a": "3", "b": ["ann", "p, q"]}),
        ('{"x": {"a":"$VAR{n}"}}', {"a": "3"}),
        ("x: {$ENV{USER}: 1, '$VAR{n}': 2, k$VAR{n}: 3}", {"ann": 1, "3": 2, "k3": 3}),
        ("x:\n  $VAR{n}: a\n  ? $ENV{USER}\n  : b\n", {"3": "a", "ann": "b"}),
        ("x: !!str $VAR{n}", "3"),
        ("x: [&a $VAR{n}, *a]", ["3", "3"]),
    ],
)
def test_everywhere(value, text, filled):
    """X-FM-18: in block text, in flow mappings without quotes, in keys, behind anchors."""
    assert value(text) == filled


def test_the_project_root(project):
    """FM-42: `$SYS{APP_ROOT_DIR}` is the project root."""
    assert project.parameters("x: $SYS{APP_ROOT_DIR}/a") == {"x": f"{project.root}/a"}


def test_a_variable_gives_text_that_the_key_understands(project, good):
    """FM-42: the result is text, even of digits; `max_attempts` and the like read it."""
    text = good + "    max_attempts: $VAR{n}\n    timeout: $VAR{n}\n    priority: '$VAR{gone:-2}'\n"
    text += "    at_most_once: $VAR{gone:true}\n    backoff: {jitter: $VAR{gone:false}, factor: $VAR{n}}\n"
    task = project.definition(text, variables=GIVEN).tasks["second"]
    assert (task.max_attempts, task.timeout, task.priority, task.at_most_once) == (3, 3.0, -2, True)
    assert (task.backoff.jitter, task.backoff.factor) == (False, 3.0)


@pytest.mark.parametrize(
    ("written", "words", "label"),
    [
        ("$ENV{PASWORD}", "environment variable `PASWORD`", "did you mean `PASSWORD`?"),
        ("$ENV{SURELY_NOT_SET}", "environment variable `SURELY_NOT_SET`", "$ENV{SURELY_NOT_SET:default}"),
        ("$VAR{dya}", "variable `dya`", "did you mean `day`?"),
        ("$VAR{zzz}", "variable `zzz`", "--var zzz="),
        ("$SYS{APP_ROOT}", "no variable `APP_ROOT`", "APP_ROOT_DIR"),
    ],
)
def test_undefined(project, good, line_of, written, words, label):
    """B-20, FM-42: a variable without value and default is named at its place, with what was probably meant."""
    text = good.replace("label: first", f"label: a {written} b")
    loaded = project.load(text, environ=ENVIRON, variables=GIVEN)

    (problem,) = loaded.problems
    assert (problem.code, problem.path) == ("FR112", "tasks.first.parameters.label")
    assert words in problem.message
    assert label in problem.label
    assert (problem.place.line, problem.place.column) == (line_of(text, written), 16)
    assert problem.place.length == len(written)
    assert loaded.doubts.unusable == {("tasks", "first", "parameters", "label")}


@pytest.mark.parametrize(
    "written", ["$VAR{", "$VAR{}", "$VAR{n", "$VAR{a b}", "$VAR{:x}", "$VAR{x:\\}", "$VAR{x:$VAR{n}}"]
)
def test_malformed(project, good, written):
    """A variable that is not complete is a mistake; there is no nesting."""
    problem = project.problem(good.replace("label: first", f"label: '{written}'"), variables=GIVEN)
    assert (problem.code, problem.path) == ("FR113", "tasks.first.parameters.label")
    assert "$$VAR{" in problem.label


def test_every_undefined_variable_is_told(project, good):
    """FM-18: not only the first of a value."""
    text = good.replace("label: first", "label: $VAR{a} $ENV{b}").replace("nightly", "$VAR{c}")
    problems = project.load(text).problems
    assert [problem.code for problem in problems] == ["FR112"] * 3
    assert [problem.path for problem in problems] == ["config.name", *["tasks.first.parameters.label"] * 2]


def test_an_undefined_variable_is_one_problem(project, good):
    """Where a whole number is needed, nothing is said about the text that stands there."""
    assert project.problem(good + "    max_attempts: $VAR{n}\n").code == "FR112"


def test_what_nobody_refers_to_is_not_filled_in(project, good):
    """FM-40: `aliases:` only counts where an alias brings it in."""
    assert project.definition("aliases: {a: $ENV{NOT_SET}, a: twice}\n" + good)


def test_values_from_the_environment_are_not_shown(project, good):
    """D-09: a message has what is written in the file, never what the environment holds."""
    text = good.replace("  second:", "  $ENV{PASSWORD}:") + "    max_attempts: $ENV{PASSWORD}\n    wrong: 1\n"
    text = text.replace("name: nightly", "name: nightly\n  on_overlap: $ENV{PASSWORD}\n  $ENV{PASSWORD}: 1")
    text += "    retry_on: $ENV{PASSWORD}\n    backoff: $ENV{PASSWORD}\n  $ENV{PASSWORD}: {}\ninclude: $ENV{PASSWORD}\n"
    problems = project.load(text, environ=ENVIRON).problems

    assert {problem.code for problem in problems} == {"FR103", "FR104", "FR105"}
    assert len(problems) == 8
    assert not [problem for problem in problems if "hunter2" in repr(problem)]
    assert "found `$ENV{PASSWORD}`" in problems[0].label
    assert problems[2].path == "tasks.$ENV{PASSWORD}.max_attempts"


def test_values_of_the_call_are_shown_with_their_variable(project, good):
    """What came from `--var` is said together with where it was used."""
    problem = project.problem(good + "    max_attempts: $VAR{day}\n", variables=GIVEN)
    assert problem.label == 'found text "2026-11-21" from `$VAR{day}`'


def test_hostile_text_is_read_in_linear_time(project):
    """A million beginnings of variables are refused as any other text."""
    loaded = project.load("tasks: {a: {task: T, parameters: {x: '" + "$VAR{a:" * 300_000 + "'}}}\n")
    assert {problem.code for problem in loaded.problems} == {"FR113"}


@pytest.mark.parametrize("text", ["\U0010fe00$x\U0010fe10", "$\U0010fe03", "$VAR{gone:\U0010fe00}", "\U0010fe01"])
def test_private_characters_stay(value, text):
    """No character of a text means something else to flowrun."""
    assert value(f"x: {text}") == text.replace("$VAR{gone:", "").replace("}", "")


def test_a_variable_that_nothing_names_is_told(project):
    """A misspelt `--var` must not be passed over in silence: the default would be taken."""
    project.write("tasks: {a: {task: T, parameters: {day: '$VAR{day:2026-01-01}'}}}\n")

    loaded = project.load(variables={"dya": "2026-11-21"})

    assert [(one.code, one.label) for one in loaded.warnings] == [("FR114", "did you mean `day`?")]
    assert loaded.definition is not None
