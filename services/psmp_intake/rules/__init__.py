"""What intake decides: is a command allowed in the project's state. Pure."""

from typing import assert_never

from psmp.rules.lifecycle import by_request, named
from psmp.rules.project import Project
from psmp.words.commands import (
    AbandonMaeg,
    AcknowledgeAlert,
    AddWebhook,
    AmendArtifact,
    AnswerResolution,
    ApproveMaeg,
    ChangeWebhook,
    Command,
    CorrectSubPac,
    CreateProject,
    DeclareArtifact,
    DropLetter,
    EraseSubject,
    FinishSlot,
    LeaveQueue,
    PlaceHold,
    ReleaseHold,
    RemoveWebhook,
    RenewSlot,
    ReportSubPac,
    RequestSlot,
    ResolveConflict,
    RetryLetter,
    ReviewSubPac,
    RotateWebhook,
    SetRetention,
    SubmitMaeg,
    TransitionProject,
    TryWebhook,
    WithdrawArtifact,
)
from psmp.words.events import ProjectCreated, ProjectTransitioned
from psmp.words.orchestration.codes import EXPLAINED
from psmp.words.refusals import Code, Gs, Refused
from psmp.words.values import Phase
from psmp_intake.rules import alerts, artifacts, assignments, graphs, keeping, resolutions, slots, webhooks
from psmp_intake.rules.assignments import UNHEARD, Heard
from psmp_intake.rules.state import Decision, blocked


def decide(project: Project | None, agent: str, command: Command, heard: Heard = UNHEARD) -> Decision:  # noqa: PLR0911 - one for each part
    """What becomes of ``agent``'s command; a refusal says what to do next."""
    if isinstance(command, CreateProject):
        return _create(project, command)
    if project is None:
        return Refused(
            Code.UNKNOWN_PROJECT, "there is no such project", "create it first: `psmp declare` needs a project"
        )
    match command:
        case TransitionProject():
            return _transition(project, command)
        case DeclareArtifact() | AmendArtifact() | WithdrawArtifact():
            return artifacts.decide(project, agent, command)
        case ResolveConflict() | AnswerResolution():
            return resolutions.decide(project, agent, command)
        case RequestSlot() | RenewSlot() | FinishSlot() | LeaveQueue():
            return slots.decide(project, agent, command, heard)
        case ReportSubPac():
            return assignments.reported(project, agent, command)
        case SubmitMaeg() | ApproveMaeg() | AbandonMaeg() | ReviewSubPac() | CorrectSubPac():
            return graphs.decide(project, agent, command)
        case AcknowledgeAlert() | RetryLetter() | DropLetter():
            return alerts.decide(project, agent, command)
        case EraseSubject() | PlaceHold() | ReleaseHold() | SetRetention():
            return keeping.decide(project, agent, command)
        case AddWebhook() | ChangeWebhook() | RemoveWebhook() | RotateWebhook() | TryWebhook():
            return webhooks.decide(project, command)
        case never:
            assert_never(never)


def _create(project: Project | None, command: CreateProject) -> Decision:
    if project is not None:
        return Refused(
            Code.PROJECT_EXISTS, f"the project exists since {project.created}", "use it, or choose another id"
        )
    return ProjectCreated(name=command.name, targets=command.targets, policy=command.policy)


def _transition(project: Project, command: TransitionProject) -> Decision:
    legal = by_request(project.phase)
    if project.state is Phase.BLOCKED:
        return blocked(project, f"a blocked project cannot become {command.to}")
    if command.to not in legal:
        reason = f"{project.phase} cannot become {command.to}; it can become {named(legal)}"
        return Refused(Code.ILLEGAL_TRANSITION, reason, f"ask for {named(legal)}" if legal else "start another project")
    partial = [maeg for maeg, run in project.runs.items() if run.is_open]
    if command.to is Phase.COMPLETED and partial:
        code, reason = Gs.WRAP_PARTIAL_EXECUTION, f"not settled, as a whole, are: {', '.join(partial)}"
        return Refused(code, reason, f"{EXPLAINED[code]}: wait for it, or give the graph up")
    if command.to is Phase.COMPLETED and (unfinished := _unfinished(project)):
        return Refused(Code.WORK_UNFINISHED, f"not finished: {unfinished}", "wait for the verdicts and for the agents")
    return ProjectTransitioned(origin=project.phase, to=command.to, reason=command.reason)


def _unfinished(project: Project) -> str:
    judged = sorted(name for name, artifact in project.artifacts.items() if artifact.pending)
    parts = [f"{name} awaits its verdict" for name in judged] + [
        f"{agent} is running" for agent in sorted({slot.agent for slot in project.slots.held.values()})
    ]
    return ", ".join(parts)
