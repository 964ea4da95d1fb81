"""The keeper's answering half: status now or in the past, the lists of projects and alerts, pages of a log.

What is sealed is opened here, for whoever may ask in the tenant, and nowhere else.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from nats.errors import Error as NatsError

from psmp.log.past import NoSuchPast, past, position_before
from psmp.log.port import Damaged, EventLog
from psmp.log.views import Views
from psmp.personal.sealing import unseal
from psmp.rules.orchestration.running import Run
from psmp.rules.orchestration.seen import line, seen, settled
from psmp.rules.project import Project
from psmp.rules.status import describe
from psmp.service.answering import Answering, Asked, no_project, plain, unavailable
from psmp.store.reads import Reads
from psmp.wire.keyring import Keyring
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.answers import (
    AlertsQuestion,
    EventsPage,
    EventsQuestion,
    Problem,
    ProjectsQuestion,
    Status,
    StatusQuestion,
)
from psmp.words.faults import told
from psmp.words.ids import ProjectKey
from psmp.words.orchestration.codes import Denied
from psmp.words.orchestration.seen import (
    Orchestration,
    OrchestrationList,
    OrchestrationQuestion,
    OrchestrationsQuestion,
    Settlement,
    SettlementQuestion,
)
from psmp.words.refusals import Code
from psmp.words.sealed import revealed, tokens
from psmp.words.values import Word
from psmp_keeper.checks import Checks

PAGE_BYTES: Final = 512 * 1024
MOST_AT_ONCE: Final = 64


class Questions:
    """Finds what is asked on ``psmp.qry.<tenant>.<agent>.<kind>``; replicas share the questions.

    A project's status and events come from the log itself and are never stale. The lists of projects and of alerts
    come from the projection and say how far behind it is.
    """

    def __init__(
        self, nats: MendedClient, log: EventLog, views: Views[Project | None], reads: Reads, checks: Checks
    ) -> None:
        self._nats, self._log, self._views, self._reads, self._checks = nats, log, views, reads, checks
        self._keyring = Keyring(nats)
        self._kinds: Mapping[str, Callable[[Asked], Awaitable[Word]]] = {
            "status": self._status,
            "events": self._events,
            "projects": self._projects,
            "alerts": self._alerts,
            "orchestrations": self._orchestrations,
            "orchestration": self._orchestration,
            "settlement": self._settlement,
        }

    def answering(self) -> Answering:
        """The loop that answers them, and whatever is no question of anybody's."""
        return Answering(
            *(self._nats, self._kinds, self._find),
            queue="keeper",
            besides=subjects.AUDITS | subjects.SENDS,
            spell=self._spelled,
            at_once=MOST_AT_ONCE,
        )

    async def _spelled(self, tenant: str, answer: Word) -> bytes:
        """The answer as it is sent, opened; of a page of events the bytes stay as they are stored."""
        text = answer.model_dump_json(exclude_none=isinstance(answer, Orchestration))  # of which most may be left out
        found = set(tokens(text))
        if found:
            try:
                keys = await self._keyring.to_open(tenant, found)
            except (NatsError, TimeoutError) as error:
                return await plain(tenant, unavailable(f"what is sealed cannot be opened: {told(error)}"))
            opened = {str(token): unseal(tenant, token, keys) for token in found}
            if isinstance(answer, EventsPage):
                text = answer.model_copy(update={"opened": opened}).model_dump_json()
            else:
                text = revealed(text, opened)
        return text.encode()

    async def _find(self, asked: Asked) -> Word:
        try:
            return await self._kinds[asked.kind](asked)
        except Damaged as error:
            return Problem(code="DAMAGED", reason=str(error), hint=error.hint)
        except NoSuchPast as error:
            return Problem(code="NO_SUCH_PAST", reason=str(error), hint="choose a later position or time")

    async def _status(self, asked: Asked) -> Status | Problem:
        question = asked.read(StatusQuestion)
        key = ProjectKey(asked.tenant, question.project)
        project = await self._folded(key, question.sequence, question.time)
        progress = self._checks.of(key) if question.sequence is None and question.time is None else None
        return describe(key, project, progress) if project else no_project(question.project)

    async def _folded(self, key: ProjectKey, sequence: int | None = None, time: str | None = None) -> Project | None:
        """A project as of now, or as of an event or a time."""
        if sequence is not None or time is not None:
            return await past(self._log, key, sequence=sequence, time=time)
        async with self._views.hold(key) as view:
            await self._views.catch_up(view)
            return view.state

    async def _orchestrations(self, asked: Asked) -> OrchestrationList | Problem:
        question = asked.read(OrchestrationsQuestion)
        project = await self._folded(ProjectKey(asked.tenant, question.project))
        if project is None:
            return no_project(question.project)
        items = tuple(line(question.project, run) for run in project.runs.values())
        return OrchestrationList(items=items, sequence=project.sequence)

    async def _orchestration(self, asked: Asked) -> Orchestration | Problem:
        question = asked.read(OrchestrationQuestion)
        project = await self._folded(ProjectKey(asked.tenant, question.project), question.sequence, question.time)
        run = _run(project, question)
        return run if isinstance(run, Problem) else await asyncio.to_thread(seen, question.project, run)

    async def _settlement(self, asked: Asked) -> Settlement | Problem:
        question = asked.read(SettlementQuestion)
        run = _run(await self._folded(ProjectKey(asked.tenant, question.project)), question)
        if isinstance(run, Problem):
            return run
        found = await asyncio.to_thread(settled, question.project, run)
        if isinstance(found, Denied):
            return Problem(code=found.code, reason=found.reason, hint=found.hint)
        return found

    async def _events(self, asked: Asked) -> EventsPage | Problem:
        question = asked.read(EventsQuestion)
        key = ProjectKey(asked.tenant, question.project)
        after = await position_before(self._log, key, question.after)
        events: list[tuple[int, str]] = []
        size = 0
        async for record in self._log.read(key, after=after, limit=question.limit + 1):
            size += len(record.body)
            if events and (len(events) == question.limit or size > PAGE_BYTES):
                return EventsPage(events=tuple(events), more=True)
            events.append((record.position, record.body.decode()))
        return EventsPage(events=tuple(events))

    async def _projects(self, asked: Asked) -> Word:
        return await self._reads.projects(asked.tenant, asked.read(ProjectsQuestion))

    async def _alerts(self, asked: Asked) -> Word:
        return await self._reads.alerts(asked.tenant, asked.read(AlertsQuestion))


def _run(project: Project | None, question: OrchestrationQuestion | SettlementQuestion) -> Run | Problem:
    """The run that is asked for; what takes long about it is done in another thread, for it never changes."""
    if project is None:
        return no_project(question.project)
    run = project.runs.get(question.maeg)
    if run is not None:
        return run
    reason = f"there is no graph {question.maeg} in {question.project}"
    hint = f"there is {', '.join(list(project.runs)[-5:])}" if project.runs else "psmp maeg submit FILE registers one"
    return Problem(code=Code.UNKNOWN_GRAPH, reason=reason, hint=hint)
