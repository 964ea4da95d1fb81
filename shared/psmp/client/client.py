"""The client: what an agent, a script or a person says to PSMP, and what it answers."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from typing import Any, Final

from psmp.client import arguments, history, queueing, running
from psmp.client.arguments import Changes, Claims, Needs, Targets
from psmp.client.asking import Asker
from psmp.client.clock import stamp
from psmp.client.errors import Closed, Invalid, NoAnswer, NotReached, Order, PsmpError, Unsettled
from psmp.client.feed import Feed, listening, subscribe
from psmp.client.link import Link
from psmp.client.results import Alerts, Checking, Happened, Projects, Settled, Verdict
from psmp.client.running import Run
from psmp.client.sending import Sender, Statistics
from psmp.client.trace import traceparent
from psmp.rules.tasks import tasks
from psmp.words import subjects
from psmp.words.answers import (
    AlertLine,
    AlertList,
    AlertsQuestion,
    ProjectLine,
    ProjectList,
    ProjectsQuestion,
    Status,
    StatusQuestion,
)
from psmp.words.commands import (
    AcknowledgeAlert,
    AmendArtifact,
    AnswerResolution,
    Command,
    CreateProject,
    DeclareArtifact,
    DropLetter,
    FinishSlot,
    LeaveQueue,
    RenewSlot,
    ResolveConflict,
    RetryLetter,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.envelope import seal_command
from psmp.words.ids import ProjectKey
from psmp.words.strict import MAX_BYTES, Fault
from psmp.words.tasks import Task
from psmp.words.values import Answer, ArtifactType, Limits, Phase, Policy

_PAGE: Final = 500
_STRATEGIES: Final = {"changes": "change", "merge_into": "merge", "waive_seconds": "waive"}
_STIRRING: Final = ("project.", "conflict.")


class Client:
    """An agent's voice and ear. Made by ``connect``; many tasks may use one at the same time.

    Every method that sends or asks has an end: ``timeout`` seconds, by default those given to ``connect``. A command
    is sent until its outcome comes, over lost connections and restarted services, and has its effect once however
    often it was sent. One that could not be settled in time raises ``NotAcknowledged`` or ``VerdictPending``, which
    say what is known; one that was refused raises a ``Refusal``. Arguments that cannot be sent raise ``Invalid``
    before anything is.

    ``command_id`` (a UUIDv7) names a command for ever: give the same one to say the same thing again, after a crash for
    example; without one a new one is made.
    """

    def __init__(
        self, link: Link, sender: Sender, tenant: str, agent: str, timeout: float, *, patient: bool = False
    ) -> None:
        self._link, self._sender = link, sender
        self._tenant, self._agent = tenant, agent
        self._timeout, self._patient = timeout, patient
        self._asker = Asker(link, tenant, agent)

    @property
    def tenant(self) -> str:
        """The tenant whose projects this client sees."""
        return self._tenant

    @property
    def agent(self) -> str:
        """Who it speaks as."""
        return self._agent

    @property
    def statistics(self) -> Statistics:
        """How the connection stands, views by ``as_agent`` included."""
        return self._sender.describe()

    def as_agent(self, agent: str) -> "Client":
        """This connection speaking as another agent: for operators, whose credentials permit it."""
        known = self._link, self._sender, self._tenant, arguments.identity("agent", agent), self._timeout
        return Client(*known, patient=self._patient)

    async def create_project(
        self,
        project: str,
        *,
        name: str | None = None,
        targets: Targets | None = None,
        policy: Policy | Mapping[str, Any] | None = None,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Start a project, INITIALIZED, for the environments in ``targets`` (Python 3.11 on Linux unless given)."""
        wanted = list(targets) if targets is not None else None
        command = arguments.build(CreateProject, name=name or project, targets=wanted, policy=policy)
        return await self._settle(project, command, command_id, timeout)

    async def declare(
        self,
        project: str,
        artifact: str,
        *,
        type: ArtifactType = "code",  # noqa: A002 - the word of the protocol
        summary: str = "",
        dependencies: Needs = (),
        paths: Claims = (),
        metadata: Mapping[str, Any] | None = None,
        requires_python: str | None = None,
        environment: str | None = None,
        flexible: bool | None = None,
        fence: int | None = None,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Verdict:
        """Say what an artifact is, needs and touches; the verdict says whether it can stand together with all others.

        ``dependencies`` are ``Dependency`` values, mappings, or PEP 508 strings such as ``"pandas>=2.0"``; ``paths``
        are ``PathClaim`` values, mappings, or paths of files that were written. ``requires_python`` (PEP 440) is what
        it asks of the interpreter; ``environment`` names one of its own for what it needs. ``flexible``: others may
        change it to clear a conflict. ``fence``: the slot that it was made under; raises ``SlotLost`` once that ended.
        """
        command = arguments.build(
            DeclareArtifact,
            artifact=artifact,
            type=type,
            summary=summary,
            dependencies=arguments.dependencies(dependencies),
            paths=arguments.paths(paths),
            metadata=metadata,
            requires_python=requires_python,
            environment=environment,
            flexible=flexible,
            fence=fence,
        )
        return await self._judge(project, command, command_id, timeout)

    async def amend(
        self,
        project: str,
        artifact: str,
        *,
        dependencies: Needs | None = None,
        paths: Claims | None = None,
        summary: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        reason: str = "",
        requires_python: str | None = None,
        environment: str | None = None,
        flexible: bool | None = None,
        fence: int | None = None,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Verdict:
        """Replace parts of a declaration; what is left out stays as it was.

        An empty ``requires_python`` asks for nothing any more, an empty ``environment`` is the one that all share.
        """
        command = arguments.build(
            AmendArtifact,
            artifact=artifact,
            summary=summary,
            dependencies=arguments.dependencies(dependencies),
            paths=arguments.paths(paths),
            metadata=metadata,
            reason=reason,
            requires_python=requires_python,
            environment=environment,
            flexible=flexible,
            fence=fence,
        )
        return await self._judge(project, command, command_id, timeout)

    async def withdraw(
        self,
        project: str,
        artifact: str,
        *,
        reason: str,
        fence: int | None = None,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Take an artifact out of the project; what it needs counts no more."""
        command = arguments.build(WithdrawArtifact, artifact=artifact, reason=reason, fence=fence)
        return await self._settle(project, command, command_id, timeout)

    async def transition(
        self,
        project: str,
        to: Phase | str,
        *,
        reason: str,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Move the project along its lifecycle. Raises ``IllegalTransition``, which names the legal ones."""
        command = arguments.build(TransitionProject, to=to, reason=reason)
        return await self._settle(project, command, command_id, timeout)

    async def begin(
        self,
        project: str,
        *,
        wait: float | None = None,
        limits: Limits | Mapping[str, Any] | None = None,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Ask for the right to run, before work starts; ``sequence`` of what comes back is the fence of the slot.

        Raises ``ProjectBlocked`` with the conflicts that stand in the way, ``SlotsExhausted`` when enough agents run.
        With ``wait`` it queues for so many seconds, then raises ``NotGranted``; cancelled, it leaves the queue.
        ``limits`` are recorded as the slot's terms.
        """
        seconds, request = self._seconds(timeout), queueing.request(wait, limits)
        order = self._order(project, request, command_id)
        if request.wait_seconds is None:
            return await self._settle_order(order, seconds)
        return await queueing.queued(self, order, partial(self._settle_order, order), request.wait_seconds, seconds)

    async def renew(
        self, project: str, *, fence: int | None = None, command_id: str | None = None, timeout: float | None = None
    ) -> Settled:
        """Have the slot's term begin anew; ``fence`` says of which slot, if there are several. Raises ``SlotLost``."""
        return await self._settle(project, arguments.build(RenewSlot, fence=fence), command_id, timeout)

    async def finish(
        self,
        project: str,
        *,
        failure: str | None = None,
        fence: int | None = None,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Give the right to run back. Raises ``NotDeclared`` when nothing was declared, unless ``failure`` says why."""
        command = arguments.build(FinishSlot, failure=failure, fence=fence)
        return await self._settle(project, command, command_id, timeout)

    async def leave(
        self, project: str, *, request: str | None = None, command_id: str | None = None, timeout: float | None = None
    ) -> Settled:
        """Wait for a slot no longer; ``request`` is the command id of a ``begin``. Raises ``NotWaiting``."""
        return await self._settle(project, arguments.build(LeaveQueue, request=request), command_id, timeout)

    def run(
        self,
        project: str,
        *,
        agent: str | None = None,
        wait: float | None = None,
        limits: Limits | Mapping[str, Any] | None = None,
        interval: float | None = None,
    ) -> AbstractAsyncContextManager[Run]:
        """A slot for as long as the block runs: ``async with client.run("rag", agent="coder") as run:``.

        What ``begin`` raises is raised before the block runs. Heartbeats go out every ``interval`` seconds (a third of
        the lease, at most 30); the term is renewed. The end finishes, raising ``NotDeclared`` where due; an exception
        is reported as the slot's failure and raised on. A lost slot cancels the block, and ``SlotLost`` is raised.
        """
        client = self.as_agent(agent) if agent else self
        return running.running(client, self._link, project, wait=wait, limits=limits, interval=interval)

    async def retry_letter(
        self, project: str, letter: int, *, reason: str, command_id: str | None = None, timeout: float | None = None
    ) -> Settled:
        """Have a dead letter of the project handled once more; raises ``Refusal`` when it does not wait for that."""
        command = arguments.build(RetryLetter, letter=letter, reason=reason)
        return await self._settle(project, command, command_id, timeout)

    async def drop_letter(
        self, project: str, letter: int, *, reason: str, command_id: str | None = None, timeout: float | None = None
    ) -> Settled:
        """Give a dead letter of the project up; raises ``Refusal`` when it does not wait for that."""
        command = arguments.build(DropLetter, letter=letter, reason=reason)
        return await self._settle(project, command, command_id, timeout)

    async def resolve(
        self,
        project: str,
        conflict: str,
        *,
        reason: str,
        accept: int | None = None,
        changes: Changes | None = None,
        merge_into: str | None = None,
        waive_seconds: int | None = None,
        escalate: bool = False,
        retry: bool = False,
        seen: int | None = None,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Resolve a conflict, in one of these ways; what comes back is ``Resolved``, and says whether it was done.

        ``accept`` takes a suggestion by its number, ``changes`` are ``Change`` values or mappings, ``merge_into``
        leaves the path to that artifact, ``waive_seconds`` lets it stand for so long; ``escalate`` lays it before a
        person (that is a plain ``Settled``), ``retry`` leaves the way to the resolver, which may have to ask owners and
        then takes until they have answered. ``seen`` is the ``sequence`` of the status in which it was looked at, by
        default of the status now: ``ConflictChanged`` when it has changed since.
        """
        ways = {
            "accept": accept,
            "changes": changes,
            "merge_into": merge_into,
            "waive_seconds": waive_seconds,
            "escalate": escalate or None,
            "retry": retry or None,
        }
        way = arguments.one_of("resolve", ways)
        strategy = _STRATEGIES.get(way, way)
        if strategy == "accept" and seen is None:
            seen = (await self.status(project, timeout=timeout)).sequence
        command = arguments.build(
            ResolveConflict,
            conflict=conflict,
            strategy=strategy,
            reason=reason,
            suggestion=accept,
            changes=changes,
            into=merge_into,
            seconds=waive_seconds,
            seen=seen,
        )
        return await self._settle(project, command, command_id, timeout)

    async def answer(
        self,
        project: str,
        resolution: str,
        answer: Answer | Changes,
        *,
        reason: str = "",
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Answer a proposal that changes what is one's own: ``"yes"``, ``"no"``, or what one would change instead."""
        said = answer if isinstance(answer, str) else "amend"
        changes = None if isinstance(answer, str) else answer
        command = arguments.build(
            AnswerResolution, resolution=resolution, answer=said, changes=changes, reason=reason or None
        )
        return await self._settle(project, command, command_id, timeout)

    def tasks(self, project: str, *, follow: bool = True) -> AsyncGenerator[Task, None]:
        """What this agent is asked to do about the project's conflicts: what is open, then what comes, each once.

        Without ``follow`` it ends with what is open. Leave it early inside ``contextlib.aclosing``.
        """
        return _tasks(self, self._link, subjects.task(self._key(project), self._agent), project, follow=follow)

    async def outcome(self, unsettled: Unsettled, *, timeout: float | None = None) -> Settled:
        """Ask again for the outcome of a command that was not settled in time, by sending the very same bytes again."""
        return await self._settle_order(unsettled.order, self._seconds(timeout))

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

    async def projects(self, *, timeout: float | None = None) -> Projects:
        """The tenant's projects by id, from the projection; ``behind`` says how stale that is."""
        lines: list[ProjectLine] = []
        while True:
            question = ProjectsQuestion(after=lines[-1].project if lines else "", limit=_PAGE)
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

    async def acknowledge(
        self, project: str, alert: str, *, reason: str, command_id: str | None = None, timeout: float | None = None
    ) -> Settled:
        """Take an alert in hand: it is in nobody's inbox any more. For whoever governs the project."""
        command = arguments.build(AcknowledgeAlert, alert=alert, reason=reason)
        return await self._settle(project, command, command_id, timeout)

    def events(self, project: str, *, after: int | None = None, follow: bool = True) -> AsyncGenerator[Happened, None]:
        """A project's events behind the sequence ``after`` (0: from its first), then, with ``follow``, as they happen.

        Without ``after``: from now on, or everything that is stored when it is not to follow. No event is left out and
        none comes twice, over lost connections too; each is checked to link to the one before, else ``Damaged`` is
        raised. Leave it early inside ``contextlib.aclosing``, or it listens on until it is collected.
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

    async def heartbeat(self, project: str, *, leaving: bool = False, timeout: float | None = None) -> None:
        """Say that this agent is alive and at work in the project; or that it is ``leaving`` and not to be missed."""
        subject = subjects.heartbeat(self._key(project), self._agent)
        word = b"leaving" if leaving else b"alive"
        await self._link.request(subject, word, self._seconds(timeout), "the heartbeat")

    @asynccontextmanager
    async def alive(self, project: str, *, interval: float = queueing.HEARTBEAT) -> AsyncIterator[None]:
        """Heartbeats while the block runs: the first before it, then every ``interval`` seconds."""
        if not interval > 0:
            raise Invalid([Fault("/interval", "more than 0 seconds are needed")])
        await self.heartbeat(project)
        # Not in a TaskGroup: what the block raises must reach the caller as it is, not in an ExceptionGroup.
        beating = asyncio.get_running_loop().create_task(self._beat(project, interval))
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.wait({beating})
            with suppress(PsmpError):  # then it is told silent, after a while
                await self.heartbeat(project, leaving=True, timeout=queueing.FAREWELL)

    async def _beat(self, project: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)  # noqa: TID251 - a heartbeat is what time alone brings about
            try:
                await self.heartbeat(project, timeout=interval)
            except Closed:
                return
            except PsmpError:  # the watchdog notices, and the next beat may come through
                continue

    async def _judge(self, project: str, command: Command, command_id: str | None, timeout: float | None) -> Verdict:
        settled = await self._settle(project, command, command_id, timeout)
        if not isinstance(settled, Verdict):
            problem = f"this id is that of another command, which came out as {settled.event.KIND}"
            raise Invalid([Fault("/command_id", problem)])
        return settled

    async def _settle(self, project: str, command: Command, command_id: str | None, timeout: float | None) -> Settled:
        return await self._settle_order(self._order(project, command, command_id), self._seconds(timeout))

    async def _settle_order(self, order: Order, seconds: float) -> Settled:
        return await self._sender.settle(order, seconds, patient=self._patient)

    def _order(self, project: str, command: Command, command_id: str | None) -> Order:
        key, stamped = self._key(project), stamp(arguments.command_id(command_id))
        body = seal_command(key, self._agent, command, stamped, traceparent())
        if len(body) > MAX_BYTES:
            raise Invalid([Fault("", f"{len(body)} bytes when sent, at most {MAX_BYTES} are taken")])
        subject = subjects.command(key, self._agent, command.KIND)
        return Order(stamped.id, key, self._agent, command.KIND, subject, body)

    def _key(self, project: str) -> ProjectKey:
        return ProjectKey(self._tenant, arguments.identity("project", project))

    def _seconds(self, timeout: float | None) -> float:
        return self._timeout if timeout is None else arguments.seconds(timeout)


async def _stirred(feed: Feed) -> None:
    """Until something happened that may have moved the project, or may have been missed."""
    while True:
        message = await feed.take(history.IDLE)
        if message is None or subjects.read_log(message.subject)[1].startswith(_STIRRING):
            return


async def _tasks(client: Client, link: Link, subject: str, project: str, *, follow: bool) -> AsyncGenerator[Task, None]:
    """See ``Client.tasks``. What is heard is a hint to look: the status alone says what there is to do."""
    feed = await subscribe(link, subject, history.PATIENCE, stored=False) if follow else None
    try:
        known: set[object] = set()
        while True:
            found = tasks(await client.status(project, timeout=history.PATIENCE), client.agent)
            for task in found:
                if task.identity not in known:
                    yield task
            known = {task.identity for task in found}
            if feed is None:
                return
            await feed.take(history.IDLE)
    finally:
        if feed is not None:
            await link.unlisten(feed)
