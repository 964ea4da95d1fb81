"""What changed in a project between two positions of its log."""

from typing import Any, Literal

from psmp.words.ids import Id
from psmp.words.values import Word

What = Literal[
    "project", "policy", "artifact", "conflict", "slot", "waiting", "resolution", "waiver", "alert", "webhook", "task"
]


class Field(Word):
    """One thing that is said otherwise. Of lists ``before`` has what is gone, and ``after`` what has come."""

    name: str
    before: Any = None
    after: Any = None


class Difference(Word):
    """Something that is there now, is no more, or is otherwise. Of what has come or gone ``fields`` tell everything."""

    what: What
    name: str
    became: Literal["added", "removed", "changed"]
    fields: tuple[Field, ...] = ()


class Place(Word):
    """A position in a project's log, and when that was."""

    sequence: int
    time: str


class Differences(Word):
    """What changed from ``at`` to ``to``; empty where nothing did, though there may be events in between."""

    tenant: Id
    project: Id
    at: Place
    to: Place
    differences: tuple[Difference, ...] = ()
