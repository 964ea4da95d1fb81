"""The client's part in resolving conflicts, and in what waits for a person."""

from collections.abc import AsyncGenerator
from typing import Final

from psmp.client import arguments, history
from psmp.client.arguments import Changes
from psmp.client.feed import subscribe
from psmp.client.link import Link
from psmp.client.looking import Looking
from psmp.client.results import Settled
from psmp.rules.tasks import tasks
from psmp.words import subjects
from psmp.words.commands import (
    AcknowledgeAlert,
    AnswerResolution,
    DropLetter,
    EraseSubject,
    PlaceHold,
    ReleaseHold,
    ResolveConflict,
    RetryLetter,
    SetRetention,
)
from psmp.words.ids import SYSTEM
from psmp.words.tasks import Task
from psmp.words.values import Answer

_STRATEGIES: Final = {"changes": "change", "merge_into": "merge", "waive_seconds": "waive"}


class Resolving(Looking):
    """What a client may say about conflicts, alerts and dead letters. See ``Client``."""

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
        """What this agent is asked to do in the project: what is open, then what comes, each once.

        ``task`` says what it is: to ``answer`` a proposal, to ``resolve`` a conflict, to ``work`` at what is planned.
        Without ``follow`` it ends with what is open. Leave it early inside ``contextlib.aclosing``.
        """
        return _tasks(self, self._link, subjects.task(self._key(project), self._agent), project, follow=follow)

    async def acknowledge(
        self, project: str, alert: str, *, reason: str, command_id: str | None = None, timeout: float | None = None
    ) -> Settled:
        """Take an alert in hand: it is in nobody's inbox any more. For whoever governs the project."""
        command = arguments.build(AcknowledgeAlert, alert=alert, reason=reason)
        return await self._settle(project, command, command_id, timeout)

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

    async def erase(
        self,
        subject: str,
        *,
        of_tenant: str,
        reason: str,
        approver: str,
        command_id: str | None = None,
        timeout: float | None = None,
    ) -> Settled:
        """Erase what a person has said as agent ``subject`` of ``of_tenant``. For the operator, in tenant ``psmp``.

        ``reason`` and ``approver`` stay in the log for ever: no personal data belongs in them.
        """
        command = arguments.build(EraseSubject, tenant=of_tenant, subject=subject, reason=reason, approver=approver)
        return await self._settle(SYSTEM.project, command, command_id, timeout)

    async def hold(
        self, project: str, *, of_tenant: str, reason: str, release: bool = False, timeout: float | None = None
    ) -> Settled:
        """Lay a legal hold on a project, or take it from it: nothing is pruned while it lasts. For the operator."""
        word: type[PlaceHold | ReleaseHold] = ReleaseHold if release else PlaceHold
        command = arguments.build(word, tenant=of_tenant, project=project, reason=reason)
        return await self._settle(SYSTEM.project, command, None, timeout)

    async def keep(self, *, of_tenant: str, days: int | None, reason: str, timeout: float | None = None) -> Settled:
        """Say for how many days what ``of_tenant`` has archived is kept; None is for ever. For the operator."""
        command = arguments.build(SetRetention, tenant=of_tenant, days=days, reason=reason)
        return await self._settle(SYSTEM.project, command, None, timeout)


async def _tasks(
    client: Looking, link: Link, subject: str, project: str, *, follow: bool
) -> AsyncGenerator[Task, None]:
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
