"""Commands about what is declared in a project."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from psmp.words.ids import Id
from psmp.words.values import (
    MAX_DEPENDENCIES,
    MAX_PATHS,
    ArtifactType,
    Dependency,
    Fence,
    LongText,
    Metadata,
    PathClaim,
    Reason,
    Word,
)

Dependencies = Annotated[tuple[Dependency, ...], Field(max_length=MAX_DEPENDENCIES)]
Paths = Annotated[tuple[PathClaim, ...], Field(max_length=MAX_PATHS)]
PythonVersions = Annotated[str, StringConstraints(max_length=200)]


class DeclareArtifact(Word):
    """Say what an artifact is, what it needs and what it touches.

    ``requires_python`` is a PEP 440 constraint on the interpreter. ``environment`` names an environment of its own for
    what it needs, apart from the one that all others share. ``flexible``: others may change what it needs to clear a
    conflict, without asking. ``fence`` names the slot that it was made under.
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
    flexible: bool | None = None
    fence: Fence | None = None


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
    flexible: bool | None = None
    fence: Fence | None = None


class WithdrawArtifact(Word):
    """Take an artifact out of the project; it is ARCHIVED and its needs count no more."""

    KIND: ClassVar = "artifact.withdraw"
    artifact: Id
    reason: Reason
    fence: Fence | None = None
