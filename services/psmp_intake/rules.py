"""What intake decides: is a command allowed in the project's state. Pure."""

from typing import Final, assert_never

from psmp.compat import needs
from psmp.compat.standing import unreadable
from psmp.rules.lifecycle import OPEN, WORKING, by_request, named
from psmp.rules.project import Project
from psmp.words.commands import (
    AmendArtifact,
    Command,
    CreateProject,
    DeclareArtifact,
    FinishSlot,
    RequestSlot,
    TransitionProject,
    WithdrawArtifact,
)
from psmp.words.events import (
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    Event,
    ProjectCreated,
    ProjectTransitioned,
    SlotFinished,
    SlotGranted,
)
from psmp.words.refusals import Code, Refused
from psmp.words.values import Phase

Decision = Event | Refused


def decide(project: Project | None, agent: str, command: Command) -> Decision:
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
        case DeclareArtifact():
            return _declare(project, agent, command)
        case AmendArtifact():
            return _amend(project, agent, command)
        case WithdrawArtifact():
            return _withdraw(project, agent, command)
        case RequestSlot():
            return _grant(project, agent)
        case FinishSlot():
            return _finish(project, agent, command)
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
        return _blocked(project, f"a blocked project cannot become {command.to}")
    if command.to not in legal:
        reason = f"{project.phase} cannot become {command.to}; it can become {named(legal)}"
        return Refused(Code.ILLEGAL_TRANSITION, reason, f"ask for {named(legal)}" if legal else "start another project")
    if command.to is Phase.COMPLETED and (unfinished := _unfinished(project)):
        return Refused(Code.WORK_UNFINISHED, f"not finished: {unfinished}", "wait for the verdicts and for the agents")
    return ProjectTransitioned(origin=project.phase, to=command.to, reason=command.reason)


def _unfinished(project: Project) -> str:
    judged = sorted(name for name, artifact in project.artifacts.items() if artifact.pending)
    parts = [f"{name} awaits its verdict" for name in judged] + [
        f"{agent} is running" for agent in sorted(project.slots)
    ]
    return ", ".join(parts)


def _declare(project: Project, agent: str, command: DeclareArtifact) -> Decision:
    known = project.artifacts.get(command.artifact)
    if known is not None and not known.withdrawn:
        owner = "you" if known.agent == agent else known.agent
        reason = f"{owner} declared {command.artifact} already, version {known.declaration.version}"
        return Refused(Code.ARTIFACT_EXISTS, reason, "amend it, or declare under another id")
    if refused := _closed(project) or _faulty(command):
        return refused
    return ArtifactDeclared(
        artifact=command.artifact,
        version=known.declaration.version + 1 if known else 1,
        type=command.type,
        summary=command.summary,
        dependencies=command.dependencies,
        paths=command.paths,
        metadata=command.metadata,
        requires_python=command.requires_python or None,
        environment=command.environment,
    )


def _amend(project: Project, agent: str, command: AmendArtifact) -> Decision:
    refused = _foreign(project, agent, command.artifact) or _closed(project) or _faulty(command)
    if refused:
        return refused
    old = project.artifacts[command.artifact].declaration
    return ArtifactAmended(
        artifact=command.artifact,
        version=old.version + 1,
        type=old.type,
        summary=old.summary if command.summary is None else command.summary,
        dependencies=old.dependencies if command.dependencies is None else command.dependencies,
        paths=old.paths if command.paths is None else command.paths,
        metadata=old.metadata if command.metadata is None else command.metadata,
        reason=command.reason,
        requires_python=(old.requires_python if command.requires_python is None else command.requires_python) or None,
        environment=(old.environment if command.environment is None else command.environment) or None,
    )


def _withdraw(project: Project, agent: str, command: WithdrawArtifact) -> Decision:
    refused = _foreign(project, agent, command.artifact) or _closed(project)
    if refused:
        return refused
    version = project.artifacts[command.artifact].declaration.version
    return ArtifactWithdrawn(artifact=command.artifact, version=version, reason=command.reason)


def _grant(project: Project, agent: str) -> Decision:
    if project.state is Phase.BLOCKED:
        return _blocked(project, f"{agent} may not start")
    if project.state not in WORKING:
        return Refused(
            Code.PROJECT_NOT_OPEN,
            f"the project is {project.state}; no agent may run",
            "wait for PLANNING or IN_PROGRESS",
        )
    if agent in project.slots:
        return Refused(Code.SLOT_HELD, f"{agent} has run since {project.slots[agent].time}", "finish first")
    if len(project.slots) >= project.policy.max_concurrent_agents:
        running = ", ".join(sorted(project.slots))
        return Refused(
            Code.SLOTS_EXHAUSTED, f"{len(project.slots)} agents are running: {running}", "ask again when one ends"
        )
    return SlotGranted(agent=agent, lease_seconds=project.policy.lease_seconds)


def _finish(project: Project, agent: str, command: FinishSlot) -> Decision:
    slot = project.slots.get(agent)
    if slot is None:
        return Refused(Code.NO_SLOT, f"{agent} holds no slot; it may have expired", "ask for a slot before work starts")
    if not slot.declared and command.failure is None:
        return Refused(
            Code.NOT_DECLARED,
            f"{agent} has declared nothing under this slot",
            "declare what was made, or report a failure",
        )
    return SlotFinished(agent=agent, failure=command.failure)


def _blocked(project: Project, what: str) -> Refused:
    texts = " ".join(project.conflicts[name].text for name in project.blockers)
    names = ", ".join(project.blockers)
    return Refused(
        Code.PROJECT_BLOCKED,
        f"{what}: the project is blocked by {names}. {texts}" if names else f"{what}: the project is still blocked",
        "amend or withdraw a declaration named in the conflict; its suggestions are numbered",
        project.blockers,
    )


def _closed(project: Project) -> Refused | None:
    if project.phase in OPEN:
        return None
    hint = "move it to PLANNING first" if project.phase is Phase.INITIALIZED else "start another project"
    return Refused(Code.PROJECT_NOT_OPEN, f"the project is {project.phase}; nothing can be declared", hint)


def _foreign(project: Project, agent: str, name: str) -> Refused | None:
    artifact = project.artifacts.get(name)
    if artifact is None or artifact.withdrawn:
        return Refused(Code.UNKNOWN_ARTIFACT, f"there is no artifact {name} in the project", "declare it first")
    if artifact.agent != agent:
        return Refused(Code.NOT_OWNER, f"{name} is {artifact.agent}'s, not {agent}'s", f"ask {artifact.agent} to do it")
    return None


def _faulty(declaration: DeclareArtifact | AmendArtifact) -> Refused | None:
    """What of a declaration cannot be read, with its place."""
    try:
        needs.read("", "", declaration.dependencies or (), requires_python=declaration.requires_python)
    except needs.InvalidNeed as error:
        code = _INVALID[error.place.rpartition("/")[2]]
        return Refused(code, f"/data{error}", error.fault.hint or _EXAMPLES.get(error.fault.kind, ""))
    for place, claim in enumerate(declaration.paths or ()):
        fault = unreadable(claim)
        if fault is not None:
            return Refused(Code.INVALID_PATH, f"/data/paths/{place}: {fault}", fault.hint)
    return None


_EXAMPLES: Final = {
    "PEP 440 constraint": "write a PEP 440 specifier, for example >=2.0,<3",
    "node-semver range": "write a node-semver range, for example ^18.2.0",
}

_INVALID: Final = {
    "constraint": Code.INVALID_CONSTRAINT,
    "requires_python": Code.INVALID_CONSTRAINT,
    "marker": Code.INVALID_MARKER,
    "reference": Code.INVALID_REFERENCE,
}
