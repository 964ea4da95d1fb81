"""What can go wrong, named for the situation.

``str()`` of each is a sentence that a person or a model can act on and ends with what to do next; ``reason`` and
``hint`` are its two halves, and the facts are attributes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from psmp.client.results import Settled
from psmp.words.answers import Status
from psmp.words.envelope import EventEnvelope
from psmp.words.events import CommandRefused, RetentionApplied
from psmp.words.faulted import FaultTold
from psmp.words.ids import ProjectKey
from psmp.words.strict import Fault


class PsmpError(Exception):
    """Every error that this client raises. ``reason`` says what is the matter, ``hint`` what to do next."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason, self.hint = reason, hint

    def __str__(self) -> str:
        return sentence(self.reason, self.hint)


class Invalid(PsmpError, ValueError):
    """Arguments that cannot be sent; ``faults`` says where (a JSON pointer into them) and why. Nothing was sent."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)), "mend what is named and call again; nothing was sent")


class Unreachable(PsmpError, ConnectionError):
    """There is no connection to NATS and none is coming by itself."""


class Closed(PsmpError):
    """The client was closed while, or before, it was asked."""

    def __init__(self) -> None:
        super().__init__("the client is closed", "open another one with connect()")


class NotAllowed(PsmpError, PermissionError):
    """NATS does not let this identity do that; ``subject`` is what it refused, as far as it said so."""

    def __init__(self, what: str, subject: str = "") -> None:
        super().__init__(what, "speak in the name that the credentials are for, or ask for others that permit this")
        self.subject = subject


class Overloaded(PsmpError):
    """More commands are waiting in this client than it holds. The one that was refused was not sent."""


class Unreadable(PsmpError):
    """What came back is not what this version of the client can read."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what} cannot be read: {why}", "bring client and services to the same version")


class Damaged(PsmpError):
    """A project's events do not link to each other: something was changed, dropped or put in between."""

    def __init__(self, key: ProjectKey, sequence: int, why: str) -> None:
        reason = f"the log of {key} is damaged at event {sequence}: {why}"
        super().__init__(reason, "run `psmp verify` and trust nothing after it")
        self.key, self.sequence = key, sequence


class Pruned(PsmpError):
    """What was to be read next is pruned, as the log itself says in ``envelope``: nothing was lost or changed.

    The events up to number ``upto`` are gone, by the retention run ``run``; read on with ``after=upto``.
    """

    def __init__(self, key: ProjectKey, envelope: EventEnvelope, event: RetentionApplied) -> None:
        what = f"the events of {key} up to {event.upto} were pruned at {envelope.time} by the retention run {event.run}"
        hint = f"read on from there with after={event.upto}; their hashes are in the ledger still, see `psmp prove`"
        super().__init__(f"{what}, for {event.approver}: {event.reason}", hint)
        self.key, self.envelope, self.upto, self.run = key, envelope, event.upto, event.run
        self.approver, self.time = event.approver, envelope.time


class FalseReceipt(PsmpError):
    """The outcome came with a receipt that is not for it.

    ``settled`` is the outcome; what was asked is done, or not, as it says. ``received`` is what came as the receipt.
    """

    def __init__(self, settled: Settled, why: str, received: str) -> None:
        hint = "the command is settled (see .settled); tell whoever runs PSMP: it promises what it has not recorded"
        super().__init__(f"the receipt of {settled.event.KIND} {settled.command_id} is not for it: {why}", hint)
        self.settled, self.received = settled, received


class NotKept(PsmpError):
    """The receipt of an outcome could not be written down. ``settled`` is the outcome, with its receipt."""

    def __init__(self, settled: Settled, why: str) -> None:
        hint = "the command is settled (see .settled); make room and send it again with the same command_id"
        super().__init__(f"the receipt of {settled.event.KIND} {settled.command_id} is not kept: {why}", hint)
        self.settled = settled


class LogDamaged(PsmpError):
    """The keeper tells nothing of a project whose log is damaged."""


class DeadlinePassed(PsmpError, TimeoutError):
    """Something did not come in time."""


class NoAnswer(DeadlinePassed):
    """A question was not answered in time. Asking changes nothing, so it can be asked again."""

    def __init__(self, question: str, why: str, hint: str = "") -> None:
        anyway = "see whether psmp_keeper runs and Postgres answers, with psmp doctor; ask again"
        super().__init__(f"no answer to {question}: {why}", hint or anyway)


class NotReached(DeadlinePassed):
    """A project did not get to a state in time; ``status`` is how it stood last, None when nobody could say."""

    def __init__(self, project: str, states: Iterable[str], seconds: float, status: Status | None) -> None:
        self.project, self.states, self.status = project, tuple(states), status
        stands = f"{project} is {status.state}" if status else f"it is not known how {project} stands"
        super().__init__(
            f"{stands}, and not {' or '.join(self.states)}, after {seconds:g} s",
            "see its status for what it waits for, or wait longer",
        )


class NoSuchPast(PsmpError):
    """The past that was asked for does not exist: it is before the project's creation or not yet written."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command as it is sent: the same bytes every time, so that sending it again changes nothing."""

    command_id: str
    key: ProjectKey
    agent: str
    kind: str
    subject: str
    body: bytes


class Unsettled(DeadlinePassed):
    """A command whose outcome is not known. ``order`` is what was sent; ``client.outcome(error)`` asks again for it."""

    def __init__(self, order: Order, reason: str, hint: str) -> None:
        super().__init__(reason, hint)
        self.order = order
        self.command_id = order.command_id


class NotAcknowledged(Unsettled):
    """Not known to be durable: it may or may not have been stored. Safe to send again with the same ``command_id``."""

    def __init__(self, order: Order, seconds: float, why: str) -> None:
        super().__init__(
            order,
            f"{order.kind} for {order.key} is not known to be stored after {seconds:g} s: {why}",
            f"send it again with command_id={order.command_id!r}, or await client.outcome(error); it counts once",
        )


class VerdictPending(Unsettled):
    """Durable and not to be lost, but its outcome has not come yet. ``position`` is its place among the commands."""

    def __init__(self, order: Order, seconds: float, position: int) -> None:
        super().__init__(
            order,
            f"{order.kind} for {order.key} is stored, but has no outcome after {seconds:g} s",
            "it is not lost: await client.outcome(error) for the outcome, and see whether the services run",
        )
        self.position = position


class Refusal(PsmpError):
    """The answer no. ``code`` is stable; ``conflicts`` are the ids of those that stand in the way.

    ``settled`` is the refusal as it was recorded, None when a question was refused. ``retry_seconds``: the same may be
    answered otherwise after so many.
    """

    def __init__(
        self,
        code: str,
        reason: str,
        hint: str = "",
        conflicts: tuple[str, ...] = (),
        settled: Settled | None = None,
        *,
        retry_seconds: int | None = None,
    ) -> None:
        super().__init__(reason, hint)
        self.code, self.conflicts, self.settled, self.retry_seconds = code, conflicts, settled, retry_seconds

    @property
    def faults(self) -> tuple[FaultTold, ...]:
        """All that is wrong with a graph, each with its place."""
        event = self.settled.event if self.settled is not None else None
        return (event.faults or ()) if isinstance(event, CommandRefused) else ()


class NotCovered(Refusal):
    """No checkpoint can cover what was named.

    ``code`` is ``NOT_RECORDED``: the log has no such record; or ``CHECKPOINTS_STOPPED``: the signer signs nothing of
    the project any more, for its ledger does not extend what was signed.
    """


def sentence(reason: str, hint: str) -> str:
    """Reason and hint as one text that ends with what to do next."""
    text = _ended(reason)
    if not hint:
        return text
    return f"{text}{chr(10) if chr(10) in text else ' '}Next: {_ended(hint)}"


def _ended(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?" else f"{text}."
