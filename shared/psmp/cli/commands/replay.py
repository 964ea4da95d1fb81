"""``psmp replay``: projections rebuilt from the log and compared, or made anew; decisions decided again."""

from dataclasses import asdict
from typing import Annotated, Any

from cyclopts import Parameter

from psmp.cli import letterbox, settings
from psmp.cli.deciding import decided
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, SERVERS, Answering, Servers
from psmp.cli.logbook import Logbook, keys_of, opened
from psmp.cli.pages import deciding
from psmp.cli.pages import integrity as pages
from psmp.store.pool import answering as asked
from psmp.store.replay import Replayed, rebuild, replay_check
from psmp.words.fidelity import Fidelity
from psmp.words.ids import ProjectKey


async def replay(
    project: Annotated[str | None, Parameter(help="One project; left out, all of them.")] = None,
    *,
    check: Annotated[bool, Parameter(help="Compare, row by row and by hash; changes nothing.")] = False,
    make_anew: Annotated[
        bool, Parameter(name="--rebuild", help="Empty every projection; the keeper then folds the whole log anew.")
    ] = False,
    decisions: Annotated[
        bool, Parameter(help="Decide every recorded decision again and compare byte by byte; changes nothing.")
    ] = False,
    skew: Annotated[
        float, Parameter(help="With --decisions: seconds by which the clock of NATS may be ahead of a service's.")
    ] = 0.0,
    tenant: Annotated[
        str | None, Parameter(env_var="PSMP_TENANT", help="Whose project it is; default: default.")
    ] = None,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """Rebuild the projections from the log and compare them with the live ones, or decide its decisions again."""
    if check + make_anew + decisions != 1:
        hint = "psmp replay --check compares, --rebuild makes anew, --decisions decides again"
        raise Complaint(Exit.USAGE, "one of --check, --rebuild and --decisions", hint)
    out = answering.out
    key = ProjectKey(tenant or settings.defaults().tenant or "default", project) if project else None
    if decisions:
        return await _decisions(key, skew, servers, answering)
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


async def _decisions(key: ProjectKey | None, skew: float, servers: Servers, answering: Answering) -> Exit:
    async with letterbox.opened(servers) as box:
        keys = [key] if key else await keys_of(box.nats)
        found = [each async for each in decided(box.nats, keys, skew)]
    if key is not None and not found[0].sequence and not found[0].damage:
        raise Complaint(Exit.NOT_FOUND, f"there is no project {key}", "psmp projects lists those that there are")
    answering.out.many(map(_counts, found), lambda: deciding.decided(found))
    return Exit.INTEGRITY if any(each.total.different or each.damage for each in found) else Exit.DONE


def _counts(each: Fidelity) -> dict[str, Any]:
    total = each.total
    return {**each.model_dump(mode="json"), "total": total.model_dump(), "fidelity": total.fidelity}


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
