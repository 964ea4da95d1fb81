"""Erasure at work: keys destroyed, then what was never sealed deleted, each step to be done again after a crash."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nats.aio.msg import Msg

from psmp.log.decider import Decider
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.wire import letters
from psmp.wire.keyring import STREAM as KEYS
from psmp.wire.keyring import Keyring, Stored, delete, every
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.commands import EraseSubject
from psmp.words.envelope import Provenance
from psmp.words.events import Event, SubjectErased
from psmp.words.ids import SYSTEM, ProjectKey
from psmp.words.refusals import Code, Refused

COMMANDS: Final = "PSMP_COMMANDS"


class Undecided(Exception):
    """Something that the subject said before is still to be decided; what is deleted now would be lost."""


@dataclass(frozen=True, slots=True)
class Order:
    """A subject that is to be erased, by the command that stands at ``position`` of ``PSMP_COMMANDS``."""

    command: EraseSubject
    provenance: Provenance
    position: int

    @property
    def id(self) -> str:
        """The command's id."""
        return self.provenance.causation


class Eraser:
    """Erases a subject: everything that was sealed of it, and every message in which its words still stand unsealed.

    Killed anywhere and called again with the same order it goes on; called once more it changes nothing.
    """

    def __init__(self, nats: MendedClient, decider: Decider[Project | None]) -> None:
        self._nats, self._decider, self._keyring = nats, decider, Keyring(nats)

    async def unknown(self, command: EraseSubject) -> Refused | None:
        """A refusal where there is nothing of the subject that an erasure could destroy, and never was one.

        Every key that was ever made of it leaves a key or a tombstone behind, and so does every erasure.
        """
        tenant, subject = command.tenant, command.subject
        if await every(self._nats, KEYS, subjects.key(tenant, subject, "*")):
            return None
        if await every(self._nats, COMMANDS, subjects.commands_of(tenant, subject)):
            return None
        if [each for each in await self._letters() if _is_of(each.subject, tenant, subject)]:
            return None
        reason = f"nothing is kept of {subject} in tenant {tenant}: no key, no command, no dead letter"
        return Refused(Code.UNKNOWN_SUBJECT, reason, "the id of an agent, and --tenant: is it spelled as it spoke?")

    async def _letters(self) -> list[letters.Letter]:
        found = await every(self._nats, letters.STREAM, f"{subjects.DEAD}.intake.>")
        return [letter for message in found if (letter := letters.stored(message)) is not None]

    async def erase(self, order: Order) -> SubjectErased:
        """Erase it, in this order.

        1. it is marked: nothing that was sent before is sealed under a new key;
        2. in each project a tombstone is put behind the key, from then on nobody opens anything by it;
        3. the key is overwritten and deleted;
        4. that is recorded in the project's log;
        5. dead letters and commands of the subject are overwritten and deleted.

        What comes back says what was destroyed, to be recorded last. Raises ``Undecided`` before step 5 while something
        waits to be decided, ``Undeletable``, nats errors and the log's.
        """
        tenant, subject = order.command.tenant, order.command.subject
        since = await self._keyring.mark(tenant, subject, order.id, order.position)  # 1
        found = await self._keyring.all(tenant, subject)
        destroyed: dict[str, str] = {}
        for project in sorted({stored.project for stored in found}):
            key_id = await self._destroy(order, [stored for stored in found if stored.project == project], since)
            if key_id is not None:
                destroyed[project] = key_id
                await self._record(ProjectKey(tenant, project), order, key_id)  # 4
        await self._delete_commands(tenant, subject, since)  # 5
        return _event(order, tuple(destroyed.values()), tuple(destroyed))

    async def _destroy(self, order: Order, known: Sequence[Stored], since: int) -> str | None:
        """Destroy the subject's key in one project; the id of the key that this order has destroyed, now or before."""
        tenant, subject = order.command.tenant, order.command.subject
        while not (mine := [stored for stored in known if stored.erased == order.id]):
            if known[-1].erased is not None:
                break
            await self._keyring.bury(tenant, subject, known[-1], order.id, since)  # 2
            again = await self._keyring.all(tenant, subject)
            known = [stored for stored in again if stored.project == known[-1].project]
        buried = max((stored.position for stored in known if stored.erased is not None), default=0)
        for stored in known:
            if stored.erased is None and stored.position < buried:
                await self._keyring.destroy(stored.position)  # 3
        return mine[-1].id if mine else None

    async def _record(self, key: ProjectKey, order: Order, key_id: str) -> None:
        """Write down, once, that it was done; a project that was never created has no log, and ours is written last."""

        def rule(view: View[Project | None]) -> tuple[Event, Provenance] | None:
            if view.state is None or view.answers.find(order.id) is not None:
                return None
            return _event(order, (key_id,)), order.provenance

        if key != SYSTEM:
            await self._decider.decide(key, rule)

    async def _delete_commands(self, tenant: str, subject: str, since: int) -> None:
        said = await every(self._nats, COMMANDS, subjects.commands_of(tenant, subject))
        before = [position for message in said if (position := _position(message)) < since]
        if before and before[-1] > await self._decided():
            raise Undecided
        for letter in await self._letters():
            if _is_of(letter.subject, tenant, subject):
                await delete(self._nats, letters.STREAM, letter.number)
        for position in before:
            await delete(self._nats, COMMANDS, position)

    async def _decided(self) -> int:
        """Up to which position every command has its outcome."""
        answer = await self._nats.request(f"$JS.API.CONSUMER.INFO.{COMMANDS}.intake", b"", timeout=5)
        return int(json.loads(answer.data)["ack_floor"]["stream_seq"])


def _event(order: Order, keys: tuple[str, ...], projects: tuple[str, ...] = ()) -> SubjectErased:
    said = order.command
    return SubjectErased(
        tenant=said.tenant,
        subject=said.subject,
        keys=keys,
        reason=said.reason,
        approver=said.approver,
        projects=projects,
    )


def _position(message: Msg) -> int:
    return int((message.headers or {})["Nats-Sequence"])


def _is_of(subject: str, tenant: str, agent: str) -> bool:
    """Whether a dead letter's message was a command of the agent, also one whose subject was not by the grammar."""
    return subject.split(".")[:5][::2] == ["psmp", tenant, agent]
