"""Commands: what agents and people may ask for. Each names its place in a subject, ``<entity>.<verb>``."""

from typing import Annotated, ClassVar, Final, Literal, get_args

from pydantic import Field, StringConstraints

from psmp.words.ids import Id
from psmp.words.values import (
    MAX_DEPENDENCIES,
    MAX_PATHS,
    ArtifactType,
    Dependency,
    LongText,
    Metadata,
    PathClaim,
    Phase,
    Policy,
    Target,
    Text,
    Word,
)

Dependencies = Annotated[tuple[Dependency, ...], Field(max_length=MAX_DEPENDENCIES)]
Paths = Annotated[tuple[PathClaim, ...], Field(max_length=MAX_PATHS)]
PythonVersions = Annotated[str, StringConstraints(max_length=200)]


class CreateProject(Word):
    """Start a project, INITIALIZED, in the subject's tenant and under the subject's id."""

    KIND: ClassVar = "project.create"
    name: Text
    targets: Annotated[tuple[Target, ...], Field(min_length=1, max_length=20)] = (Target(),)
    policy: Policy = Policy()


class TransitionProject(Word):
    """Move the project along its lifecycle."""

    KIND: ClassVar = "project.transition"
    to: Phase
    reason: Annotated[LongText, Field(min_length=1)]


class DeclareArtifact(Word):
    """Say what an artifact is, what it needs and what it touches.

    ``requires_python`` is a PEP 440 constraint on the interpreter. ``environment`` names an environment of its own for
    what it needs, apart from the one that all others share.
    """

    KIND: ClassVar = "artifact.declare"
    artifact: Id
    type: ArtifactType
    summary: LongText = ""
    dependencies: Dependencies = ()
    paths: Paths = ()
    metadata: Metadata = {}
    requires_python: PythonVersions | None = None
    environment: Id | None = None


class AmendArtifact(Word):
    """Replace parts of an artifact's declaration; what is left out stays as it was.

    An empty ``requires_python`` asks for nothing any more, an empty ``environment`` is the shared one.
    """

    KIND: ClassVar = "artifact.amend"
    artifact: Id
    summary: LongText | None = None
    dependencies: Dependencies | None = None
    paths: Paths | None = None
    metadata: Metadata | None = None
    reason: LongText = ""
    requires_python: PythonVersions | None = None
    environment: Id | Literal[""] | None = None


class WithdrawArtifact(Word):
    """Take an artifact out of the project; it is ARCHIVED and its needs count no more."""

    KIND: ClassVar = "artifact.withdraw"
    artifact: Id
    reason: Annotated[LongText, Field(min_length=1)]


class RequestSlot(Word):
    """Ask for the right to run."""

    KIND: ClassVar = "slot.request"


class FinishSlot(Word):
    """Give the right to run back; refused when nothing was declared under it and no ``failure`` is told."""

    KIND: ClassVar = "slot.finish"
    failure: Annotated[LongText, Field(min_length=1)] | None = None


Command = (
    CreateProject | TransitionProject | DeclareArtifact | AmendArtifact | WithdrawArtifact | RequestSlot | FinishSlot
)

COMMANDS: Final[tuple[type[Command], ...]] = get_args(Command)
