"""The drawing of a graph."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from .shop import Shop

JOB = """
config: {name: nested}
tasks:
  one: {task: each, parameters: {item: x}}
  two: {task: each, parameters: {item: x}}
  stage:
    parallel:
      first: {task: each, parameters: {item: x}}
      inner:
        serial:
          begin: {task: each, parameters: {item: x}}
          end: {task: each, parameters: {item: x}}
      last: {task: each, parameters: {item: x}}
    dependencies: [one]
  after: {task: each, parameters: {item: x}, dependencies: [stage, two]}
  far: {task: each, parameters: {item: x}, dependencies: [one, after]}
"""

BOXES = """found => found.map(one => {
  const box = one.getBoundingClientRect();
  return [box.left, box.top, box.right, box.bottom];
})"""


def meet(one: list[float], other: list[float]) -> bool:
    """Whether two boxes share some room."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_nothing_is_drawn_over_something_else(shop: Shop) -> None:
    """No two tasks share room, each is right of what it waits for, and a group is around its members and no others."""
    shop.project.file("jobs/nested.yaml", JOB)
    page = shop.page("/jobs/nested/graph")
    page.locator(".node").first.wait_for()
    names = page.locator(".node title").all_text_contents()
    faces: Any = page.locator(".node .face").evaluate_all(BOXES)
    boxes: dict[str, list[float]] = dict(zip(names, faces, strict=True))

    assert [(one, other) for one, other in combinations(boxes, 2) if meet(boxes[one], boxes[other])] == []
    for before, after in (("one", "stage/first"), ("stage/inner/begin", "stage/inner/end"), ("after", "far")):
        assert boxes[before][2] < boxes[after][0]
    groups: Any = page.locator(".cluster rect").evaluate_all(BOXES)
    whole = max(groups, key=lambda box: box[2] - box[0])
    assert {name for name, box in boxes.items() if meet(whole, box)} == {
        name for name in names if name.startswith("stage/")
    }
