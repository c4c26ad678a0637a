"""What is no YAML, or more than it may be."""

from __future__ import annotations

import os

import pytest
import yaml as pyyaml


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("    task: Step", "\ttask: Step", 6, "tab"),
        ("label: first", 'label: "first', 8, "no end"),
        ("      label: second", "   label: second", 12, "indentation"),
        ("label: first", "label: fi\0rst", 8, "control character"),
        ("label: first", "label: fi\x1brst", 8, "control character"),
        ("label: first", "label: *nowhere", 8, "no anchor"),
        ("label: first", "label: @first", 8, "quotes"),
        ("label: first", "label: a: b", 8, "`:`"),
        ("label: first", 'label: "\\q"', 8, "escape"),
        ("label: first", "label: [&x 1, &x 2]", 8, "twice"),
        ("version: 0.1", "%YAML 9.9\n---\nversion: 0.1", 1, "version"),
    ],
)
def test_not_yaml(project, good, old, new, line, words):
    """B-11: each mistake is named at its line, in words that do not quote the file."""
    loaded = project.load(good.replace(old, new, 1))

    (problem,) = loaded.problems
    assert loaded.definition is None
    assert (problem.code, problem.place.line) == ("FR102", line)
    assert words in problem.message


def test_an_expression_without_quotes_inside_of_braces(project, good):
    """What people write most naturally there is not YAML, and they are told what is."""
    (problem,) = project.load(good.replace("label: first", "label: {a: ${{ vars.x }}}", 1)).problems

    assert problem.code == "FR102"
    assert problem.label == "inside of `{…}` and `[…]` an expression needs quotes around it"


def test_two_documents(project, good, line_of):
    """B-11: a job file is one document; the second is where the problem stands."""
    text = good + "---\n" + good
    problem = project.problem(text)
    assert (problem.code, problem.place.line) == ("FR102", line_of(text, "---"))
    assert "document" in problem.message


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"- a\n- b\n", "list"),
        (b"hello\n", "text"),
        (b"", "empty"),
        (b"# nothing here\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        ("version: b\xe4d\n".encode("latin-1"), "UTF-8"),
        ("tasks: {}".encode("utf-16"), "UTF-8"),
        (bytes(range(256)) * 8, "UTF-8"),
    ],
)
def test_not_a_job_file(project, raw, words):
    """B-11, FM-46: what is no mapping in UTF-8 is refused with a sentence that says what it is."""
    problem = project.problem(raw)
    assert problem.code == "FR102"
    assert words in problem.message
    assert problem.place.file.endswith("job.yaml")


def test_a_byte_order_mark_and_windows_lines_are_fine(project, good):
    """Editors put them in."""
    assert list(project.definition(b"\xef\xbb\xbf" + good.replace("\n", "\r\n").encode()).tasks) == ["first", "second"]


@pytest.mark.parametrize(
    "inside",
    ["[" * 20000 + "]" * 20000, "{a: " * 5000 + "1" + "}" * 5000, "[" * 20000, "\n    " + "? " * 20000],
    ids=["brackets", "braces", "open brackets", "keys"],
)
def test_deep_nesting(project, inside):
    """B-11: nesting is refused by count, before it can exhaust the stack."""
    assert project.problem(f"tasks:\n  a: {inside}\n").code == "FR109"


def test_a_hundred_levels_are_allowed(project):
    """The limit is far above what a job needs, and exact."""
    value = "[" * 90 + "]" * 90
    assert project.parameters(f"x: {value}")["x"] != []


@pytest.mark.parametrize(
    "written",
    [
        *("!!python/object/apply:os.system ['touch CANARY']", "!!python/name:os.system", "!!python/module:this"),
        *("!ruby/object:Gem {x: 1}", "!!binary aGk=", "!!set {a, b}", "!!timestamp 2026-01-01", "!!omap [a: 1]"),
    ],
)
def test_tags(project, tmp_path, monkeypatch, written):
    """B-13: only the tags of the core schema are known, and nothing is made from any other."""
    monkeypatch.chdir(tmp_path)
    loaded = project.load(f"version: 0.1\ntasks:\n  a:\n    task: T\n    parameters:\n      x: {written}\n")
    (problem,) = loaded.problems
    assert (problem.code, problem.place.line, problem.path) == ("FR110", 6, "tasks.a.parameters.x")
    assert loaded.doubts.unusable == {("tasks", "a", "parameters", "x")}
    assert not os.path.exists("CANARY")


def _alias_bomb() -> str:
    rows = ["  a: &a [" + "lol, " * 8 + "lol]"]
    rows += [f"  {b}: &{b} [" + f"*{a}, " * 8 + f"*{a}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    return "aliases:\n" + "\n".join(rows) + "\ntasks:\n  first: {task: T, parameters: {label: *i}}\n"


def _merge_bomb() -> str:
    rows = ["  L0: &L0 {k: v}"]
    rows += [f"  L{n}: &L{n} {{<<: [*L{n - 1}, *L{n - 1}], k{n}: v}}" for n in range(1, 40)]
    return "aliases:\n" + "\n".join(rows) + "\ntasks:\n  first: {task: T, parameters: {<<: *L39}}\n"


def _deep_chain() -> str:
    rows = ["  a0: &a0 [x]", *(f"  a{n}: &a{n} [*a{n - 1}]" for n in range(1, 3000))]
    return "aliases:\n" + "\n".join(rows) + "\ntasks:\n  first: {task: T, parameters: {p: *a2999}}\n"


@pytest.mark.parametrize("bomb", [_alias_bomb(), _merge_bomb(), _deep_chain()], ids=["aliases", "merge keys", "chain"])
def test_bombs(project, bomb):
    """B-14: aliases are counted for what they stand for, without writing it out."""
    assert project.problem(bomb).code == "FR109"


@pytest.mark.parametrize("text", ["tasks: &a {a: *a}\n", "tasks: {a: &a [*a]}\n", "tasks: &a {<<: *a}\n"])
def test_an_alias_of_itself(project, text):
    """A value that contains itself has no end."""
    problem = project.problem(text)
    assert problem.code == "FR102"
    assert "itself" in problem.message


def test_a_file_that_is_too_large(project):
    """B-14: a scalar of 30 MB is refused by the size of its file."""
    problem = project.problem(b"tasks: " + b"x" * (30 << 20))
    assert (problem.code, problem.place.line) == ("FR109", 0)


def test_nothing_global_changes(project, good):
    """X-FM-18: PyYAML's own loaders read after a job as they did before."""
    text = "{a: no, b: 22:30, c: 0755, d: $VAR{x}, e: 2026-01-01}".replace("$VAR{x}", "'$VAR{x}'")
    before = pyyaml.safe_load(text)
    project.definition(good.replace("nightly", "$VAR{x:nightly}"))
    assert pyyaml.safe_load(text) == before
    assert before["d"] == "$VAR{x}"
