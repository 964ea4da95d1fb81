"""The keeper's answering half: status now or in the past, the lists of projects and alerts, pages of a log.

What is sealed is opened here, for whoever may ask in the tenant, and nowhere else.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError
from pydantic import ValidationError

from psmp.log.past import NoSuchPast, past, position_before
from psmp.log.port import Damaged, EventLog, Unreachable
from psmp.log.views import Views
from psmp.personal.sealing import unseal
from psmp.rules.orchestration.running import Run
from psmp.rules.orchestration.seen import line, seen, settled
from psmp.rules.project import Project
from psmp.rules.status import describe
from psmp.service.statistics import Statistics
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

LOG: Final = structlog.get_logger()
PAGE_BYTES: Final = 512 * 1024
MOST_AT_ONCE: Final = 64

Q = TypeVar("Q", bound=Word)


class Questions:
    """Answers ``psmp.qry.<tenant>.<agent>.<kind>``; replicas share the questions.

    A project's status and events come from the log itself and are never stale. The lists of projects and of alerts
    come from the projection and say how far behind it is.
    """

    def __init__(
        self, nats: MendedClient, log: EventLog, views: Views[Project | None], reads: Reads, checks: Checks
    ) -> None:
        self._nats, self._log, self._views, self._reads, self._checks = nats, log, views, reads, checks
        self._keyring = Keyring(nats)
        self._stopping = asyncio.Event()
        self._limit = asyncio.Semaphore(MOST_AT_ONCE)
        self._group: asyncio.TaskGroup | None = None
        self._answered = 0
        self._kinds: Mapping[str, Callable[[str, bytes], Awaitable[Word]]] = {
            "status": self._status,
            "events": self._events,
            "projects": self._projects,
            "alerts": self._alerts,
            "orchestrations": self._orchestrations,
            "orchestration": self._orchestration,
            "settlement": self._settlement,
        }

    async def run(self) -> None:
        """See ``Loop``."""
        await self._checks.listen(self._nats)
        subscription = await self._nats.subscribe("psmp.qry.*.*.*", queue="keeper", cb=self._arrive)
        async with asyncio.TaskGroup() as self._group:
            await self._stopping.wait()
            if self._nats.is_connected:
                await subscription.unsubscribe()

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        return Statistics("questions", self._answered)

    async def _arrive(self, message: Msg) -> None:
        others = subjects.AUDITS | subjects.SENDS
        if self._group is not None and message.reply and message.subject.rpartition(".")[2] not in others:
            self._group.create_task(self._answer(message))

    async def _answer(self, message: Msg) -> None:
        _, _, tenant, _, kind = message.subject.split(".")
        async with self._limit:
            body = await self._spelled(tenant, await self._find(tenant, kind, message.data))
        try:
            await self._nats.publish(message.reply, body)
            self._answered += 1
        except MaxPayloadError:
            why = f"the answer to {kind} has {len(body)} bytes, more than NATS takes"
            problem = Problem(code="UNAVAILABLE", reason=why, hint="raise max_payload in nats.conf")
            await self._nats.publish(message.reply, problem.model_dump_json().encode())
        except NatsError as error:
            LOG.warning("not_answered", subject=message.subject, error=str(error))

    async def _spelled(self, tenant: str, answer: Word) -> bytes:
        """The answer as it is sent, opened; of a page of events the bytes stay as they are stored."""
        text = answer.model_dump_json(exclude_none=isinstance(answer, Orchestration))  # of which most may be left out
        found = set(tokens(text))
        if found:
            try:
                keys = await self._keyring.to_open(tenant, found)
            except (NatsError, TimeoutError) as error:
                why, hint = (
                    f"what is sealed cannot be opened: {error}",
                    "psmp doctor shows what is away; then ask again",
                )
                return Problem(code="UNAVAILABLE", reason=why, hint=hint).model_dump_json().encode()
            opened = {str(token): unseal(tenant, token, keys) for token in found}
            if isinstance(answer, EventsPage):
                text = answer.model_copy(update={"opened": opened}).model_dump_json()
            else:
                text = revealed(text, opened)
        return text.encode()

    async def _find(self, tenant: str, kind: str, body: bytes) -> Word:
        find = self._kinds.get(kind)
        if find is None:
            return Problem(
                code="UNKNOWN_QUESTION", reason=f"there is no question {kind}", hint=f"ask {', '.join(self._kinds)}"
            )
        try:
            return await find(tenant, body)
        except ValidationError as error:
            return Problem(code="MALFORMED", reason=str(error), hint="see the question's schema")
        except Damaged as error:
            return Problem(code="DAMAGED", reason=str(error), hint=error.hint)
        except (Unreachable, NatsError, TimeoutError, OSError) as error:
            return Problem(code="UNAVAILABLE", reason=str(error), hint="psmp doctor shows what is away; then ask again")
        except NoSuchPast as error:
            return Problem(code="NO_SUCH_PAST", reason=str(error), hint="choose a later position or time")

    async def _status(self, tenant: str, body: bytes) -> Status | Problem:
        question = StatusQuestion.model_validate_json(body)
        key = ProjectKey(tenant, question.project)
        project = await self._folded(key, question.sequence, question.time)
        progress = self._checks.of(key) if question.sequence is None and question.time is None else None
        return describe(key, project, progress) if project else _unknown(question.project)

    async def _folded(self, key: ProjectKey, sequence: int | None = None, time: str | None = None) -> Project | None:
        """A project as of now, or as of an event or a time."""
        if sequence is not None or time is not None:
            return await past(self._log, key, sequence=sequence, time=time)
        async with self._views.hold(key) as view:
            await self._views.catch_up(view)
            return view.state

    async def _orchestrations(self, tenant: str, body: bytes) -> OrchestrationList | Problem:
        question = OrchestrationsQuestion.model_validate_json(body)
        project = await self._folded(ProjectKey(tenant, question.project))
        if project is None:
            return _unknown(question.project)
        items = tuple(line(question.project, run) for run in project.runs.values())
        return OrchestrationList(items=items, sequence=project.sequence)

    async def _orchestration(self, tenant: str, body: bytes) -> Orchestration | Problem:
        question = OrchestrationQuestion.model_validate_json(body)
        project = await self._folded(ProjectKey(tenant, question.project), question.sequence, question.time)
        run = _run(project, question)
        return run if isinstance(run, Problem) else await asyncio.to_thread(seen, question.project, run)

    async def _settlement(self, tenant: str, body: bytes) -> Settlement | Problem:
        question = SettlementQuestion.model_validate_json(body)
        run = _run(await self._folded(ProjectKey(tenant, question.project)), question)
        if isinstance(run, Problem):
            return run
        found = await asyncio.to_thread(settled, question.project, run)
        if isinstance(found, Denied):
            return Problem(code=found.code, reason=found.reason, hint=found.hint)
        return found

    async def _events(self, tenant: str, body: bytes) -> EventsPage | Problem:
        question = EventsQuestion.model_validate_json(body)
        key = ProjectKey(tenant, question.project)
        after = await position_before(self._log, key, question.after)
        events: list[tuple[int, str]] = []
        size = 0
        async for record in self._log.read(key, after=after, limit=question.limit + 1):
            size += len(record.body)
            if events and (len(events) == question.limit or size > PAGE_BYTES):
                return EventsPage(events=tuple(events), more=True)
            events.append((record.position, record.body.decode()))
        return EventsPage(events=tuple(events))

    async def _projects(self, tenant: str, body: bytes) -> Word:
        return await self._reads.projects(tenant, ProjectsQuestion.model_validate_json(body))

    async def _alerts(self, tenant: str, body: bytes) -> Word:
        return await self._reads.alerts(tenant, AlertsQuestion.model_validate_json(body))


def _run(project: Project | None, question: OrchestrationQuestion | SettlementQuestion) -> Run | Problem:
    """The run that is asked for; what takes long about it is done in another thread, for it never changes."""
    if project is None:
        return _unknown(question.project)
    run = project.runs.get(question.maeg)
    if run is not None:
        return run
    reason = f"there is no graph {question.maeg} in {question.project}"
    hint = f"there is {', '.join(list(project.runs)[-5:])}" if project.runs else "psmp maeg submit FILE registers one"
    return Problem(code=Code.UNKNOWN_GRAPH, reason=reason, hint=hint)


def _unknown(project: str) -> Problem:
    return Problem(code="UNKNOWN_PROJECT", reason=f"there is no project {project}", hint="`psmp projects` lists yours")
