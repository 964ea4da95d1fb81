"""``psmp replay``: the projections, rebuilt from the log and compared with the live ones, or made anew."""

from dataclasses import asdict
from typing import Annotated, Any

from cyclopts import Parameter

from psmp.cli import settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, SERVERS, Answering, Servers
from psmp.cli.logbook import Logbook, opened
from psmp.cli.pages import integrity as pages
from psmp.store.pool import answering as asked
from psmp.store.replay import Replayed, rebuild, replay_check
from psmp.words.ids import ProjectKey


async def replay(
    project: Annotated[str | None, Parameter(help="One project; left out, all of them.")] = None,
    *,
    check: Annotated[bool, Parameter(help="Compare, row by row and by hash; changes nothing.")] = False,
    make_anew: Annotated[
        bool, Parameter(name="--rebuild", help="Empty every projection; the keeper then folds the whole log anew.")
    ] = False,
    tenant: Annotated[
        str | None, Parameter(env_var="PSMP_TENANT", help="Whose project it is; default: default.")
    ] = None,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """Rebuild the projections from the log and compare them with the live ones."""
    if check == make_anew:
        hint = "psmp replay --check compares, psmp replay --rebuild makes them anew"
        raise Complaint(Exit.USAGE, "either --check or --rebuild", hint)
    out = answering.out
    key = ProjectKey(tenant or settings.defaults().tenant or "default", project) if project else None
    async with opened(servers, "replay") as logbook:
        if make_anew:
            with asked():
                await rebuild(logbook.pool)
            out.say("emptied; the keeper folds the whole log anew. psmp replay --check sees when it is done", "dim")
            return Exit.DONE
        found = await replayed(logbook, key)
    if key is not None and not found[0].sequence:
        raise Complaint(Exit.NOT_FOUND, f"there is no project {key}", "psmp projects lists those that there are")
    out.many(map(_plain, found), lambda: pages.replayed(found))
    return Exit.INTEGRITY if any(map(differs, found)) else Exit.DONE


async def replayed(logbook: Logbook, key: ProjectKey | None) -> list[Replayed]:
    """What came of each project; of ``key`` alone where one is named."""
    keys = [key] if key else await logbook.keys()
    with asked():
        return [each async for each in replay_check(logbook.pool, logbook.log, keys, only=key is not None)]


def differs(each: Replayed) -> bool:
    """Whether a projection is not what the log says, or was stopped."""
    return bool(each.differences or each.damage)


def _plain(each: Replayed) -> dict[str, Any]:
    return {
        "tenant": each.key.tenant,
        "project": each.key.project,
        "equal": not differs(each),
        "sequence": each.sequence,
        "digests": {table: {"log": log, "live": live} for table, (log, live) in each.digests.items()},
        "differences": [asdict(difference) for difference in each.differences],
        "damage": each.damage,
    }
