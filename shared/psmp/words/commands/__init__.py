"""Commands: what agents and people may ask for. Each names its place in a subject, ``<entity>.<verb>``."""

from typing import Final, get_args

from psmp.words.commands.alerts import AcknowledgeAlert, DropLetter, RetryLetter
from psmp.words.commands.artifacts import (
    AmendArtifact,
    DeclareArtifact,
    Dependencies,
    Paths,
    PythonVersions,
    WithdrawArtifact,
)
from psmp.words.commands.conflicts import AnswerResolution, Changes, ResolveConflict
from psmp.words.commands.graphs import (
    AbandonMaeg,
    ApproveMaeg,
    CorrectSubPac,
    ReportSubPac,
    ReviewSubPac,
    SubmitMaeg,
)
from psmp.words.commands.projects import (
    ChangeProject,
    CreateProject,
    EraseSubject,
    PlaceHold,
    PolicyChange,
    ReleaseHold,
    SetRetention,
    TransitionProject,
)
from psmp.words.commands.slots import FinishSlot, LeaveQueue, RenewSlot, RequestSlot
from psmp.words.commands.tasks import ArchiveTask, ChangeTask, CreateTask
from psmp.words.commands.webhooks import AddWebhook, ChangeWebhook, RemoveWebhook, RotateWebhook, TryWebhook
from psmp.words.orchestration.packing import MOST_PACKED

Command = (
    CreateProject
    | ChangeProject
    | TransitionProject
    | CreateTask
    | ChangeTask
    | ArchiveTask
    | DeclareArtifact
    | AmendArtifact
    | WithdrawArtifact
    | ResolveConflict
    | AnswerResolution
    | RequestSlot
    | RenewSlot
    | FinishSlot
    | LeaveQueue
    | AcknowledgeAlert
    | RetryLetter
    | DropLetter
    | EraseSubject
    | PlaceHold
    | ReleaseHold
    | SetRetention
    | SubmitMaeg
    | ApproveMaeg
    | AbandonMaeg
    | ReportSubPac
    | ReviewSubPac
    | CorrectSubPac
    | AddWebhook
    | ChangeWebhook
    | RemoveWebhook
    | RotateWebhook
    | TryWebhook
)

COMMANDS: Final[tuple[type[Command], ...]] = get_args(Command)

LARGER: Final = {SubmitMaeg.KIND: MOST_PACKED + 4096}
"""Bytes that a command of these kinds may have, where it is more than what others may."""

__all__ = [
    "COMMANDS",
    "LARGER",
    "AbandonMaeg",
    "AcknowledgeAlert",
    "AddWebhook",
    "AmendArtifact",
    "AnswerResolution",
    "ApproveMaeg",
    "ArchiveTask",
    "ChangeProject",
    "ChangeTask",
    "ChangeWebhook",
    "Changes",
    "Command",
    "CorrectSubPac",
    "CreateProject",
    "CreateTask",
    "DeclareArtifact",
    "Dependencies",
    "DropLetter",
    "EraseSubject",
    "FinishSlot",
    "LeaveQueue",
    "Paths",
    "PlaceHold",
    "PolicyChange",
    "PythonVersions",
    "ReleaseHold",
    "RemoveWebhook",
    "RenewSlot",
    "ReportSubPac",
    "RequestSlot",
    "ResolveConflict",
    "RetryLetter",
    "ReviewSubPac",
    "RotateWebhook",
    "SetRetention",
    "SubmitMaeg",
    "TransitionProject",
    "TryWebhook",
    "WithdrawArtifact",
]
