"""Problems of a job file as a person reads them."""

from __future__ import annotations

from pathlib import Path

from flowrun.cli.carets import problem_text, problems_text
from flowrun.problem import Place, Problem


def unpainted(text: str, _colour: str) -> str:
    return text


def test_a_problem_has_code_place_caret_and_notes(tmp_path: Path) -> None:
    """The form of an error that the documentation promises."""
    file = tmp_path / "job.yaml"
    file.write_text("taks: {}\n")
    problem = Problem(
        "FR104", "unknown key `taks`", Place(str(file), 1, 1, 4), label="did you mean `tasks`?", notes=("n",)
    )

    assert problem_text(problem, unpainted).splitlines() == [
        "error FR104: unknown key `taks`",
        f" --> {file}:1:1",
        "  |",
        "1 | taks: {}",
        "  | ^^^^ did you mean `tasks`?",
        "  = n",
    ]


def test_without_the_line_the_label_becomes_a_note() -> None:
    """Nothing is lost when the file cannot be shown."""
    problem = Problem("FR101", "cannot read `job.yaml`", Place("job.yaml"), label="there is no such file")

    assert problem_text(problem, unpainted).splitlines() == [
        "error FR101: cannot read `job.yaml`",
        " --> job.yaml",
        "  = there is no such file",
    ]


def test_a_label_that_the_message_has_said_is_not_said_again() -> None:
    """One reason, once."""
    reason = "there is no such file"
    problem = Problem("FR101", f"cannot read `job.yaml`: {reason}", Place("job.yaml"), label=reason)

    assert problem_text(problem, unpainted).count(reason) == 1


def test_at_most_ten_are_shown_and_all_are_counted() -> None:
    """A file with many mistakes is still readable."""
    problems = [Problem("FR104", f"number {number}", Place("job.yaml", number)) for number in range(1, 31)]

    text = problems_text(problems, unpainted)

    assert text.count("error FR104") == 10
    assert text.endswith("30 errors (20 not shown) · flowrun explain FR104 tells more")


def test_a_refusal_is_short_whatever_the_file_holds() -> None:
    """Endless names and messages do not flood the terminal."""
    endless = "x" * 100_000
    problem = Problem("FR104", endless, Place(endless, 1), label=endless, notes=(endless,) * 20)

    assert len(problems_text([problem] * 10_000, unpainted)) < 8000


def test_control_characters_of_a_file_are_written_out() -> None:
    """Names and messages are foreign text. O-05"""
    problem = Problem("FR104", "\x1b[2J", Place("a\x1b.yaml", 1), label="\x07", notes=("\x9b",))

    assert "\x1b" not in problems_text([problem], unpainted)
    assert "\\x1b[2J" in problems_text([problem], unpainted)


def test_warnings_are_called_warnings() -> None:
    """The same form, another word."""
    problem = Problem("FR401", "module tasks/spark.py cannot be imported", Place("tasks/spark.py", 3))

    assert problems_text([problem], unpainted, "warning").startswith("warning FR401: ")
    assert "1 warning ·" in problems_text([problem], unpainted, "warning")
