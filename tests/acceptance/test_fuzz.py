"""Mutated job files, through the command line: an answer that a person can use, never a traceback, a signal or a hang.

Thirty files in the normal run, ten thousand with `-m full`. The number in the name of a test is its seed.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project import Project

GOOD = """\
version: 0.1
config: {name: fuzzed, max_concurrency: 2}
aliases:
  step: &step {task: Step, max_attempts: 2, backoff: {first: 10ms}}
tasks:
  first: *step
  second:
    <<: *step
    dependencies: [first]
    parameters: {label: "$VAR{label:second}"}
"""

PIECES = (
    *("&a ", "*a", "*step", "<<: *step\n", "!!python/name:os.system ", "!!set ", "? ", "|\n", ">-\n", "---\n", "...\n"),
    *("{", "}", "[", "]", "'", '"', "\t", "\0", "\x1b[2J", "\ufeff", "\u2028", ": ", "- ", "#", "\n", "  ", "~", "yes"),
    *("1e400", "-.inf", "0o17", "22:30", "9" * 40, "$ENV{", "$VAR{x}", "$SYS{APP_ROOT_DIR}", "include: [job.yaml]\n"),
    *("tasks:\n", "dependencies: [second]\n", "max_attempts: -1\n", "parameters: null\n", "executor: nowhere\n"),
)


def mutated(random: Random) -> bytes:
    """The good file with a few accidents."""
    lines = GOOD.split("\n")
    for _ in range(random.choice([1, 1, 2, 5])):
        at = random.randrange(len(lines))
        line = lines[at]
        column = random.randrange(len(line) + 1)
        match random.randrange(5):
            case 0:
                lines[at] = line[:column] + random.choice(PIECES) + line[column:]
            case 1:
                lines[at] = line[:column] + line[column + random.randrange(1, 6) :]
            case 2:
                lines[at:at] = [line] * random.choice([1, 40])
            case 3:
                lines[at] = " " * random.randrange(9) + line.lstrip()
            case 4:
                del lines[at]
        lines = lines or [""]
    raw = "\n".join(lines).encode()
    return raw[: random.randrange(len(raw) + 1)] if random.random() < 0.1 else raw


@pytest.mark.parametrize("seed", range(30))
def test_a_mutated_file_is_answered(project: Project, seed: int) -> None:
    """B-21: it runs, or it is refused with its place and without a traceback."""
    _check(project, seed)


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_ten_thousand_mutated_files_are_answered(project: Project) -> None:
    """B-21, at length."""
    for seed in range(1000, 11_000):
        _check(project, seed)


def _check(project: Project, seed: int) -> None:
    (project.root / "job.yaml").write_bytes(mutated(Random(seed)))

    found = project.run(seconds=60)

    assert found.status in (0, 1, 3), f"seed {seed}: {found}"
    assert "Traceback" not in found.err, f"seed {seed}: {found}"
    if found.status == 3:
        assert "job.yaml" in found.err, f"seed {seed}: {found}"
        assert "error FR" in found.err, f"seed {seed}: {found}"
