"""A command as it was sent, and the event that is written of it."""

from typing import Final

from psmp.log.view import INTAKE
from psmp.rules.project import Project
from psmp.words.commands import (
    AmendArtifact,
    ArchiveTask,
    ChangeProject,
    ChangeTask,
    ChangeWebhook,
    Command,
    CreateProject,
    PlaceHold,
    ReleaseHold,
    RemoveWebhook,
    RotateWebhook,
    TryWebhook,
    WithdrawArtifact,
)
from psmp.words.envelope import CommandEnvelope, Person, Provenance, open_command
from psmp.words.events import CommandRefused
from psmp.words.ids import SYSTEM, ProjectKey
from psmp.words.refusals import Code, Refused
from psmp.words.strict import Fault, Malformed
from psmp.words.subjects import CommandSubject
from psmp_intake.rules import decide
from psmp_intake.rules.assignments import Heard
from psmp_intake.rules.keeping import hold
from psmp_intake.rules.state import Decision
from psmp_intake.rules.webhooks import misplaced

_OF_PARTS: Final = (
    *(AmendArtifact, WithdrawArtifact, ChangeTask, ArchiveTask),
    *(ChangeWebhook, RemoveWebhook, RotateWebhook, TryWebhook),
)
"""The wishes that are about a part of a project, which there may not be."""


def read(subject: CommandSubject, body: bytes) -> CommandEnvelope:
    """The command that was sent to ``subject``; raises ``Malformed``."""
    command = open_command(body, subject.kind)
    if command.key != subject.key:
        raise Malformed(Fault("/subject", f"the command was sent for {subject.key}"))
    return command


def rule(project: Project | None, subject: CommandSubject, command: CommandEnvelope, at: str) -> Decision:
    """What becomes of it, which the server had ``at`` that time.

    Whoever sent it speaks in nobody else's name, and calls nobody privileged who is not.
    """
    if command.actor != subject.agent:
        reason = f"{subject.agent} sent a command in the name of {command.actor}"
        return Refused(Code.ACTOR_MISMATCH, reason, "speak in your own name")
    wish = command.data
    if refused := misplaced(subject.key.project, wish) or _changed(project, command):
        return refused
    if isinstance(wish, CreateProject | ChangeProject) and _elevates(wish) and not subject.privileged:
        hint = "have a privileged client do it (psmp key create --privileged), or leave privileged out"
        return Refused(Code.NOT_ALLOWED, f"{subject.agent} is no privileged client, and cannot name any", hint)
    if project is not None and desk(subject, command) != subject.key and isinstance(wish, PlaceHold | ReleaseHold):
        return hold(wish)
    return decide(project, subject.agent, wish, Heard(subject.key, at))


def _elevates(wish: CreateProject | ChangeProject) -> bool:
    """Whether it names privileged agents."""
    return bool(wish.policy and wish.policy.privileged)


def _changed(project: Project | None, command: CommandEnvelope) -> Refused | None:
    """A refusal where something else stands than the command expects. It is decided with the log's end: see Decider."""
    if command.expected is None or project is None:
        return None
    what, current = _standing(project, command.data)
    if current in (command.expected, 0):
        return None
    reason = f"{what} was changed by event {current}, and event {command.expected} was expected"
    hint = "read it again, look at what has changed, and send the command anew"
    return Refused(Code.PRECONDITION_FAILED, reason, hint, current=current)


def _standing(project: Project, wish: Command) -> tuple[str, int]:
    """What a command is about, and the event that made it what it is; 0 where there is none, as the rules will say."""
    if artifact := project.artifacts.get(getattr(wish, "artifact", "")):
        return "the artifact", artifact.sequence
    if webhook := project.webhooks.get(getattr(wish, "webhook", "")):
        return "the webhook", webhook.sequence
    if task := project.tasks.get(getattr(wish, "task", "")):
        return "the task", task.sequence
    if maeg := getattr(wish, "maeg", ""):
        return "the graph", project.runs[maeg].latest.sequence if maeg in project.runs else 0
    if isinstance(wish, _OF_PARTS):
        return "", 0
    return "the project", project.sequence


def desk(subject: CommandSubject, command: CommandEnvelope) -> ProjectKey:
    """The project in whose log it is decided: the one it was sent to; of a hold, the one that is held."""
    wish = command.data
    if subject.key == SYSTEM and isinstance(wish, PlaceHold | ReleaseHold):
        return ProjectKey(wish.tenant, wish.project)
    return subject.key


def refusal(subject: CommandSubject, refused: Refused) -> CommandRefused:
    """The answer no as an event."""
    return CommandRefused(
        command=subject.kind,
        code=refused.code,
        reason=refused.reason,
        hint=refused.hint,
        conflicts=refused.conflicts,
        retry_seconds=refused.retry_seconds,
        faults=refused.faults,
        current=refused.current,
    )


def provenance(subject: CommandSubject, command_id: str, traceparent: str | None) -> Provenance:
    """Where an answer comes from: from the command, in its sender's name."""
    return Provenance(INTAKE, subject.agent, command_id, command_id, traceparent)


def spoken(subject: CommandSubject, command: CommandEnvelope, traceparent: str | None) -> Provenance:
    """Where an event that is written comes from: it says which person spoke, if the command did."""
    person = Person(command.personname, command.personcontact)
    return provenance(subject, command.id, traceparent)._replace(person=person)
