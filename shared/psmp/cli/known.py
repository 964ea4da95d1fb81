"""What a question is about must be there: raises a ``Complaint`` that names what is."""

from collections.abc import Sequence
from typing import Final

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.store.known import projects, tenants
from psmp.store.pool import Pool, answering
from psmp.words.events import EVENTS

MOST_NAMED: Final = 12


async def require(pool: Pool, tenant: str, project: str | None, *, named: bool) -> None:
    """The project, or else the tenant where it was ``named``: a tenant that nobody named may have nothing yet."""
    with answering():
        if project is None:
            known = await tenants(pool) if named else [tenant]
            if tenant not in known:
                raise Complaint(Exit.NOT_FOUND, f"there is no tenant {tenant} with a project", _told(known))
            return
        known = await projects(pool, tenant)
    if project not in known:
        raise Complaint(Exit.NOT_FOUND, f"there is no project {project} of tenant {tenant}", _told(known))


def require_kind(kind: str | None) -> None:
    """A kind of event, or what kinds are about: ``conflict.detected`` or ``conflict``."""
    kinds = [event.KIND for event in EVENTS]
    about = sorted({each.partition(".")[0] for each in kinds})
    if kind is None or kind in kinds or kind in about:
        return
    of_it = [each for each in kinds if each.partition(".")[0] == kind.partition(".")[0]]
    raise Complaint(Exit.USAGE, f"--kind {kind}: there are no such events", _told(of_it or about))


def _told(known: Sequence[str]) -> str:
    if not known:
        return "there are none yet"
    more = len(known) - MOST_NAMED
    return f"known are {', '.join(known[:MOST_NAMED])}" + (f" and {more} more" if more > 0 else "")
