"""A project's events for a reader: what was stored, then what happens, without a gap or a repetition."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from psmp.client.asking import Asker
from psmp.client.chain import Cursor, Next
from psmp.client.errors import Damaged
from psmp.client.feed import Feed, happened, listening, opened
from psmp.client.link import Link
from psmp.client.refusals import UnknownProject
from psmp.client.results import Happened
from psmp.words import subjects
from psmp.words.answers import EventsPage, EventsQuestion, Status, StatusQuestion
from psmp.words.ids import ProjectKey

PATIENCE: Final = 30.0
"""Seconds that a reader waits for the keeper before it gives up."""

IDLE: Final = 30.0
"""Seconds without an event after which a reader asks whether it really missed none."""

_PAGE: Final = 500


async def events(
    link: Link, asker: Asker, key: ProjectKey, after: int | None, *, follow: bool
) -> AsyncGenerator[Happened, None]:
    """The events behind ``after``; with ``follow`` it goes on with what happens, for ever. See ``Client.events``."""
    if not follow:
        async with aclosing(_stored(asker, Cursor(key, after or 0))) as stored:
            async for each in stored:
                yield each
        return
    async with listening(link, subjects.live(key), PATIENCE) as feed:
        cursor = Cursor(key, await _now(asker, key) if after is None else after)
        async with aclosing(_stored(asker, cursor)) as stored:
            async for each in stored:
                yield each
        async with aclosing(_following(feed, asker, cursor)) as following:
            async for each in following:
                yield each


async def live(link: Link, subject: str) -> AsyncGenerator[Happened, None]:
    """What is republished to ``subject`` from now on, as far as it gets here. See ``Client.events_live``."""
    async with listening(link, subject, PATIENCE) as feed:
        while True:
            message = await feed.take()
            if message is not None:
                yield happened(message)


async def _following(feed: Feed, asker: Asker, cursor: Cursor) -> AsyncGenerator[Happened, None]:
    while True:
        message = await feed.take(IDLE)
        event = happened(message) if message is not None else None
        place = cursor.place(event.sequence) if event is not None else Next.GAP
        if event is not None and place is Next.NEXT:
            yield cursor.advance(event)
        elif place is Next.GAP:
            async with aclosing(_stored(asker, cursor)) as stored:
                async for each in stored:
                    yield each
            if event is not None and cursor.place(event.sequence) is not Next.KNOWN:
                raise Damaged(cursor.key, cursor.sequence + 1, f"it is missing, though event {event.sequence} is there")


async def _stored(asker: Asker, cursor: Cursor) -> AsyncGenerator[Happened, None]:
    """What is stored behind the cursor, which goes along."""
    more = True
    while more:
        question = EventsQuestion(project=cursor.key.project, after=cursor.sequence, limit=_PAGE)
        page = await asker.ask("events", question, EventsPage, PATIENCE)
        for position, text in page.events:
            yield cursor.advance(opened(position, text.encode()))
        more = page.more and bool(page.events)


async def _now(asker: Asker, key: ProjectKey) -> int:
    """The sequence of the project's last event; 0 when it does not exist yet."""
    try:
        status = await asker.ask("status", StatusQuestion(project=key.project), Status, PATIENCE)
    except UnknownProject:
        return 0
    return status.sequence
