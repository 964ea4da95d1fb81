"""What was pruned from a project's log, as the log itself says it."""

from typing import NamedTuple

from nats.aio.client import Client

from psmp.log.jetstream import STREAM, get
from psmp.log.port import Record
from psmp.words import subjects
from psmp.words.envelope import EventEnvelope, open_event
from psmp.words.events import RetentionApplied
from psmp.words.ids import ProjectKey
from psmp.words.strict import Malformed


class Pruning(NamedTuple):
    """The last pruning of a project: where in the log it is recorded, and as what."""

    position: int
    envelope: EventEnvelope
    event: RetentionApplied


async def last_pruning(nats: Client, key: ProjectKey) -> Pruning | None:
    """The last one; None where nothing was pruned. Raises nats errors, ``TimeoutError`` and ``Malformed``."""
    message = await get(nats, STREAM, {"last_by_subj": subjects.log(key, RetentionApplied.KIND)})
    if message is None:
        return None
    envelope = open_event(message.data)
    if not isinstance(envelope.data, RetentionApplied):
        return None
    return Pruning(int((message.headers or {})["Nats-Sequence"]), envelope, envelope.data)


def pruned_upto(record: Record) -> int:
    """Up to which number a record says that what was before it is pruned; 0 when it says nothing of that."""
    if record.kind != RetentionApplied.KIND:
        return 0
    try:
        event = open_event(record.body).data
    except Malformed:
        return 0
    return event.upto if isinstance(event, RetentionApplied) else 0
