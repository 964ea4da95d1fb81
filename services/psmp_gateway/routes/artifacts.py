"""Artifacts: what is declared in a project, and declaring, amending and withdrawing it."""

import asyncio
from contextlib import suppress
from typing import Annotated, Any, Final

from fastapi import Depends
from fastapi.responses import Response
from packaging.utils import canonicalize_name
from pydantic_core import from_json

from psmp.client.errors import PsmpError, Refusal
from psmp.client.results import Settled, Verdict
from psmp.words.answers import ArtifactStatus, Status
from psmp.words.commands import AmendArtifact, DeclareArtifact, WithdrawArtifact
from psmp.words.envelope import open_event
from psmp.words.events import AlertRaised, ConflictCleared, ResolutionApplied, ResolutionFailed, ResolutionProposed
from psmp.words.ids import ProjectKey
from psmp.words.values import Word
from psmp_gateway.calls import Call, Called, answer, outcome, read
from psmp_gateway.routes.parameters import Artifact, ArtifactFilter, Artifacts, Nothing, Project
from psmp_gateway.rules import cursors, headers, report
from psmp_gateway.rules.answers import AMENDMENT, ArtifactPage, EventObject, Sent, VerdictAnswer, Withdrawal
from psmp_gateway.trouble import trouble

_CLEARING: Final = frozenset({ResolutionApplied.KIND, ConflictCleared.KIND})
_GIVING_UP: Final = frozenset({ResolutionFailed.KIND, ResolutionProposed.KIND, AlertRaised.KIND})
"""By these the resolver says that it has not cleared a conflict, or not yet, for somebody must be asked."""


async def listing(call: Called, project: Project, wanted: Artifacts) -> Response:
    """List the artifacts of a project, by id."""
    place = wanted.place(cursors.NAME)
    status = await call.status(project)
    after = place[0] if place else ""
    found = sorted(
        (each for each in status.artifacts if each.artifact > after and _is_wanted(each, wanted)),
        key=lambda each: each.artifact,
    )
    items = tuple(found[: wanted.limit])
    following = cursors.write(items[-1].artifact) if len(found) > len(items) else None
    return answer(ArtifactPage(items=items, sequence=status.sequence, next_cursor=following))


def _is_wanted(artifact: ArtifactStatus, wanted: ArtifactFilter) -> bool:
    if wanted.package is not None:
        name = canonicalize_name(wanted.package)
        if all(each.name != wanted.package and canonicalize_name(each.name) != name for each in artifact.dependencies):
            return False
    asked = ((wanted.agent, artifact.agent), (wanted.type, artifact.type), (wanted.status, artifact.status))
    return all(value is None or value == found for value, found in asked)


async def declare(
    call: Called, project: Project, body: Annotated[DeclareArtifact, Depends(read(DeclareArtifact))], _: Nothing
) -> Response:
    """Declare an artifact: stored at once (202); with `Prefer: wait` answered with the verdict and its evidence."""
    settled = await call.say(project, body, usual=None)
    return await _judged(call, project, settled, body.artifact, 201)


async def reading(call: Called, project: Project, artifact: Artifact, _: Nothing) -> Response:
    """Say what an artifact is, needs and touches; the ETag is the sequence of its last declaration."""
    found = _of(await call.status(project), artifact)
    tag = {"ETag": headers.tag(found.sequence)}
    if headers.is_known(call.request.headers.get("If-None-Match"), found.sequence):
        return Response(status_code=304, headers=tag)
    return answer(found, headers=tag)


async def amend(
    call: Called, project: Project, artifact: Artifact, body: Annotated[Word, Depends(read(AMENDMENT))], _: Nothing
) -> Response:
    """Amend a declaration: what is left out stays as it was. As for declaring, `Prefer: wait` waits for the verdict."""
    expected = await call.expected(project, lambda status: _of(status, artifact).sequence)
    settled = await call.say(project, AmendArtifact(artifact=artifact, **dict(body)), None, expected)
    return await _judged(call, project, settled, artifact, 200)


async def withdraw(
    call: Called,
    project: Project,
    artifact: Artifact,
    body: Annotated[Withdrawal, Depends(read(Withdrawal))],
    _: Nothing,
) -> Response:
    """Withdraw an artifact, with the reason: it is archived, and what it needs counts no more."""
    expected = await call.expected(project, lambda status: _of(status, artifact).sequence)
    return await call.do(project, WithdrawArtifact(artifact=artifact, **dict(body)), expected=expected)


def _of(status: Status, artifact: str) -> ArtifactStatus:
    for each in status.artifacts:
        if each.artifact == artifact:
            return each
    raise trouble("UNKNOWN_ARTIFACT", f"there is no artifact {artifact} in the project", "declare it first")


async def _judged(call: Call, project: str, settled: Settled | Sent, artifact: str, status: int) -> Response:
    where = {"Location": f"/api/v1/projects/{project}/artifacts/{artifact}"}
    if isinstance(settled, Sent):
        return answer(settled, 202, where)
    told: dict[str, Any] = {"verdict": "accepted", "text": ""}
    if isinstance(settled, Verdict):
        told = {"verdict": "accepted", "text": settled.text, "conflicts": settled.conflicts, "cleared": settled.cleared}
        if not settled.accepted:
            told |= await _contested(call, project, settled)
    return answer(VerdictAnswer(**dict(outcome(settled)), artifact=artifact, **told), status, where)


async def _contested(call: Call, project: str, verdict: Verdict) -> dict[str, Any]:
    """What a conflict means for the project, and whether the resolver clears it while the caller waits."""
    mine = frozenset(each.id for each in verdict.conflicts)
    try:
        status = await call.status(project)
    except Refusal:
        raise
    except PsmpError:  # the verdict is known: it is told, whatever else is not
        return {"verdict": "blocked"}
    if status.policy.auto_resolve or status.policy.privileged:
        within = headers.wait_of(call.request.headers.get("Prefer"), headers.USUAL_WAIT) or 0.0
        resolution = await _resolved(call, project, verdict, mine, within)
        if resolution is not None:
            return {"verdict": "auto_resolved", "resolution": resolution}
        status = await call.status(project)
    blocking = bool(mine & report.blockers(status))
    return {"verdict": "blocked" if blocking else "conflict", "state": status.state}


async def _resolved(
    call: Call, project: str, verdict: Verdict, mine: frozenset[str], within: float
) -> EventObject | None:
    """The event by which the resolver cleared all of ``mine``; None when it did not, or asks somebody first."""
    key, tail, left = ProjectKey(call.caller.tenant, project), call.ports.tail, set(mine)
    place = verdict.position or 0
    with suppress(TimeoutError), tail.watched() as stirred:
        async with asyncio.timeout(within):
            while not tail.stopped and place + 1 >= tail.begin:
                stirred.clear()
                for event in tail.since(place):
                    place = event.position
                    if event.key != key or event.kind not in _CLEARING | _GIVING_UP:
                        continue
                    said = open_event(event.body).data
                    if event.kind in _CLEARING:
                        left -= set(getattr(said, "cleared", ()))
                    elif getattr(said, "conflict", None) in mine:
                        return None
                    if not left:
                        return from_json(event.body)  # type: ignore[no-any-return]
                await stirred.wait()
    return None
