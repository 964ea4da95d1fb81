"""What each tool does with the client: a question or a command, and the answer as data."""

from contextlib import aclosing
from typing import Final, cast

from pydantic_core import to_json

from psmp.client import Happened, Invalid, Resolved, arguments
from psmp.client.lifting import lifted
from psmp.client.refusals import NoSlot, SlotLost, UnknownConflict
from psmp.mcp import answered, asked, telling
from psmp.mcp.session import Session
from psmp.rules.forecast import forecast
from psmp.words.answers import Status
from psmp.words.checks import Declaration
from psmp.words.events import SlotGranted
from psmp.words.refusals import Code
from psmp.words.strict import MAX_BYTES, Fault
from psmp.words.values import Conflict

MOST_SEARCHED: Final = 20_000
"""How many events one search goes through; the answer says how far it came."""

MOST_FOUND_BYTES: Final = MAX_BYTES - 8192
"""How many bytes of events one search answers, so that with all around them it is at most 64 KiB."""

_AGREED: Final = "chosen by the agent"


async def declare_artifact(session: Session, said: asked.DeclareArtifact) -> answered.Declared:
    """Declare, or amend; the verdict is waited for."""
    client, project = await session.client(), session.meant(said.project)
    fence = said.fence or session.held.get(project)
    try:
        if said.amend:
            settled = await client.amend(
                project,
                said.artifact,
                summary=said.summary,
                dependencies=said.dependencies,
                paths=said.paths,
                requires_python=said.requires_python,
                environment=said.environment,
                reason=said.reason,
                fence=fence,
            )
        else:
            settled = await client.declare(
                project,
                said.artifact,
                type=said.type,
                summary=said.summary or "",
                dependencies=said.dependencies or (),
                paths=said.paths or (),
                requires_python=said.requires_python,
                environment=said.environment,
                fence=fence,
            )
    except SlotLost:
        await session.let_go(project)
        raise
    return telling.verdict(await lifted(client, project), said.artifact, settled, client.agent)


async def check_dependencies(session: Session, said: asked.CheckDependencies) -> answered.Checked:
    """Judge here, by the checker's engine, over what the keeper says stands declared."""
    client = await session.client()
    status = await client.status(session.meant(said.project))
    stands = next((each for each in status.artifacts if each.artifact == said.artifact), None)
    live = stands if stands is not None and stands.status != "ARCHIVED" else None
    needs, claims = arguments.dependencies(said.dependencies), arguments.paths(said.paths)
    declaration = arguments.build(
        Declaration,
        artifact=said.artifact,
        dependencies=needs if needs is not None else live and live.dependencies,
        paths=claims if claims is not None else live and live.paths,
        requires_python=said.requires_python or (live and live.requires_python),
        environment=said.environment or (live and live.environment),
    )
    return telling.checked(status, said.artifact, forecast(status, declaration, client.agent), client.agent)


async def project_status(session: Session, said: asked.ProjectStatus) -> answered.Standing:
    """How it stands now."""
    client = await session.client()
    return telling.standing(await client.status(session.meant(said.project)), client.agent)


async def list_conflicts(session: Session, said: asked.ListConflicts) -> answered.Conflicts:
    """What is open now."""
    client = await session.client()
    return telling.listed(await client.status(session.meant(said.project)), client.agent, said.severity)


async def explain_conflict(session: Session, said: asked.ExplainConflict) -> answered.Explained:
    """One conflict; raises ``UnknownConflict``."""
    client = await session.client()
    status = await client.status(session.meant(said.project))
    return telling.explained(status, _open(status, said.conflict), client.agent)


async def accept_suggestion(session: Session, said: asked.AcceptSuggestion) -> answered.Accepted:
    """Take a way out; nothing is changed unless it clears the conflict and makes no other."""
    client, project = await session.client(), session.meant(said.project)
    if said.seen > (now := (await client.status(project)).sequence):
        raise Invalid([Fault("/seen", f"nobody can have seen event {said.seen}, the last one is {now}")])
    reason = said.reason or f"suggestion {said.suggestion}, {_AGREED}"
    settled = await client.resolve(project, said.conflict, accept=said.suggestion, reason=reason, seen=said.seen)
    return telling.accepted(await lifted(client, project), said.conflict, cast("Resolved", settled))


async def request_slot(session: Session, said: asked.RequestSlot) -> answered.Granted:
    """Ask for the right to run, and beat for it from then on."""
    client, project = await session.client(), session.meant(said.project)
    settled = await client.begin(project, wait=said.wait_seconds or None)
    granted = cast("SlotGranted", settled.event)
    await session.hold(project, settled.sequence, granted.lease_seconds)
    return answered.Granted(
        project=project,
        fence=settled.sequence,
        lease_seconds=granted.lease_seconds,
        term_seconds=granted.term_seconds,
        next=("do the work, then call declare_artifact for what you made, then finish",),
    )


async def finish(session: Session, said: asked.Finish) -> answered.Finished:
    """Give the right to run back; raises ``NotDeclared`` where nothing was declared under it."""
    client, project = await session.client(), session.meant(said.project)
    try:
        settled = await client.finish(project, failure=said.failure, fence=said.fence or session.held.get(project))
    except (NoSlot, SlotLost):
        await session.let_go(project)
        raise
    fence = session.held.get(project)
    await session.let_go(project)
    return answered.Finished(
        project=project,
        fence=said.fence or fence or settled.sequence,
        failed=said.failure is not None,
        next=("call request_slot again before other work",),
    )


async def heartbeat(session: Session, said: asked.Heartbeat) -> answered.Beaten:
    """Say that this agent is alive; with ``renew`` the slot's term begins anew."""
    client, project = await session.client(), session.meant(said.project)
    await client.heartbeat(project)
    if said.renew:
        try:
            await client.renew(project, fence=session.held.get(project))
        except (NoSlot, SlotLost):
            await session.let_go(project)
            raise
    status = await client.status(project)
    fence = next((each.fence for each in status.slots if each.agent == client.agent), None)
    then = "go on" if fence is not None else "you hold no slot: call request_slot before you work"
    return answered.Beaten(project=project, state=status.state, fence=fence, renewed=said.renew, next=(then,))


async def search_audit(session: Session, said: asked.SearchAudit) -> answered.Found:
    """Events of the log that have all that was asked for, each checked to link to the one before."""
    client, project = await session.client(), session.meant(said.project)
    found, size = list[answered.Event](), 0
    searched, full = said.after, False
    async with aclosing(client.events(project, after=said.after, follow=False)) as events:
        async for each in events:
            if full or searched - said.after >= MOST_SEARCHED:
                return _found(project, found, searched, more=True)
            if _is_wanted(each, said):
                told = _told(each)
                size += len(to_json(told.model_dump(mode="json")))
                if found and size > MOST_FOUND_BYTES:
                    return _found(project, found, searched, more=True)
                found.append(told)
                full = len(found) == said.limit
            searched = each.sequence
    return _found(project, found, searched, more=False)


def _found(project: str, found: list[answered.Event], searched: int, *, more: bool) -> answered.Found:
    then = f"call search_audit with after {searched} for what comes behind" if more else "that is all"
    return answered.Found(project=project, events=tuple(found), searched_to=searched, more=more, next=(then,))


def _is_wanted(happened: Happened, said: asked.SearchAudit) -> bool:
    if said.actor not in (None, happened.envelope.actor):
        return False
    if said.kind is not None:
        parts = zip(said.kind.split("."), happened.event.KIND.split("."), strict=True)
        if not all(wanted in ("*", part) for wanted, part in parts):
            return False
    return said.text is None or said.text.casefold() in happened.envelope.data.model_dump_json().casefold()


def _told(happened: Happened) -> answered.Event:
    return answered.Event(
        sequence=happened.sequence,
        time=happened.envelope.time,
        kind=happened.event.KIND,
        actor=happened.envelope.actor,
        data=happened.event.model_dump(mode="json", exclude_none=True),
    )


def _open(status: Status, conflict: str) -> Conflict:
    found = next((each for each in status.conflicts if each.id == conflict), None)
    if found is None:
        names = ", ".join(each.id for each in status.conflicts) or "none"
        raise UnknownConflict(
            Code.UNKNOWN_CONFLICT, f"{conflict} is not open in {status.project}", f"open are: {names}"
        )
    return found
