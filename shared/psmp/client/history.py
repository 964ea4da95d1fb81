"""A project's events for a reader: what was stored, then what happens, without a gap or a repetition."""

from collections import deque
from collections.abc import AsyncGenerator, Mapping
from typing import Final

from psmp.client.asking import Asker
from psmp.client.chain import Cursor, Next
from psmp.client.errors import Damaged
from psmp.client.feed import Feed, checking, happened, opened, subscribe
from psmp.client.link import Link
from psmp.client.refusals import UnknownProject
from psmp.client.results import Checking, Happened
from psmp.words import subjects
from psmp.words.answers import EventsPage, EventsQuestion, Status, StatusQuestion
from psmp.words.ids import ProjectKey

PATIENCE: Final = 30.0
"""Seconds that a reader waits for the keeper before it gives up."""

IDLE: Final = 30.0
"""Seconds without an event after which a reader asks whether it really missed none."""

_PAGE: Final = 500


class Reader:
    """Reads on and on behind a cursor: pages of what is stored while ``more`` may be there, else what the feed brings.

    Invariant: ``ahead`` is an event that came while others before it were missing.
    """

    def __init__(self, asker: Asker, cursor: Cursor, feed: Feed | None) -> None:
        self._asker, self._cursor, self._feed = asker, cursor, feed
        self._page: deque[tuple[int, str]] = deque()
        self._opened: Mapping[str, str] = {}
        self._more = True
        self._ahead: Happened | None = None

    async def next(self) -> Happened | None:
        """The next event; None at the end of what is stored, when there is no feed to follow."""
        while True:
            if self._page:
                position, text = self._page.popleft()
                return self._cursor.advance(opened(position, text.encode(), self._opened))
            if self._more:
                await self._turn_page()
            elif self._feed is None:
                return None
            elif (event := await self._heard(self._feed)) is not None:
                return event

    async def _turn_page(self) -> None:
        question = EventsQuestion(project=self._cursor.key.project, after=self._cursor.sequence, limit=_PAGE)
        page = await self._asker.ask("events", question, EventsPage, PATIENCE)
        self._page.extend(page.events)
        self._opened = page.opened
        self._more = page.more and bool(page.events)
        if not self._page:
            self._check_ahead()

    def _check_ahead(self) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is not None and self._cursor.place(ahead.sequence) is not Next.KNOWN:
            missing = self._cursor.sequence + 1
            raise Damaged(self._cursor.key, missing, f"it is missing, though event {ahead.sequence} is there")

    async def _heard(self, feed: Feed) -> Happened | None:
        """The event that the feed brings, if it is the very next one."""
        message = await feed.take(IDLE)
        event = None if message is None else happened(message)
        place = Next.GAP if event is None else self._cursor.place(event.sequence)
        if place is Next.GAP:
            self._more, self._ahead = True, event
        return self._cursor.advance(event) if event is not None and place is Next.NEXT else None


async def events(
    link: Link, asker: Asker, key: ProjectKey, after: int | None, *, follow: bool
) -> AsyncGenerator[Happened, None]:
    """The events behind ``after``; with ``follow`` it goes on with what happens, for ever. See ``Client.events``."""
    # One generator and no other inside it: at its end a loop closes all that are left at the same time, in no order.
    feed = await subscribe(link, subjects.live(key), PATIENCE) if follow else None
    try:
        if after is None:
            after = await _now(asker, key) if follow else 0
        reader = Reader(asker, Cursor(key, after), feed)
        while (event := await reader.next()) is not None:
            yield event
    finally:
        if feed is not None:
            await link.unlisten(feed)


async def live(link: Link, subject: str) -> AsyncGenerator[Happened, None]:
    """What is republished to ``subject`` from now on, as far as it gets here. See ``Client.events_live``."""
    feed = await subscribe(link, subject, PATIENCE)
    try:
        while True:
            message = await feed.take()
            if message is not None:
                yield happened(message)
    finally:
        await link.unlisten(feed)


async def progress(link: Link, subject: str) -> AsyncGenerator[Checking, None]:
    """What is said on ``subject`` of checks that run, as far as it gets here. See ``Client.progress``."""
    feed = await subscribe(link, subject, PATIENCE, stored=False)
    try:
        while True:
            message = await feed.take()
            if message is not None and (said := checking(message)) is not None:
                yield said
    finally:
        await link.unlisten(feed)


async def _now(asker: Asker, key: ProjectKey) -> int:
    """The sequence of the project's last event; 0 when it does not exist yet."""
    try:
        status = await asker.ask("status", StatusQuestion(project=key.project), Status, PATIENCE)
    except UnknownProject:
        return 0
    return status.sequence
