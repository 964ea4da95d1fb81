"""What agents of a graph may do: start by their token, work within scope and lane, report; and what none may."""

from typing import Final, NamedTuple

from psmp.rules import slots
from psmp.rules.lifecycle import OPEN
from psmp.rules.orchestration import tokens
from psmp.rules.orchestration.deciding import denied, waits
from psmp.rules.orchestration.review import beyond_lane, beyond_scope, bounds
from psmp.rules.orchestration.runs import maker_of, open_of
from psmp.rules.orchestration.tokens import Shown
from psmp.rules.project import Project
from psmp.words.commands import ReportSubPac
from psmp.words.events import ArtifactAmended, ArtifactDeclared, SubPacExecuted
from psmp.words.ids import ProjectKey
from psmp.words.orchestration.checks import Made
from psmp.words.orchestration.codes import EXPLAINED
from psmp.words.orchestration.graph import Assignment
from psmp.words.refusals import Code, Gs, Refused
from psmp_intake.rules.state import Decision


class Heard(NamedTuple):
    """To which project a command was sent, and when the server had it (RFC 3339)."""

    project: ProjectKey
    at: str


UNHEARD: Final = Heard(ProjectKey("", ""), "")
"""Of a command that is only tried."""


def assigned(project: Project, agent: str, token: str | None, heard: Heard) -> Assignment | Refused | None:
    """The node that a request for a slot is for; None for one of no graph's. Who has nodes to do starts by a token."""
    if token is None:
        return _untold(project, agent)
    said = tokens.read(token)
    if said is None:
        return Refused(Code.TOKEN_INVALID, "that is no dispatch token", "show the token just as it came")
    shown = Shown(token, agent, heard.project, heard.at)
    refused = tokens.verified(shown, project.runs.get(said.maeg), said)
    if refused is not None:
        return refused
    if any(each.assignment is not None and each.assignment.token == said.jti for each in project.slots.queue):
        return Refused(Code.TOKEN_SPENT, "the token is shown already, by a request that waits", "wait for its slot")
    return Assignment(maeg=said.maeg, node=said.node, attempt=said.attempt, token=said.jti)


def _untold(project: Project, agent: str) -> Refused | None:
    """A refusal for whoever has nodes to do: it starts when these are dispatched, by their tokens (GS_203)."""
    found = open_of(project.runs, agent)
    if not found:
        return None
    maeg, node = found[0]
    run = project.runs[maeg]
    unmet, state = run.unmet(node), run.of(node).state
    why = waits(node, unmet) if unmet else f"{node} is {state}"
    reason = f"{agent} works in {maeg} and starts by a token: {why}"
    return Refused(Gs.DISPATCH_DEPENDENCY_UNMET, reason, "listen for what is dispatched to you, and show its token")


def bounded(project: Project, agent: str, event: ArtifactDeclared | ArtifactAmended) -> Refused | None:
    """A refusal where a declaration goes beyond the scope (GS_201) or the lane (GS_200) of the node it is made for.

    Whoever has nodes to do declares for one of them: under its slot, or what it has made for it before.
    """
    held = slots.assignment(project.slots, agent, event.fence)
    found = (held.maeg, held.node) if held is not None else maker_of(project.runs, agent, event.artifact)
    if found is None:
        return _unbound(project, agent, event)
    maeg, node = found
    run = project.runs[maeg]
    if held is not None and run.of(node).attempt != held.attempt:
        reason = f"{node} was taken back from {agent}: what it made comes too late"
        return Refused(Code.SLOT_LOST, reason, "report a failure, and listen for what is dispatched to you")
    scope, lane = bounds(run.shape, node)
    made = Made(
        artifact=event.artifact,
        version=event.version,
        type=event.type,
        accepted=False,
        paths=tuple(path for claim in event.paths for path in (claim.path, claim.moved) if path),
        dependencies=event.dependencies,
    )
    for code, beyond in (
        (Gs.SUB_PAC_LANE_VIOLATION, beyond_lane(lane, made)),
        (Gs.SUB_PAC_SCOPE_EXPANSION, beyond_scope(scope, made)),
    ):
        wrong = list(beyond)
        if wrong:
            return Refused(code, f"{node} of {maeg}: {'; '.join(wrong[:10])}", EXPLAINED[code])
    return None


def _unbound(project: Project, agent: str, event: ArtifactDeclared | ArtifactAmended) -> Refused | None:
    """What was declared before the graph was there may be amended; all else is made for a node."""
    found = open_of(project.runs, agent)
    if not found or event.artifact in project.artifacts:
        return None
    maeg, node = found[0]
    reason = f"{agent} works in {maeg}, and says nothing of a slot for {node}"
    return Refused(Code.NO_ASSIGNMENT, reason, "begin with the token of the node, and name the fence of its slot")


def reported(project: Project, agent: str, report: ReportSubPac) -> Decision:
    """What becomes of a report: it ends the slot of its node, which waits for its review then."""
    slot = project.slots.of(agent).get(report.fence)
    if slot is None:
        reason = f"{agent} holds no slot of fence {report.fence}; it has ended"
        return Refused(Code.SLOT_LOST, reason, "listen for what is dispatched to you: it may be done again")
    assignment = slot.assignment
    if assignment is None:
        return Refused(Code.NO_ASSIGNMENT, f"the slot of fence {report.fence} is for no node", "finish it")
    if project.phase not in OPEN:
        return Refused(Code.PROJECT_NOT_OPEN, f"the project is {project.phase}", "report a failure with finish")
    event = SubPacExecuted(
        maeg=assignment.maeg,
        node=assignment.node,
        attempt=assignment.attempt,
        fence=report.fence,
        outputs=report.outputs,
        tools=report.tools,
        used=report.used,
        cost_micros=report.cost_micros,
        tests=report.tests,
    )
    denial = denied(project.runs.get(assignment.maeg), event)
    if denial is not None:
        reason = f"{assignment.node} was taken back: {denial.reason}"
        return Refused(Code.SLOT_LOST, reason, "report a failure with finish, and listen for what is dispatched to you")
    return event
