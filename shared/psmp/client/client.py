"""The client: what an agent, a script or a person says to PSMP, and what it answers."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from typing import Any

from psmp.client import arguments, queueing, running
from psmp.client.arguments import Claims, Needs, Targets
from psmp.client.errors import Closed, Invalid, PsmpError
from psmp.client.planning import Planning
from psmp.client.results import Settled, Verdict
from psmp.client.running import Run
from psmp.words import subjects
from psmp.words.commands import (
    AmendArtifact,
    Command,
    CreateProject,
    DeclareArtifact,
    FinishSlot,
    LeaveQueue,
    RenewSlot,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.strict import Fault
from psmp.words.values import ArtifactType, Limits, Phase, Policy


class Client(Planning):
    """An agent's voice and ear. Made by ``connect``; many tasks may use one at the same time.

    Every method that sends or asks has an end: ``timeout`` seconds, by default those given to ``connect``. A command
    is sent until its outcome comes, over lost connections and restarted services, and has its effect once however
    often it was sent. One that could not be settled in time raises ``NotAcknowledged`` or ``VerdictPending``, which
    say what is known; one that was refused raises a ``Refusal``. Arguments that cannot be sent raise ``Invalid``
    before anything is.

    ``command_id`` (a UUIDv7) names a command for ever: give the same one to say the same thing again, after a crash for
    example; without one a new one is made.
    """

    def as_agent(self, agent: str) -> "Client":
        """This connection speaking as another agent: for operators, whose credentials permit it."""
        known = self._link, self._sender, self._tenant, arguments.identity("agent", agent), self._timeout
        return Client(*known, patient=self._patient, privileged=self._privileged, expected=self._expected)

    def expecting(self, sequence: int) -> "Client":
        """This connection saying what it says only if event ``sequence`` is still what it looked at.

        That is the last declaration of the artifact, or the last event of the webhook or the task, that a command is
        about, else the project's last event: the ``sequence`` of what ``status`` told. It is compared where the
        command is decided, so nobody comes between: ``await client.expecting(118).amend(...)``. Raises
        ``PreconditionFailed``, whose ``current`` is what stands there now.
        """
        known = self._link, self._sender, self._tenant, self._agent, self._timeout
        return Client(
            *known,
            patient=self._patient,
            person=self._person,
            privileged=self._privileged,
            expected=arguments.sequence("expected", sequence),
        )

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
        token: str | None = None,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Ask for the right to run, before work starts; ``sequence`` of what comes back is the fence of the slot.

        Raises ``ProjectBlocked`` with the conflicts that stand in the way, ``SlotsExhausted`` when enough agents run.
        With ``wait`` it queues for so many seconds, then raises ``NotGranted``; cancelled, it leaves the queue.
        ``limits`` are recorded as the slot's terms. ``token`` is what was dispatched to the agent for a node of a graph
        (``dispatches``); raises ``DispatchDependencyUnmet``, ``TokenSpent``, ``TokenExpired``, ``AgentSideChannel``.
        """
        seconds, request = self._seconds(timeout), queueing.request(wait, limits, token)
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
        token: str | None = None,
    ) -> AbstractAsyncContextManager[Run]:
        """A slot for as long as the block runs: ``async with client.run("rag", agent="coder") as run:``.

        What ``begin`` raises is raised before the block runs. Heartbeats go out every ``interval`` seconds (a third of
        the lease, at most 30); the term is renewed. The end finishes, raising ``NotDeclared`` where due; an exception
        is reported as the slot's failure and raised on. A lost slot cancels the block, and ``SlotLost`` is raised.
        With a ``token`` it is a node of a graph that runs, and ends with ``run.report``.
        """
        client = self.as_agent(agent) if agent else self
        return running.running(client, self._link, project, wait=wait, limits=limits, interval=interval, token=token)

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
