"""Parameters of the routes that read the record and its figures."""

import re
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import Path, Query
from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from psmp.words.ids import Id, Uuid
from psmp.words.values import Kind, Severity
from psmp_gateway.calls import Call
from psmp_gateway.routes.parameters import Given, Page
from psmp_gateway.rules import live, problems
from psmp_gateway.rules.figures import Stretch
from psmp_gateway.trouble import trouble

_MOMENT: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z$"


def _moment(said: object) -> datetime:
    if not isinstance(said, str) or not re.match(_MOMENT.replace("$", r"\Z"), said, re.ASCII):
        raise ValueError("a time such as 2026-11-21T10:15:30Z")
    return datetime.fromisoformat(said)


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "pattern": _MOMENT, "description": "A time such as 2026-11-21T10:15:30Z."}),
]
Kinds = Annotated[tuple[Annotated[str, Field(pattern=live.KIND, max_length=100)], ...], Field(max_length=50)]
Sequence = Annotated[int, Path(ge=1, le=2**53, description="The number of the event in its project.")]

_NUMBER: Final = Field(ge=1, le=2**53)


class Range(Given):
    """``since`` <= time < ``until``."""

    since: Moment | None = None
    until: Moment | None = None


class InRange(Range):
    """Of one project or of all, in a range of time."""

    project: Id | None = None


class ActivityAsked(InRange):
    """Figures over time."""

    stretch: Stretch = "hour"


class SpansAsked(Page):
    """Which conflicts that ever were; ``open``: only those that are, or that are no more."""

    project: Id | None = None
    severity: Severity | None = None
    type: Kind | None = None
    open: bool | None = None
    since: Moment | None = None
    until: Moment | None = None


class AuditAsked(Page):
    """Which records. ``agent``: who did it, or whom it is about; ``of``: the command or event that they follow from."""

    project: Id | None = None
    kind: Kinds = ()
    agent: Id | None = None
    since: Moment | None = None
    until: Moment | None = None
    of: Uuid | None = None
    text: Annotated[str, Field(min_length=2, max_length=100, pattern=r"^[^\x00]*$")] | None = None


class ExportAsked(InRange):
    """What is exported. A bundle (``jsonl``) leaves nothing out, and takes no filter but ``project``.

    ``signed``: all but a CSV are, unless it says otherwise; one that is comes with its manifest, in a zip.
    """

    format: Literal["json", "csv", "jsonl"] = "json"
    agent: Id | None = None
    kind: Annotated[str, Field(pattern=r"^[a-z]+(\.[a-z]+)?$", max_length=100)] | None = None
    signed: bool | None = None


class ReportAsked(Range):
    """Whose controls."""

    framework: Literal["soc2", "gdpr", "hipaa"]


class EventsAsked(Page):
    """Which events of a project: behind the sequence ``after``, or newest first with ``order=desc``."""

    kind: Kinds = ()
    after: Annotated[int, Field(ge=0, le=2**53)] | None = None
    order: Literal["asc", "desc"] = "asc"


class PlaceAsked(Given):
    """As of which event of the project, or as of which time; now if none is named."""

    sequence: Annotated[int, _NUMBER] | None = None
    time: Moment | None = None

    @model_validator(mode="after")
    def _one_at_most(self) -> "PlaceAsked":
        if self.sequence is not None and self.time is not None:
            raise ValueError("either sequence or time")
        return self


class GraphAsked(PlaceAsked):
    """A graph as JSON, or drawn as a flow chart of Mermaid, as text."""

    format: Literal["json", "mermaid"] = "json"


class BetweenAsked(Given):
    """From which event of the project to which, by number or time; up to now if no end is named."""

    at: Annotated[int, _NUMBER] | None = None
    to: Annotated[int, _NUMBER] | None = None
    since: Moment | None = None
    until: Moment | None = None

    @model_validator(mode="after")
    def _one_beginning(self) -> "BetweenAsked":
        if (self.at is None) == (self.since is None) or (self.to is not None and self.until is not None):
            raise ValueError("one beginning, at or since, and at most one end, to or until")
        return self


class SinceAsked(Given):
    """Since how many records; up to the checkpoint of ``to`` records, or to the newest."""

    since: Annotated[int, Field(ge=0, le=2**53)]
    to: Annotated[int, Field(ge=1, le=2**53)] | None = None


Audit = Annotated[AuditAsked, Query()]
Export = Annotated[ExportAsked, Query()]
Spans = Annotated[SpansAsked, Query()]
Report = Annotated[ReportAsked, Query()]
Events = Annotated[EventsAsked, Query()]
Place = Annotated[PlaceAsked, Query()]
GraphPlace = Annotated[GraphAsked, Query()]
Between = Annotated[BetweenAsked, Query()]
Since = Annotated[SinceAsked, Query()]
Spanned = Annotated[InRange, Query()]
Activity = Annotated[ActivityAsked, Query()]


def seen_of(call: Call, project: str | None) -> list[str] | None:
    """The projects that a question is about, as far as the key sees them; None is all that the tenant has."""
    if project is not None:
        call.see(project)
        return [project]
    return sorted(call.caller.grant.projects) if call.caller.grant.projects is not None else None


def one_or_all(call: Call, project: str | None) -> str | None:
    """As ``seen_of``, for what is made of one project or of the whole tenant; raises ``Trouble``."""
    if project is not None:
        call.see(project)
    elif call.caller.grant.projects is not None:
        detail = "this key is for some projects, and that is of all of them"
        raise trouble(problems.FORBIDDEN, detail, "name one of its projects: project=ID")
    return project
