"""Any state that a project ever had, folded from its log up to a sequence or a time."""

from datetime import datetime

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import EventLog
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.words.envelope import EventEnvelope, open_event
from psmp.words.events import RetentionApplied
from psmp.words.ids import ProjectKey


class NoSuchPast(ValueError):
    """The project had no state then, or none that is known; the text says from when to when it has one."""


async def past(
    log: EventLog, key: ProjectKey, *, sequence: int | None = None, time: str | None = None
) -> Project | None:
    """The project after its event number ``sequence``, or after the last event that is not later than ``time``.

    ``time`` is RFC 3339 with an offset. With neither: as it is now. None when the project has no log at all. Raises
    ``NoSuchPast``, and ``Damaged`` when the chain does not hold up to there.
    """
    until = _moment(time) if time else None
    view = View(key, PROJECT_FOLD)
    async for record in log.read(key):
        before, last = view.state, view.head.sequence
        envelope = view.advance(record)
        _require_known(key, envelope, last, sequence, until)
        if until is not None and datetime.fromisoformat(envelope.time) > until:
            if before is None:
                raise NoSuchPast(f"{key} was created at {envelope.time}, after {time}")
            return before
        if envelope.sequence == sequence:
            break
    if view.state is not None and sequence is not None and view.head.sequence != sequence:
        raise NoSuchPast(f"{key} has the events 1 to {view.head.sequence}; there is no event {sequence}")
    return view.state


def _require_known(
    key: ProjectKey, envelope: EventEnvelope, last: int, sequence: int | None, until: datetime | None
) -> None:
    """Raise ``NoSuchPast`` when what is asked for lies in the gap before an event that says what was pruned.

    ``last`` is the event that was read before it.
    """
    event = envelope.data
    if not isinstance(event, RetentionApplied):
        return
    is_gone = sequence is not None and last < sequence <= event.upto
    if is_gone or (until is not None and datetime.fromisoformat(envelope.time) > until and last < event.upto):
        what = f"the events 1 to {event.upto} of {key} were pruned at {envelope.time}"
        raise NoSuchPast(f"{what} by the retention run {event.run}, for {event.approver}: {event.reason}")


async def position_before(log: EventLog, key: ProjectKey, after: int) -> int:
    """The stream position of the project's event number ``after``, of its last one if it has fewer; 0 for 0.

    Found by halving, in some twenty reads of one record, however long the log is.
    """
    if after == 0:
        return 0
    low, span, last = 0, after, 0
    while (found := await _first(log, key, low + span - 1)) is not None and found[1] < after:
        low, span, last = found[0], 2 * span, found[0]
    high = low + span
    while low < high:  # the event lies behind ``low`` and not behind ``high``, if there is one
        middle = (low + high) // 2
        found = await _first(log, key, middle)
        if found is not None and found[1] == after:
            return found[0]
        if found is not None and found[1] < after:
            low = last = found[0]
        else:
            high = middle
    return last


async def _first(log: EventLog, key: ProjectKey, after: int) -> tuple[int, int] | None:
    """Position and number of the first event behind position ``after``."""
    async for record in log.read(key, after=after, limit=1):
        return record.position, open_event(record.body).sequence
    return None


def _moment(time: str) -> datetime:
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        raise NoSuchPast(f"{time!r} is not an RFC 3339 time, as 2026-11-21T09:30:00Z") from None
    if moment.tzinfo is None:
        raise NoSuchPast(f"{time!r} has no offset; add Z for UTC")
    return moment
