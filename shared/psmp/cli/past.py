"""A position in the past, as an option: the number of an event, or a time."""

import re
from typing import Annotated, Any, Final

from cyclopts import Parameter

from psmp.cli import clock
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.words.envelope import written

_SEQUENCE: Final = re.compile(r"^[1-9][0-9]{0,17}$")


At = Annotated[
    str | None,
    Parameter(help="As of this event (its number) or this time (2026-11-21T10:15:30Z, or a part of it), not now."),
]


def when(at: str | None, option: str = "--at") -> dict[str, Any]:
    """``at`` as the question for a status has it; a time without a zone is UTC. Raises ``Complaint``."""
    if at is None:
        return {}
    if _SEQUENCE.match(at):
        return {"sequence": int(at)}
    moment = clock.moment(at)
    if moment is None:
        hint = "an event's number, from 1 on, or a time such as 2026-11-21T10:15:30Z"
        raise Complaint(Exit.USAGE, f"{option} {at}: neither a number nor a time", hint)
    return {"time": written(moment)}
