"""Files of test cases, and how they are brought up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.errors import DefinitionError
from flowrun.testing.case_file import CaseFile
from flowrun.testing.case_update import update

TEXT = """\
# for the nightly job
job: ../jobs/nightly.yaml
vars: {day: monday, region: eu}
stubs:
  load: [1, 2]
cases:
  loads:
    vars: {day: $ENV{DAY}}
    expect:
      results:
        load: [1, 2]   # stays
        total:
          rows: 3
          more:
            - é
        # stays too
      order: load, total
  empty:
"""


def case_file(directory: Path, text: str = TEXT) -> CaseFile:
    """A file with this text."""
    path = directory / "nightly.test.yaml"
    path.write_text(text, encoding="utf-8")
    return CaseFile(path, {"DAY": "sunday"})


def test_what_stands_at_the_top_holds_for_all_cases(tmp_path: Path) -> None:
    """A case says key by key what is otherwise; variables of the environment are filled in."""
    file = case_file(tmp_path, TEXT.replace("order: load, total", "order: [load]"))

    assert file.job == "../jobs/nightly.yaml"
    assert file.cases["loads"].vars == {"day": "sunday", "region": "eu"}
    assert file.cases["empty"].stubs == {"load": [1, 2]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT, ":17: `cases.loads.expect.order`: a list is needed"),
        ("job: a.yaml\ncase: {}\n", "1: `cases`: it is needed"),
        ("job: a\ncases: {b: {expect: {states: {x: DONE}}}}", "no state is called 'DONE'; there are: INIT, PENDING"),
        ("job: a\ncases: {b: {expects: {}}}", "`cases.b.expects`: there is no such key here"),
        ("- a\n", "`job`: it is needed"),
        ("job: a\njob: b\n", "`job`"),
        ("job: [", ":2: a value is missing here"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, text: str, said: str) -> None:
    """Each with its line, as those of job files."""
    with pytest.raises(DefinitionError) as refused:
        case_file(tmp_path, text)

    assert said in str(refused.value)


def test_what_was_found_takes_the_place_of_what_was_expected(tmp_path: Path) -> None:
    """Comments and everything else stay as they are; what is not written is not added."""
    file = case_file(tmp_path, TEXT.replace("order: load, total", "order: [load]"))
    expect = ("cases", "loads", "expect")

    count = update(
        file,
        [
            ((*expect, "results", "load"), [1, 2, 3]),
            ((*expect, "results", "total"), {"rows": "vier"}),
            ((*expect, "order"), ["total"]),
            ((*expect, "states", "load"), "FAILED"),
        ],
    )

    assert count == 3
    assert file.path.read_text(encoding="utf-8") == TEXT.replace("[1, 2]   #", "[1, 2, 3]   #").replace(
        "rows: 3\n          more:\n            - é", '{"rows": "vier"}'
    ).replace("order: load, total", 'order: ["total"]')
    assert CaseFile(file.path, {"DAY": "x"}).cases["loads"].expect.results["total"] == {"rows": "vier"}


def test_the_place_of_a_case_is_its_name(tmp_path: Path) -> None:
    """Where an editor is to open the file."""
    file = case_file(tmp_path, TEXT.replace("order: load, total", "order: [load]"))

    assert file.key_place(("cases", "loads")).line == 7
    assert file.key_place(("cases", "empty")).line == 18
    assert file.place(("cases", "loads", "expect", "states", "load")).line == 10
