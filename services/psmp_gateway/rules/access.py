"""Who may do what over HTTP: what a role permits, which projects are seen. What is not permitted is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, get_args

from psmp.words.api_keys import ApiKey, Role
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
    FinishSlot,
    LeaveQueue,
    RemoveWebhook,
    RenewSlot,
    ReportSubPac,
    RequestSlot,
    ResolveConflict,
    RetryLetter,
    ReviewSubPac,
    RotateWebhook,
    SubmitMaeg,
    TransitionProject,
    TryWebhook,
    WithdrawArtifact,
)


class Permission(StrEnum):
    """What a route asks of whoever calls it."""

    READ = "read"
    DECLARE = "declare"
    RESOLVE = "resolve"
    PLAN = "plan"
    GOVERN = "govern"
    OPERATE = "operate"
    INSPECT = "inspect"
    SPEAK_AS_OTHERS = "speak-as-others"
    INTERNAL = "internal"
    """Of privileged clients alone, whose role permits to operate."""


PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.VIEWER: frozenset({Permission.READ}),
        Role.AGENT: frozenset({Permission.READ, Permission.DECLARE, Permission.RESOLVE, Permission.PLAN}),
        Role.RESOLVER: frozenset({Permission.READ, Permission.RESOLVE}),
        Role.OPERATOR: frozenset(
            {Permission.READ, Permission.PLAN, Permission.GOVERN, Permission.OPERATE, Permission.INSPECT}
        ),
        Role.AUDITOR: frozenset({Permission.READ, Permission.INSPECT}),
        Role.ADMIN: frozenset(Permission) - {Permission.INTERNAL},
    }
)
"""The whole of it. The rules of the project come on top: a command is refused there whoever sent it."""

COMMANDS: Final[Mapping[type[Command], Permission]] = MappingProxyType(
    {
        DeclareArtifact: Permission.DECLARE,
        AmendArtifact: Permission.DECLARE,
        WithdrawArtifact: Permission.DECLARE,
        RequestSlot: Permission.DECLARE,
        RenewSlot: Permission.DECLARE,
        FinishSlot: Permission.DECLARE,
        LeaveQueue: Permission.DECLARE,
        ResolveConflict: Permission.RESOLVE,
        AnswerResolution: Permission.RESOLVE,
        ReportSubPac: Permission.RESOLVE,
        ReviewSubPac: Permission.RESOLVE,
        CorrectSubPac: Permission.RESOLVE,
        SubmitMaeg: Permission.GOVERN,
        ApproveMaeg: Permission.GOVERN,
        AbandonMaeg: Permission.GOVERN,
        CreateTask: Permission.PLAN,
        ChangeTask: Permission.PLAN,
        ArchiveTask: Permission.PLAN,
        CreateProject: Permission.GOVERN,
        ChangeProject: Permission.GOVERN,
        TransitionProject: Permission.GOVERN,
        AcknowledgeAlert: Permission.OPERATE,
        RetryLetter: Permission.OPERATE,
        DropLetter: Permission.OPERATE,
        AddWebhook: Permission.OPERATE,
        ChangeWebhook: Permission.OPERATE,
        RemoveWebhook: Permission.OPERATE,
        RotateWebhook: Permission.OPERATE,
        TryWebhook: Permission.OPERATE,
    }
)
"""What each command asks of whoever sends it over a WebSocket. What is not here is not to be had there."""

SENT: Final[Mapping[str, type[Command]]] = MappingProxyType(
    {each.KIND: each for each in get_args(Command) if each in COMMANDS}
)
"""The same commands by their kind."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody may who has shown who it is: to speak as ``agent`` of ``tenant``, in ``projects`` or all of them.

    ``name`` is whose requests are counted together. ``privileged`` comes from a key or a token that was verified.
    """

    name: str
    tenant: str
    agent: str
    role: Role
    projects: frozenset[str] | None
    expires: datetime
    privileged: bool = False


def of_key(key: ApiKey) -> Grant:
    """What a key grants."""
    return Grant(key.name, key.tenant, key.agent, key.role, key.projects, key.expires, key.privileged)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: what it was granted, and the agent that it speaks as, which is its own unless said."""

    grant: Grant
    agent: str

    @property
    def tenant(self) -> str:
        """Whose projects the caller sees."""
        return self.grant.tenant

    @property
    def privileged(self) -> bool:
        """Whether what it says is a privileged client's: what it says as somebody else is not."""
        return self.grant.privileged and self.agent == self.grant.agent

    def may(self, permission: Permission) -> bool:
        """Whether the caller's role permits it."""
        allowed = PERMISSIONS[self.grant.role]
        if permission is Permission.INTERNAL:
            return self.grant.privileged and Permission.OPERATE in allowed
        return permission in allowed

    def sees(self, project: str) -> bool:
        """Whether the caller may know of that project."""
        return self.grant.projects is None or project in self.grant.projects
