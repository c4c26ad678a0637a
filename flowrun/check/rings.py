"""Rings: tasks that wait for each other, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..jobdefinition.flat import Flat
from ..jobdefinition.keypath import KeyPath
from ..jobdefinition.origins import Origins
from ..jobdefinition.wording import plain
from ..problem import Place, Problem

MAX_LINE = 220
MAX_LINES = 4
"""A ring is printed in lines of so many characters, and so many of them; the rest is counted."""


class _Link(NamedTuple):
    """A task waits for the next one of the ring."""

    name: str
    following: str
    owner: str
    """The task that says so: `name`, or a group that it is in, or the group of which the next is a member."""
    path: KeyPath
    is_written: bool
    """It is a dependency that somebody wrote."""


def ring_problem(ring: list[str], flat: Flat, origins: Origins) -> Problem:
    """FR301: each task of `ring` waits for the next, and the last for the first."""
    links = [_link(name, following, flat) for name, following in zip(ring, [*ring[1:], ring[0]], strict=True)]
    if flat.members and (found := _within_a_group(links, flat)):
        link, message = found
        return _problem(message, link.path, origins, "remove this dependency")
    if len(ring) == 1:
        return _problem(f"task `{plain(ring[0])}` depends on itself", links[0].path, origins, "remove this dependency")
    message = f"{len(ring)} tasks wait for each other in a cycle and none can start"
    places = [origins.value(link.path) if link.path[2:] else origins.key(link.path) for link in links]
    lines = _in_lines(list(_in_words(ring, places)))
    return _problem(message, links[0].path, origins, "", (*lines, "remove one of these dependencies"))


def _link(name: str, following: str, flat: Flat) -> _Link:
    for owner in (name, *flat.groups_around(name)):
        needed = flat.tasks[owner].depends_on
        if following in needed:
            is_written = flat.follows.get(owner) != following
            written = ("tasks", owner, "dependencies", needed.index(following))
            path = flat.implied.get(owner, {}).get(following, written)
            return _Link(name, following, owner, path, is_written)
    return _Link(name, following, name, ("tasks", following), False)


def _within_a_group(links: list[_Link], flat: Flat) -> tuple[_Link, str] | None:
    """The dependency that cannot be, if the ring comes of where two tasks stand, and why."""
    for link in links:
        owner, following = plain(link.owner), plain(link.following)
        if link.is_written and link.following in flat.groups_around(link.owner):
            return link, f"task `{owner}` depends on its own group `{following}`, which waits for it"
        if link.is_written and link.owner in flat.groups_around(link.following):
            return link, f"group `{owner}` depends on its own member `{following}`, which starts only with it"
    written = [link for link in links if link.is_written]
    if len(written) == 1 and len(links) > 1 and all(link.name in flat.follows for link in links if not link.is_written):
        (link,) = written
        group = plain(flat.parents.get(link.following, ""))
        order = f"which comes after it in the serial group `{group}`"
        return link, f"task `{plain(link.owner)}` depends on `{plain(link.following)}`, {order}"
    return None


def _problem(message: str, path: KeyPath, origins: Origins, label: str, notes: tuple[str, ...] = ()) -> Problem:
    return Problem("FR301", message, origins.value(path), origins.spelled(path), label, notes)


def _in_words(ring: list[str], places: list[Place]) -> Iterator[str]:
    """Each task with the place of the dependency that leads on; the file is named where it changes."""
    file = ""
    for name, place in zip(ring, places, strict=True):
        line = f":{place.line}" if place.line else ""
        where = line if place.file == file else f"{place.file}{line}"
        yield f"{plain(name)} ({where})" if where else plain(name)
        file = place.file
    yield plain(ring[0])


def _in_lines(links: list[str]) -> list[str]:
    lines = [""]
    for index, link in enumerate(links):
        text = f" → {link}" if index else link
        if len(lines[-1]) + len(text) > MAX_LINE and lines[-1]:
            if len(lines) == MAX_LINES:
                lines[-1] += f" → … {len(links) - index - 1} more … → {links[-1]}"
                break
            lines.append("")
        lines[-1] += text
    return [line.strip() for line in lines]
