"""What stands in the way: conflicts with their evidence, what blocks, the ways out, and what owners answer."""

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import Depends
from fastapi.responses import Response

from psmp.client.errors import Refusal
from psmp.words.answers import Status
from psmp.words.commands import AnswerResolution, ResolveConflict
from psmp.words.values import Word
from psmp_gateway.calls import Call, Called, answer, read
from psmp_gateway.routes.parameters import (
    ConflictFilter,
    ConflictName,
    Conflicts,
    InProject,
    Nothing,
    Project,
    Report,
    ResolutionName,
)
from psmp_gateway.routes.projects import seen
from psmp_gateway.rules import cursors, report
from psmp_gateway.rules.answers import ANSWER, RESOLUTION, BlockingReport, ConflictPage, ConflictState
from psmp_gateway.rules.preview import Intention, foreseen
from psmp_gateway.rules.ranges import number_line
from psmp_gateway.trouble import Trouble, trouble

LOOKED_AT: Final = 100
"""Projects that are read from the list at a time."""


async def conflicts(call: Called, wanted: Conflicts) -> Response:
    """List open conflicts with their evidence, of one project or of all. A page never ends inside a project."""
    items: list[ConflictState] = []
    place = wanted.place(cursors.NAME)
    walk = _Contested(call, wanted.project, place[0] if place else "")
    async for status in walk.statuses():
        items += [each for each in report.conflicts(status) if _is_wanted(each, wanted)]
        if len(items) >= wanted.limit:
            break
    following = cursors.write(walk.last) if walk.more else None
    return answer(ConflictPage(items=tuple(items), next_cursor=following, behind=walk.behind))


def _is_wanted(state: ConflictState, wanted: ConflictFilter) -> bool:
    conflict = state.conflict
    asked = ((wanted.severity, conflict.severity), (wanted.type, conflict.kind), (wanted.state, state.state))
    return all(value is None or value == found for value, found in asked)


async def conflict(call: Called, conflict: ConflictName, of: InProject) -> Response:
    """Say everything about one open conflict."""
    return answer(await _open(call, conflict, of.project))


async def ranges(call: Called, conflict: ConflictName, of: InProject) -> Response:
    """Lay the versions that each party of a conflict admits on one line, and what a suggestion would change there."""
    return answer(number_line((await _open(call, conflict, of.project)).conflict))


async def preview(
    call: Called, conflict: ConflictName, body: Annotated[Intention, Depends(read(Intention))], of: InProject
) -> Response:
    """Say what would come of a way out of a conflict, and whether the caller may take it; nothing is done."""
    status = await call.status(of.project)
    for each in status.conflicts:
        if each.id == conflict:
            return answer(foreseen(status, each, call.caller.agent, body))
    raise _not_open(conflict, of.project)


async def _open(call: Call, conflict: str, project: str) -> ConflictState:
    for each in report.conflicts(await call.status(project)):
        if each.conflict.id == conflict:
            return each
    raise _not_open(conflict, project)


def _not_open(conflict: str, project: str) -> Trouble:
    hint = "GET /api/v1/governance/conflicts lists those that are open"
    return trouble("UNKNOWN_CONFLICT", f"there is no open conflict {conflict} in {project}", hint)


async def resolve(
    call: Called, conflict: ConflictName, body: Annotated[Word, Depends(read(RESOLUTION))], of: InProject
) -> Response:
    """Resolve a conflict: accept a suggestion, change, merge, waive, escalate or retry."""
    command = ResolveConflict(conflict=conflict, **dict(body))
    if command.strategy == "accept" and command.seen is None:
        command = command.model_copy(update={"seen": (await call.status(of.project)).sequence})
    return await call.do(of.project, command)


async def respond(
    call: Called,
    project: Project,
    resolution: ResolutionName,
    body: Annotated[Word, Depends(read(ANSWER))],
    _: Nothing,
) -> Response:
    """Answer a proposal that changes what is one's own."""
    return await call.do(project, AnswerResolution(resolution=resolution, **dict(body)))


async def blocking(call: Called, wanted: Report) -> Response:
    """Say what blocks which projects, whom that stops, and every way out as a request that can be sent."""
    place = wanted.place(cursors.NAME)
    walk, items = _Contested(call, wanted.project, place[0] if place else ""), []
    async for status in walk.statuses():
        found = report.blocked(status)
        if found is not None:
            items.append(found)
        if len(items) >= wanted.limit:
            break
    following = cursors.write(walk.last) if walk.more else None
    return answer(BlockingReport(items=tuple(items), next_cursor=following, behind=walk.behind))


class _Contested:
    """The statuses of the projects that have open conflicts, or of the one that is asked for, whatever it has.

    Invariant: ``last`` is the project up to which all were gone through; ``more``: there may be others behind it.
    """

    def __init__(self, call: Call, project: str | None, after: str) -> None:
        self._call, self._project, self.last = call, project, after
        self.behind, self.more = 0, False

    async def statuses(self) -> AsyncIterator[Status]:
        if self._project is not None:
            yield await self._call.status(self._project)
            return
        more = True
        while more:
            lines, more, self.behind = await seen(self._call, self.last, LOOKED_AT)
            for place, line in enumerate(lines, 1):
                self.last, self.more = line.project, more or place < len(lines)
                if line.conflicts:
                    try:
                        status = await self._call.status(line.project)
                    except Refusal:  # the list is of what the keeper wrote down, the status of the log itself
                        continue
                    yield status
        self.more = False
