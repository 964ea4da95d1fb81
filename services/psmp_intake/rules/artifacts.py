"""What becomes of a declaration, an amendment, a withdrawal."""

from typing import Final, assert_never

from psmp.compat import needs
from psmp.compat.standing import unreadable
from psmp.rules.lifecycle import WORKING
from psmp.rules.project import Project
from psmp.words.commands import AmendArtifact, DeclareArtifact, WithdrawArtifact
from psmp.words.events import ArtifactAmended, ArtifactDeclared, ArtifactWithdrawn
from psmp.words.refusals import Code, Refused
from psmp_intake.rules.assignments import bounded
from psmp_intake.rules.state import Decision, closed


def decide(project: Project, agent: str, command: DeclareArtifact | AmendArtifact | WithdrawArtifact) -> Decision:
    """What becomes of it; what was made under a slot that has ended comes too late."""
    match command:
        case DeclareArtifact():
            return _declare(project, agent, command)
        case AmendArtifact():
            return _amend(project, agent, command)
        case WithdrawArtifact():
            return _withdraw(project, agent, command)
        case never:
            assert_never(never)


def _declare(project: Project, agent: str, command: DeclareArtifact) -> Decision:
    known = project.artifacts.get(command.artifact)
    if known is not None and not known.withdrawn:
        owner = "you" if known.agent == agent else known.agent
        reason = f"{owner} declared {command.artifact} already, version {known.declaration.version}"
        return Refused(Code.ARTIFACT_EXISTS, reason, "amend it, or declare under another id")
    if refused := closed(project) or _late(project, agent, command.fence) or _faulty(command):
        return refused
    event = ArtifactDeclared(
        artifact=command.artifact,
        version=known.declaration.version + 1 if known else 1,
        type=command.type,
        summary=command.summary,
        dependencies=command.dependencies,
        paths=command.paths,
        metadata=command.metadata,
        requires_python=command.requires_python or None,
        environment=command.environment,
        flexible=command.flexible,
        fence=command.fence,
    )
    return bounded(project, agent, event) or event


def _amend(project: Project, agent: str, command: AmendArtifact) -> Decision:
    refused = _foreign(project, agent, command.artifact) or closed(project)
    refused = refused or _late(project, agent, command.fence, mends=True) or _faulty(command)
    if refused:
        return refused
    old = project.artifacts[command.artifact].declaration
    event = ArtifactAmended(
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
        flexible=old.flexible if command.flexible is None else command.flexible,
        fence=command.fence,
    )
    return bounded(project, agent, event) or event


def _withdraw(project: Project, agent: str, command: WithdrawArtifact) -> Decision:
    refused = _foreign(project, agent, command.artifact) or closed(project)
    if refused := refused or _late(project, agent, command.fence, mends=True):
        return refused
    version = project.artifacts[command.artifact].declaration.version
    return ArtifactWithdrawn(artifact=command.artifact, version=version, reason=command.reason)


def _late(project: Project, agent: str, fence: int | None, *, mends: bool = False) -> Refused | None:
    """Whoever lost its slot must not go on as if it had it.

    While the project is blocked no slot can be had; then it can be mended without one.
    """
    if fence is None and (not project.policy.fenced or (mends and project.state not in WORKING)):
        return None
    if fence is None:
        reason = "in this project only who holds a slot may declare, and no fence says which"
        return Refused(Code.NO_SLOT, reason, "ask for a slot before work starts, and name its fence")
    if fence in project.slots.of(agent):
        return None
    reason = f"the slot of fence {fence} has ended; what {agent} made under it comes too late"
    return Refused(Code.SLOT_LOST, reason, "ask for a new slot and look at the project again before going on")


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
