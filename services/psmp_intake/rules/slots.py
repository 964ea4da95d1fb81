"""What becomes of an agent's wish to run, to run on, and to stop."""

from typing import assert_never

from psmp.rules.lifecycle import OPEN, WORKING
from psmp.rules.project import Project
from psmp.words.commands import FinishSlot, LeaveQueue, RenewSlot, RequestSlot
from psmp.words.events import SlotFailed, SlotFinished, SlotGranted, SlotLeft, SlotRenewed, SlotRequested
from psmp.words.refusals import Code, Refused
from psmp.words.values import Phase
from psmp_intake.rules.assignments import Heard, assigned
from psmp_intake.rules.state import Decision, blocked, opened


def decide(
    project: Project, agent: str, command: RequestSlot | RenewSlot | FinishSlot | LeaveQueue, heard: Heard
) -> Decision:
    """What becomes of it. Nobody overtakes who waits."""
    match command:
        case RequestSlot():
            return _request(project, agent, command, heard)
        case RenewSlot():
            return _renew(project, agent, command)
        case FinishSlot():
            return _finish(project, agent, command)
        case LeaveQueue():
            return _leave(project, agent, command)
        case never:
            assert_never(never)


def _request(project: Project, agent: str, command: RequestSlot, heard: Heard) -> Decision:
    assignment = assigned(project, agent, command.token, heard)
    if isinstance(assignment, Refused):
        return assignment
    stands = _taken(project, agent) or _forbidden(project, agent, waits=command.wait_seconds is not None)
    if stands is not None:
        return stands
    policy = project.policy
    if project.state in WORKING and not project.slots.queue and project.slots.has_room(agent, policy):
        return SlotGranted(
            agent=agent,
            lease_seconds=policy.lease_seconds,
            term_seconds=policy.term,
            limits=command.limits,
            assignment=assignment,
        )
    if command.wait_seconds is not None:
        seconds = min(command.wait_seconds, policy.longest_wait)
        return SlotRequested(agent=agent, wait_seconds=seconds, limits=command.limits, assignment=assignment)
    running = ", ".join(sorted(slot.agent for slot in project.slots.held.values())) or "nobody"
    ahead = f", and {len(project.slots.queue)} wait" if project.slots.queue else ""
    count = len(project.slots.held)
    reason = f"{count} {'agent is' if count == 1 else 'agents are'} running: {running}{ahead}"
    return Refused(Code.SLOTS_EXHAUSTED, reason, "ask again when one ends, or wait in the queue")


def _taken(project: Project, agent: str) -> Refused | None:
    """A refusal when the agent has, or waits for, all that one agent may have."""
    held, waiting = project.slots.of(agent), project.slots.waits(agent)
    if len(held) + len(waiting) < project.policy.slots_each:
        return None
    if waiting:
        return Refused(Code.SLOT_HELD, f"{agent} has waited since {waiting[0].time}", "wait, or leave the queue first")
    since = min(slot.time for slot in held.values())
    return Refused(Code.SLOT_HELD, f"{agent} has run since {since}", "finish first")


def _forbidden(project: Project, agent: str, *, waits: bool) -> Refused | None:
    """A refusal when the project's state forbids to run, or even to wait."""
    if project.state in WORKING or (waits and project.state in OPEN):
        return None
    if project.state is Phase.BLOCKED:
        return blocked(project, f"{agent} may not start")
    reason = f"the project is {project.state}; no agent may run"
    hint = "wait in the queue until it is resolved" if project.state in OPEN else opened(project)
    return Refused(Code.PROJECT_NOT_OPEN, reason, hint)


def _renew(project: Project, agent: str, command: RenewSlot) -> Decision:
    fence = _meant(project, agent, command.fence)
    if isinstance(fence, Refused):
        return fence
    if project.phase not in OPEN:
        reason = f"the project is {project.phase}; no agent may run on"
        return Refused(Code.PROJECT_NOT_OPEN, reason, "finish, or report a failure")
    return SlotRenewed(agent=agent, fence=fence, term_seconds=project.policy.term)


def _finish(project: Project, agent: str, command: FinishSlot) -> Decision:
    fence = _meant(project, agent, command.fence)
    if isinstance(fence, Refused):
        return fence
    if command.failure is not None:
        return SlotFailed(agent=agent, fence=fence, failure=command.failure)
    slot = project.slots.held[fence]
    if slot.assignment is not None:
        reason = f"the slot is for {slot.assignment.node} of {slot.assignment.maeg}, which ends with a report"
        return Refused(Code.NOT_DECLARED, reason, "report what it gives (subpac.report), or report a failure")
    if not slot.declared:
        reason = f"{agent} has declared nothing under this slot"
        return Refused(Code.NOT_DECLARED, reason, "declare what was made, or report a failure")
    return SlotFinished(agent=agent, fence=fence)


def _leave(project: Project, agent: str, command: LeaveQueue) -> Decision:
    places = project.slots.waits(agent)
    waiting = next((each for each in places if command.request in (None, each.request)), None)
    if waiting is None:
        return Refused(Code.NOT_WAITING, f"{agent} waits for no slot", "it may have been granted: look at the status")
    return SlotLeft(agent=agent, request=waiting.request)


def _meant(project: Project, agent: str, fence: int | None) -> int | Refused:
    """The fence of the slot that a command is about."""
    held = project.slots.of(agent)
    if fence is not None and fence not in held:
        reason = f"{agent} holds no slot of fence {fence}; it has ended"
        return Refused(Code.SLOT_LOST, reason, "ask for a new slot before work goes on")
    if not held:
        reason = f"{agent} holds no slot; it may have expired"
        return Refused(Code.NO_SLOT, reason, "ask for a slot before work starts")
    if fence is None and len(held) > 1:
        reason = f"{agent} holds several slots, of fences {', '.join(map(str, held))}"
        return Refused(Code.NO_SLOT, reason, "say which by its fence")
    return next(iter(held)) if fence is None else fence
