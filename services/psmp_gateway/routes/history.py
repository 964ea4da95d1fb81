"""History: the events of a project, what changed between two of them, and who needs what as of any of them."""

from datetime import datetime
from typing import Final

from fastapi.responses import Response
from pydantic_core import from_json

from psmp.rules.difference import differences
from psmp.words.answers import EventsPage, EventsQuestion, Status
from psmp.words.envelope import leaf_hash, written
from psmp_gateway.calls import Call, Called, answer
from psmp_gateway.offering import chosen
from psmp_gateway.routes.asked import Between, Events, EventsAsked, Place
from psmp_gateway.routes.parameters import Project
from psmp_gateway.rules import cursors, headers, live, records
from psmp_gateway.rules.answers import EventPage, StoredEvent

JSON_LINES: Final = "application/jsonl"
PAGE: Final = 500
MOST_LOOKED_AT: Final = 5000
"""So many events are gone through for one page; what is not found among them is on the next one."""


async def reading(call: Called, project: Project, at: Place) -> Response:
    """Say how a project stands, now or as of an event or a time; the ETag is the sequence of its last event."""
    status = await call.status(project, at.sequence, _spelled(at.time))
    tag = {"ETag": headers.tag(status.sequence)}
    if headers.is_known(call.request.headers.get("If-None-Match"), status.sequence):
        return Response(status_code=304, headers=tag)
    return answer(status, headers=tag)


async def events(call: Called, project: Project, wanted: Events) -> Response:
    """Page through the audit trail of a project; as `application/jsonl` each line is an event's exact stored bytes."""
    call.see(project)
    place = wanted.place(cursors.NUMBER)
    begin = place[0] if place else wanted.after
    walk = await (_newest_first if wanted.order == "desc" else _oldest_first)(call, project, wanted, begin)
    following = cursors.write(walk.place) if walk.more else None
    if chosen(call.request) == JSON_LINES:
        link = {"Psmp-Next-Cursor": following} if following else None
        return Response("".join(f"{text}\n" for _, text in walk.found), 200, link, media_type=JSON_LINES)
    items = tuple(
        StoredEvent(position=position, leaf=leaf_hash(text.encode()), event=from_json(text))
        for position, text in walk.found
    )
    return answer(EventPage(items=items, next_cursor=following, opened=walk.opened))


class _Walk:
    """What was found, up to which sequence all were looked at, and whether there may be more behind that."""

    def __init__(self, wanted: EventsAsked) -> None:
        self.found: list[tuple[int, str]] = []
        self.opened: dict[str, str] = {}
        self.place, self.more = 0, False
        self._limit, self._kinds = wanted.limit, live.Kinds(wanted.kind)

    def take(self, sequence: int, event: tuple[int, str], opened: dict[str, str]) -> bool:
        """Look at one more; whether that was enough."""
        self.place = sequence
        if self._kinds.admit(from_json(event[1])["type"].removeprefix("psmp.").removesuffix(".v1")):
            self.found.append(event)
            self.opened |= {token: text for token, text in opened.items() if token in event[1]}
        return len(self.found) == self._limit


async def _oldest_first(call: Call, project: str, wanted: EventsAsked, begin: int | None) -> _Walk:
    walk, after = _Walk(wanted), begin or 0
    looked = 0
    while True:
        page = await _page(call, project, after, PAGE if wanted.kind else wanted.limit)
        if not page.events and not looked:
            await call.status(project)  # says it where there is no such project
        for number, event in enumerate(page.events, 1):
            if walk.take(after + number, event, page.opened):
                walk.more = page.more or number < len(page.events)
                return walk
        after, looked = after + len(page.events), looked + len(page.events)
        if not page.more or looked >= MOST_LOOKED_AT:
            walk.more = page.more
            return walk


async def _newest_first(call: Call, project: str, wanted: EventsAsked, begin: int | None) -> _Walk:
    walk = _Walk(wanted)
    place = begin if begin is not None else (await call.status(project)).sequence + 1
    looked = 0
    while place > 1 and looked < MOST_LOOKED_AT:
        after = max(0, place - 1 - (PAGE if wanted.kind else wanted.limit))
        block: list[tuple[int, str]] = []
        opened: dict[str, str] = {}
        while after + len(block) < place - 1:
            page = await _page(call, project, after + len(block), min(PAGE, place - 1 - after - len(block)))
            block += page.events
            opened |= page.opened
            if not page.events:
                break
        for number in range(len(block), 0, -1):
            if walk.take(after + number, block[number - 1], opened):
                walk.more = walk.place > 1
                return walk
        looked, place = looked + len(block), after + 1
    walk.place, walk.more = place, place > 1
    return walk


async def _page(call: Call, project: str, after: int, limit: int) -> EventsPage:
    question = EventsQuestion(project=project, after=after, limit=limit)
    return await call.ports.speaking.ask(call.caller, "events", question, EventsPage)


async def diff(call: Called, project: Project, between: Between) -> Response:
    """Say what changed in a project between two events or times, or since one of them."""
    before = await call.status(project, between.at, _spelled(between.since))
    after: Status = await call.status(project, between.to, _spelled(between.until))
    found = differences(before, after)
    return answer(records.Changes(project=project, at=found.at, to=found.to, differences=found.differences))


async def dependencies(call: Called, project: Project, at: Place) -> Response:
    """List the packages that a project needs, who needs them and why, now or as of an event or a time."""
    status = await call.status(project, at.sequence, _spelled(at.time))
    found = records.packages(status)
    return answer(records.PackageList(items=found, sequence=status.sequence, time=status.time))


def _spelled(moment: datetime | None) -> str | None:
    return None if moment is None else written(moment)
