"""Intake at work: reads commands, seals what is personal, asks the rules, writes the fact, answers the sender."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, get_args

import structlog

from psmp.log.decider import LATEST, Decider
from psmp.log.port import EventLog, Record
from psmp.log.view import AWAITED, View
from psmp.log.views import Views
from psmp.personal import fields
from psmp.rules.project import Project
from psmp.service import counting
from psmp.service.clock import stamp
from psmp.service.outcomes import Outcomes
from psmp.service.telemetry import Telemetry
from psmp.wire.mended import MendedClient
from psmp.wire.settle import Delivery, Done, Later, Never, Outcome
from psmp.words import subjects
from psmp.words.commands import AcknowledgeAlert, CreateProject, DropLetter, EraseSubject, RetryLetter
from psmp.words.envelope import GENESIS, CommandEnvelope, Link, Provenance, seal_event, written
from psmp.words.events import CommandRefused, Event, SubjectErased
from psmp.words.ids import OPERATOR, OWN_AGENTS, SYSTEM, ProjectKey
from psmp.words.refusals import Code, Refused
from psmp.words.strict import Malformed
from psmp.words.subjects import CommandSubject
from psmp_intake.erasure import Eraser, Order, Undecided
from psmp_intake.limits import Limits
from psmp_intake.rules.keeping import Wish
from psmp_intake.rules.ruling import desk, provenance, read, refusal, rule, spoken
from psmp_intake.sealing import Sealer

LOG: Final = structlog.get_logger()
LONGEST_WAIT: Final = 30.0
"""Seconds until an erasure looks again whether all that was said before it is decided, at most."""
UNREADABLE: Final = "unreadable"
"""Stands for the command id where none could be read."""
PASSED_ON: Final = frozenset(each.KIND for each in AWAITED)
"""Kinds that another service answers for: the checker, the keeper, the resolver."""

OPERATORS: Final = frozenset(
    {AcknowledgeAlert.KIND, RetryLetter.KIND, DropLetter.KIND} | {each.KIND for each in get_args(Wish)}
)
"""What the operator may ask for in our own services' project."""


def lane(delivery: Delivery) -> ProjectKey | None:
    """Commands of one project are decided one after another."""
    subject = subjects.read_command(delivery.subject)
    return subject.key if subject else None


class Intake:
    """Gives every command one outcome."""

    def __init__(
        self,
        nats: MendedClient,
        outcomes: Outcomes,
        log: EventLog,
        views: Views[Project | None],
        telemetry: Telemetry,
        limits: Limits,
    ) -> None:
        self._outcomes, self._log, self._telemetry, self._limits = outcomes, log, telemetry, limits
        self._decider = Decider(log, views, stamp)
        self._sealer, self._eraser = Sealer(nats), Eraser(nats, self._decider)

    async def handle(self, delivery: Delivery) -> Outcome:
        """One command to its outcome; sent again, it gets the same outcome again."""
        subject = subjects.read_command(delivery.subject)
        if subject is None:
            return Never("the subject is not psmp.cmd.<tenant>.<project>.<agent>.<entity>.<verb>")
        if subject.key.tenant == SYSTEM.tenant and not _is_operators(subject):
            return Never("in our own services' project the operator alone is heard")
        try:
            command = read(subject, delivery.body)
        except Malformed as fault:
            return await self._unreadable(subject, delivery, fault)
        if subject.agent.startswith(OWN_AGENTS):
            refused = Refused(Code.RESERVED_NAME, f"{subject.agent} is a name of ours", "choose another")
            await self._send_unwritten(subject, command.id, refusal(subject, refused))
            return Done()
        with self._telemetry.span(f"process {subject.kind}", command.traceparent) as traceparent:
            count = _Count(self._limits, subject, delivery)
            ruling = _Ruling(subject, command, traceparent, count, at=stored_at(delivery.stored))
            return await self._settle(ruling, delivery)

    async def _settle(self, ruling: "_Ruling", delivery: Delivery) -> Outcome:
        key, command = ruling.subject.key, ruling.command
        if fields.is_personal(command):
            lasting = await self._is_open(ruling)
            ruling.command = await self._sealer.sealed(
                command, ruling.subject.agent, delivery.position, lasting=lasting
            )
        ours = key == SYSTEM and command.actor == OPERATOR
        if ours and isinstance(command.data, EraseSubject) and await self._is_open(ruling):
            ruling.unknown = await self._eraser.unknown(command.data)
            if ruling.unknown is not None:
                await self._answer(ruling)
                return Done()
            try:
                ruling.erased = await self._eraser.erase(Order(command.data, ruling.provenance, delivery.position))
            except Undecided:
                return Later(min(2.0**delivery.tries, LONGEST_WAIT))
        await self._answer(ruling)
        return Done()

    async def _is_open(self, ruling: "_Ruling") -> bool:
        """Whether something may be written of the command: it was not settled before, and names a project."""
        views = self._decider.views
        async with views.hold(ruling.subject.key) as view:
            await views.catch_up(view)
            return view.answers.find(ruling.command.id) is None and ruling.founds(view.state)

    async def _answer(self, ruling: "_Ruling") -> None:
        subject, key = ruling.subject, ruling.desk
        record = await self._decider.decide(key, ruling)
        if ruling.pending:  # perhaps only as far as we have heard: the checker may have told the sender long ago
            record = await self._decider.decide(key, ruling, seen=LATEST)
        if record is not None:
            counting.written(record)
        if ruling.refusal is not None:
            counting.refused(ruling.command.data, ruling.refusal.code)
            who = {"project": str(subject.key), "agent": subject.agent, "command": subject.kind}
            LOG.info("refused", correlation=ruling.command.id, code=ruling.refusal.code, **who)
        if record is None and ruling.settled:
            record = await self._written(key, ruling.settled)
        if record is not None:
            if record.kind not in PASSED_ON:
                await self._outcomes.tell(subject.key, subject.agent, ruling.command.id, record)
        elif ruling.refusal is not None:
            await self._send_unwritten(subject, ruling.command.id, ruling.refusal)

    async def _written(self, key: ProjectKey, position: int) -> Record | None:
        async for record in self._log.read(key, after=position - 1, limit=1):
            return record
        return None

    async def _unreadable(self, subject: CommandSubject, delivery: Delivery, fault: Malformed) -> Outcome:
        limited = _Count(self._limits, subject, delivery).refusal(privileged=subject.privileged)
        if limited is not None:  # a flood must not grow the dead letters either
            await self._send_unwritten(subject, UNREADABLE, refusal(subject, limited))
            return Done()
        refused = Refused(Code.MALFORMED, str(fault), "mend the command and send it again")
        await self._send_unwritten(subject, UNREADABLE, refusal(subject, refused))
        return Never(str(fault))

    async def _send_unwritten(self, subject: CommandSubject, command_id: str, refused: CommandRefused) -> None:
        """Answer what is not to be in any log; it has the shape of an event, and no position."""
        fresh = stamp()
        cause = fresh.id if command_id == UNREADABLE else command_id
        origin = provenance(subject, cause, None)
        body = seal_event(subject.key, refused, Link(1, GENESIS), origin, fresh)
        await self._outcomes.publish(subject.key, subject.agent, command_id, body)


def stored_at(nanoseconds: int) -> str:
    """When the server stored a message, as envelopes carry it."""
    return written(datetime.fromtimestamp(nanoseconds / 1_000_000_000, UTC))


@dataclass(slots=True)
class _Count:
    """Whether one command is within the limits; it counts once, however often that is asked.

    What is delivered again was counted, or let go by another process that has died since.
    """

    limits: Limits
    subject: CommandSubject
    delivery: Delivery
    counted: bool = False

    def refusal(self, *, privileged: bool) -> Refused | None:
        """A refusal that says how long to wait."""
        if self.counted or self.delivery.tries > 1:
            return None
        tenant, agent = self.subject.key.tenant, self.subject.agent
        seconds = self.limits.ask(tenant, agent, self.delivery.stored, privileged=privileged)
        if not seconds:
            self.counted = True
            return None
        reason = f"{agent} asks too much at once"
        hint = f"wait {seconds} s and send the same again; nothing was written of it"
        return Refused(Code.RATE_LIMITED, reason, hint, retry_seconds=seconds)


@dataclass(slots=True)
class _Ruling:
    """The rule for one command, and why it had nothing to write down when it had not.

    ``settled`` is the position of the event that settled the command before, ``pending`` whether its verdict is still
    to come, ``refusal`` what it was refused with, ``erased`` what it has erased, ``unknown`` that there was nothing to
    erase, ``at`` when the server had it. The refusal of a command that names no project, or that is one too many, is
    not written down: nobody can grow a log with those.
    """

    subject: CommandSubject
    command: CommandEnvelope
    traceparent: str | None
    count: _Count
    settled: int = 0
    pending: bool = False
    refusal: CommandRefused | None = None
    erased: SubjectErased | None = None
    at: str = ""
    unknown: Refused | None = None

    @property
    def desk(self) -> ProjectKey:
        """The project in whose log it is decided."""
        return desk(self.subject, self.command)

    @property
    def provenance(self) -> Provenance:
        return spoken(self.subject, self.command, self.traceparent)

    def founds(self, project: Project | None) -> bool:
        """Whether its project has a log, or will have one."""
        return project is not None or isinstance(self.command.data, CreateProject)

    def __call__(self, view: View[Project | None]) -> tuple[Event, Provenance] | None:
        earlier = view.answers.find(self.command.id)
        if earlier is not None:
            self.settled, self.pending = max(earlier, 0), earlier < 0
            return None
        named = view.state is not None and self.subject.agent in (view.state.policy.privileged or ())
        privileged = named or self.subject.privileged
        limited = self.count.refusal(privileged=privileged)
        if limited is not None:
            self.refusal = refusal(self.subject, limited)
            return None
        decision = self.unknown or self.erased or rule(view.state, self.subject, self.command, self.at)
        if not isinstance(decision, Refused):
            self.refusal = None
            return decision, self.provenance
        self.refusal = refusal(self.subject, decision)
        return (self.refusal, self.provenance) if view.state is not None else None


def _is_operators(subject: CommandSubject) -> bool:
    return subject.key == SYSTEM and subject.agent == OPERATOR and subject.kind in OPERATORS
