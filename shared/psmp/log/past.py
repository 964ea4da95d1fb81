"""Any state that a project ever had, folded from its log up to a sequence or a time."""

from datetime import datetime

from psmp.log.folds import PROJECT_FOLD
from psmp.log.port import EventLog
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.words.ids import ProjectKey


class NoSuchPast(ValueError):
    """The project had no state then; the text says from when to when it has one."""


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
        before = view.state
        envelope = view.advance(record)
        if until is not None and datetime.fromisoformat(envelope.time) > until:
            if before is None:
                raise NoSuchPast(f"{key} was created at {envelope.time}, after {time}")
            return before
        if envelope.sequence == sequence:
            break
    if view.state is not None and sequence is not None and view.head.sequence != sequence:
        raise NoSuchPast(f"{key} has the events 1 to {view.head.sequence}; there is no event {sequence}")
    return view.state


async def position_before(log: EventLog, key: ProjectKey, after: int) -> int:
    """The stream position of the project's event number ``after``, of its last one if it has fewer; 0 for 0."""
    position = 0
    if after:
        async for record in log.read(key, limit=after):
            position = record.position
    return position


def _moment(time: str) -> datetime:
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        raise NoSuchPast(f"{time!r} is not an RFC 3339 time, as 2026-11-21T09:30:00Z") from None
    if moment.tzinfo is None:
        raise NoSuchPast(f"{time!r} has no offset; add Z for UTC")
    return moment
