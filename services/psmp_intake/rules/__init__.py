"""What intake decides: is a command allowed in the project's state. Pure."""

from typing import assert_never

from psmp.rules.project import Project
from psmp.words.commands import (
    AbandonMaeg,
    AcknowledgeAlert,
    AddWebhook,
    AmendArtifact,
    AnswerResolution,
    ApproveMaeg,
    ArchiveTask,
    ChangeProject,
    ChangeTask,
    ChangeWebhook,
    Command,
    CorrectSubPac,
    CreateProject,
    CreateTask,
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
from psmp.words.refusals import Code, Refused
from psmp_intake.rules import (
    alerts,
    artifacts,
    assignments,
    graphs,
    keeping,
    projects,
    resolutions,
    slots,
    tasks,
    webhooks,
)
from psmp_intake.rules.assignments import UNHEARD, Heard
from psmp_intake.rules.state import Decision


def decide(project: Project | None, agent: str, command: Command, heard: Heard = UNHEARD) -> Decision:  # noqa: C901, PLR0911, PLR0912 - one for each part
    """What becomes of ``agent``'s command; a refusal says what to do next."""
    if isinstance(command, CreateProject):
        return projects.create(project, command)
    if project is None:
        return Refused(
            Code.UNKNOWN_PROJECT, "there is no such project", "create it first: `psmp declare` needs a project"
        )
    match command:
        case ChangeProject() | TransitionProject():
            return projects.decide(project, agent, command)
        case CreateTask() | ChangeTask() | ArchiveTask():
            return tasks.decide(project, agent, command)
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
