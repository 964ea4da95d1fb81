"""The client's eyes: how projects stand and stood, what happens in them, what calls for a person."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from datetime import datetime
from typing import Final

from psmp.client import arguments, history
from psmp.client.errors import Invalid, NoAnswer, NotReached
from psmp.client.feed import Feed, listening
from psmp.client.results import Alerts, Checking, Happened, Projects
from psmp.client.voice import Voice
from psmp.words import subjects
from psmp.words.answers import (
    AlertLine,
    AlertList,
    AlertsQuestion,
    CheckpointQuestion,
    ProjectLine,
    ProjectList,
    ProjectsQuestion,
    SignedCheckpoint,
    Status,
    StatusQuestion,
)
from psmp.words.ids import ProjectKey
from psmp.words.strict import Fault
from psmp.words.values import Phase

_PAGE: Final = 500
_STIRRING: Final = ("project.", "conflict.")


class Looking(Voice):
    """What a client may ask and watch. See ``Client``."""

    async def status(
        self,
        project: str,
        *,
        sequence: int | None = None,
        time: datetime | str | None = None,
        timeout: float | None = None,
    ) -> Status:
        """How a project stands now, never stale, or how it stood at a ``sequence`` or a ``time``."""
        key = self._key(project)
        question = arguments.build(StatusQuestion, project=key.project, sequence=sequence, time=arguments.moment(time))
        return await self._asker.ask("status", question, Status, self._seconds(timeout))

    async def projects(self, *, states: Iterable[Phase | str] = (), timeout: float | None = None) -> Projects:
        """The tenant's projects by id, from the projection; ``behind`` says how stale that is.

        ``states``: only those that are in one of them.
        """
        among = tuple(states)
        wanted = arguments.phases(among) if among else ()
        lines: list[ProjectLine] = []
        while True:
            question = ProjectsQuestion(after=lines[-1].project if lines else "", states=wanted, limit=_PAGE)
            page = await self._asker.ask("projects", question, ProjectList, self._seconds(timeout))
            lines += page.projects
            if not (page.more and page.projects):
                return Projects(lines, page.behind)

    async def alerts(
        self, project: str | None = None, *, waiting: bool = False, timeout: float | None = None
    ) -> Alerts:
        """The open alerts of one project or of all that the tenant has, oldest first, from the projection.

        ``waiting``: only those that wait for a person and that nobody has taken in hand, the inbox.
        """
        known = None if project is None else self._key(project).project
        lines: list[AlertLine] = []
        while True:
            question = AlertsQuestion(
                project=known, waiting=waiting, after=lines[-1].place if lines else None, limit=_PAGE
            )
            page = await self._asker.ask("alerts", question, AlertList, self._seconds(timeout))
            lines += page.alerts
            if not (page.more and page.alerts):
                return Alerts(lines, page.behind)

    async def checkpoint(
        self, project: str, *, at_least: int | None = None, timeout: float | None = None
    ) -> SignedCheckpoint:
        """The newest signed checkpoint that covers record ``at_least`` of a project, made now where there is none yet.

        ``at_least`` is a sequence; left out, the last one that the project has now. It bears the signatures of those
        witnesses that cosigned in time. Nothing of it is verified here: that is ``psmp verify`` on what is exported.
        Raises ``NotCovered`` where none can be made, ``NoAnswer`` when none was in time, with what stood in the way.
        """
        question = arguments.build(CheckpointQuestion, project=self._key(project).project, at_least=at_least)
        return await self._asker.ask("checkpoint", question, SignedCheckpoint, self._seconds(timeout))

    def events(self, project: str, *, after: int | None = None, follow: bool = True) -> AsyncGenerator[Happened, None]:
        """A project's events behind the sequence ``after`` (0: from its first), then, with ``follow``, as they happen.

        Without ``after``: from now on, or everything that is stored when it is not to follow. No event is left out and
        none comes twice, over lost connections too; each is checked to link to the one before, else ``Damaged`` is
        raised, or ``Pruned`` where retention has taken away what comes next. Leave it early inside
        ``contextlib.aclosing``, or it listens on until it is collected.
        """
        key = self._key(project)
        if after is not None and after < 0:
            raise Invalid([Fault("/after", "a sequence is 0 or more")])
        return history.events(self._link, self._asker, key, after, follow=follow)

    def events_live(self, *, project: str = "*", kind: str = ">") -> AsyncGenerator[Happened, None]:
        """What happens in the whole tenant, or in one project, from now on: for watching, not for keeping books.

        ``kind`` selects: ``conflict.*``, ``artifact.declared``, ``>`` is all. What happens while there is no
        connection, or when the reader is too slow, is left out; ``events`` leaves nothing out.
        """
        key = ProjectKey(self._tenant, project) if project == "*" else self._key(project)
        return history.live(self._link, subjects.live(key, arguments.kinds(kind)))

    def progress(self, *, project: str = "*") -> AsyncGenerator[Checking, None]:
        """How far the resolver is, with all projects or with one, from now on: every second while a check takes long.

        Nothing of it is stored, and what is said while nobody listens is gone; ``status`` has what was said last.
        """
        key = ProjectKey(self._tenant, project) if project == "*" else self._key(project)
        return history.progress(self._link, subjects.progress(key))

    async def wait_for(self, project: str, *states: Phase | str, timeout: float | None = None) -> Status:
        """Until the project is in one of ``states``; raises ``NotReached`` when it is not in time."""
        wanted = arguments.phases(states)
        key, seconds = self._key(project), self._seconds(timeout)
        status: Status | None = None
        try:
            async with asyncio.timeout(seconds), listening(self._link, subjects.live(key)) as feed:
                status = await self.status(project, timeout=seconds)
                while status.state not in wanted:
                    await _stirred(feed)
                    status = await self.status(project, timeout=seconds)
        except NoAnswer:
            raise
        except TimeoutError:
            raise NotReached(project, wanted, seconds, status) from None
        return status


async def _stirred(feed: Feed) -> None:
    """Until something happened that may have moved the project, or may have been missed."""
    while True:
        message = await feed.take(history.IDLE)
        if message is None or subjects.read_log(message.subject)[1].startswith(_STIRRING):
            return
