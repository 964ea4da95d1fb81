"""``psmp verify`` on a running system: the walk along the chain of every event, in the ledger and in the log."""

from typing import Any

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import Servers
from psmp.cli.logbook import Logbook, opened
from psmp.cli.output import Format, Output
from psmp.cli.pages import integrity as pages
from psmp.store.pool import answering as asked
from psmp.store.verify import Verified
from psmp.store.verify import verify as walk
from psmp.words.ids import ProjectKey


async def walked(servers: Servers, key: ProjectKey | None, out: Output) -> Exit:
    """Walk and tell; how the command ends."""
    async with opened(servers, "verify") as logbook:
        found = await verified(logbook, key)
    if key is not None and not any(each.events or each.ahead or each.fault for each in found):
        raise Complaint(Exit.NOT_FOUND, f"there is no project {key}", "psmp projects lists those that there are")
    if not found:
        out.say("there is nothing to verify yet", "dim")
    if found or out.format is not Format.TABLE:
        out.many(map(_plain, found), lambda: pages.verified(found))
    return Exit.INTEGRITY if any(each.fault for each in found) else Exit.DONE


async def verified(logbook: Logbook, key: ProjectKey | None) -> list[Verified]:
    """What came of each project; of ``key`` alone where one is named."""
    known = [key] if key else await logbook.keys()
    with asked():
        return [each async for each in walk(logbook.pool, key=key, log=logbook.log, known=known)]


def _plain(each: Verified) -> dict[str, Any]:
    fault = each.fault
    return {
        "tenant": each.key.tenant,
        "project": each.key.project,
        "holds": fault is None,
        "events": each.events,
        "head": each.head.leaf,
        "position": each.head.position,
        "ahead": each.ahead,
        "pruned": each.pruned,
        "fault": fault
        and {
            "sequence": fault.sequence,
            "position": fault.position,
            "kind": fault.flaw,
            "expected": fault.expected,
            "found": fault.found,
        },
    }
