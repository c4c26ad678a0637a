"""The examples of other tools' documents, rebuilt: each runs as it is and says what it should."""

from __future__ import annotations

import pytest

from ..papers import DOCS, name_of
from ..project import Project

EXAMPLES = sorted((DOCS / "examples").glob("*.py"))

SAID = {
    "astrum": """
        2 of ada, alan | ada
        2 of ada, alan | ada
        ['load_users', 'count']
        {'load': 'in default'}
        False north: 7 rows RUNNING
        task 'south' failed after 2 attempts: ConnectionError: busy
        1 2 [1, 2, 3]
        tidy
    """,
    "flow2": """
        STARTING your_workflow
        SUCCESS your_workflow/first/task_1
        something
        SUCCESS your_workflow/first/task_2
        hook: it went well
        SUCCESS your_workflow
        [1, 2] 7
        serial FAILED
        serial/rest DEFAULTED
        tolerant COMPLETED
        tolerant/may_fail FAILED
        completed: False
    """,
    "pyworkflow": """
        200 page /a
        {'a': '200 page /a', 'b': '200 page /b', 'c': '200 page /c'}
        All tasks in this series are done
        ['a', 'b', 'c'] done
        growing COMPLETED
        growing/Crawl COMPLETED
        growing/Crawl/x COMPLETED
        growing/Crawl/y COMPLETED
        growing/enough COMPLETED
        growing/never SKIP
        dismissed SKIP
    """,
}


@pytest.mark.parametrize("path", EXAMPLES, ids=name_of)
def test_an_example_runs_and_says_what_it_should(path, project: Project) -> None:
    """AS, F2, PW documents, X-F2-08, X-PW-12: documents are executed."""
    done = project.python("-W", "error", str(path)).wait()

    assert (done.status, done.err) == (0, ""), str(done)
    said = done.out.splitlines()
    missing = [line.strip() for line in SAID[path.stem].strip().splitlines() if line.strip() not in said]
    assert not missing, str(done)
