"""Planned tasks, as people are shown them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.clock import ago
from psmp.cli.pages.layout import Fitting, facts, indented, state, table, to_type
from psmp.cli.pages.wording import shown
from psmp.rules.lifecycle import UNDER_WAY
from psmp.words.answers import Status
from psmp.words.tasks import Planned

MOST: Final = 12
"""How many tasks a status shows; the others it counts."""


def listing(found: Sequence[Planned], present: datetime) -> RenderableType:
    """One line for each."""
    if not found:
        return Text("no tasks", style="dim")
    headings = ("task", "state", "agent", "since", "makes", "what")
    rows = [
        (
            *(each.task, state(each.status), _whose(each), ago(each.time, present)),
            *(", ".join(each.artifacts) or "-", shown(each.title)),
        )
        for each in found
    ]
    narrow = table(*headings[:3], headings[5], rows=((*row[:3], row[5]) for row in rows), tight=headings[:2])
    return Fitting(76, table(*headings, rows=rows, tight=headings[:4]), narrow)


def undone(status: Status) -> list[Planned]:
    """What is still to be done in a project that has not come to its end, what is begun first, then the oldest."""
    going_on = status.phase in UNDER_WAY
    begun = [each for each in status.tasks if going_on and each.status == "IN_PROGRESS"]
    return begun + [each for each in status.tasks if going_on and each.status == "OPEN"]


def to_do(found: Sequence[Planned], project: str) -> RenderableType:
    """What is still to be done, on the page of a project's status."""
    headings = ("task", "state", "agent", "what")
    rows = ((each.task, state(each.status), _whose(each), shown(each.title)) for each in found[:MOST])
    lines = table(*headings, rows=rows, tight=headings[:2])
    if len(found) <= MOST:
        return lines
    return Group(lines, Text(f"and {len(found) - MOST} more: psmp task list {project}", style="dim"))


def page(task: Planned, status: Status, present: datetime) -> Group:
    """Everything about one task, and what to type next."""
    head = Text.assemble((task.task, "bold"), "  ", state(task.status), f"  {shown(task.title)}")
    return Group(head, indented(facts(_facts(task, status, present))), *_next(task, status))


def _facts(task: Planned, status: Status, present: datetime) -> Iterator[tuple[str, RenderableType]]:
    if task.details:
        yield "details", Text(shown(task.details))
    yield "agent", Text(_whose(task))
    yield "made by", Text(f"{task.by}, {ago(task.since, present)}")
    if task.time != task.since:
        because = f": {shown(task.reason)}" if task.reason else ""
        yield "changed", Text(f"{ago(task.time, present)}{because}")
    yield "event", Text(str(task.sequence))
    known = {each.artifact: each for each in status.artifacts}
    for place, name in enumerate(task.artifacts):
        made = known.get(name)
        stands = Text.assemble(f"v{made.version} ", state(made.status)) if made else Text("not declared", style="dim")
        yield "makes" if place == 0 else "", Text.assemble(f"{name} ", stands)


def _next(task: Planned, status: Status) -> Iterator[Text]:
    """What whose it is, or who would have it, may type."""
    name = f"{task.task} {status.project}"
    if status.phase not in UNDER_WAY:
        return
    if task.status == "OPEN":
        yield to_type(f"psmp task take {name}", 2)
    elif task.status == "IN_PROGRESS":
        yield to_type(f"psmp task done {name}", 2)


def _whose(task: Planned) -> str:
    return task.agent or "nobody"
