"""Events of artifacts, and the verdicts on them."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from psmp.words.commands import Dependencies, Paths
from psmp.words.ids import Id
from psmp.words.values import ArtifactType, Conflict, ConflictId, Fence, Metadata, Word

Version = Annotated[int, Field(ge=1)]
Compatibility = Literal["compatible", "conflict", "unknown"]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ArtifactDeclared(Word):
    """An artifact was declared, version 1; the verdict follows."""

    KIND: ClassVar = "artifact.declared"
    artifact: Id
    version: Version
    type: ArtifactType
    summary: str = ""
    dependencies: Dependencies = ()
    paths: Paths = ()
    metadata: Metadata = {}
    requires_python: str | None = None
    environment: Id | None = None
    flexible: bool | None = None
    fence: Fence | None = None


class ArtifactAmended(Word):
    """A declaration was replaced; the event carries the whole new one. The verdict follows."""

    KIND: ClassVar = "artifact.amended"
    artifact: Id
    version: Version
    type: ArtifactType
    summary: str = ""
    dependencies: Dependencies = ()
    paths: Paths = ()
    metadata: Metadata = {}
    reason: str = ""
    requires_python: str | None = None
    environment: Id | None = None
    flexible: bool | None = None
    fence: Fence | None = None


class ArtifactWithdrawn(Word):
    """An artifact left the project; ``version`` is the one that was withdrawn."""

    KIND: ClassVar = "artifact.withdrawn"
    artifact: Id
    version: Version
    reason: str


class ArtifactAccepted(Word):
    """The verdict: this version stands together with every other declaration.

    ``witness`` maps each subject that the artifact shares with others to a range that all admit; ``unchecked`` says
    aloud what is not known, and why.
    """

    KIND: ClassVar = "artifact.accepted"
    artifact: Id
    version: Version
    witness: dict[str, str] = {}
    warnings: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


class ConflictDetected(Word):
    """The verdict: conflicts are open. Carries those that this version is part of and those that its change altered.

    Or the resolver found them, later: then the version is the latest of all that are in them.
    A conflict whose id is open already is replaced by what stands here; ``cleared`` ones are gone. A version that is no
    party to any of the ``conflicts`` is itself accepted.
    """

    KIND: ClassVar = "conflict.detected"
    artifact: Id
    version: Version
    conflicts: Annotated[tuple[Conflict, ...], Field(min_length=1)]
    cleared: tuple[ConflictId, ...] = ()
    warnings: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


class ConflictCleared(Word):
    """The verdict: conflicts are gone because of this amendment (which is thereby accepted) or withdrawal.

    Or the resolver finds them no more: then the version is the latest of all that were in them.
    """

    KIND: ClassVar = "conflict.cleared"
    artifact: Id
    version: Version
    cleared: Annotated[tuple[ConflictId, ...], Field(min_length=1)]
    witness: dict[str, str] = {}
    warnings: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


class CompatibilityStarted(Word):
    """A resolver was asked whether all that stood declared at event ``sequence`` can be installed together.

    ``index`` is the package index, without a name and password. ``exclude_newer`` is the moment at which it is looked
    at; None: as it is at the time.
    """

    KIND: ClassVar = "compatibility.started"
    sequence: Version
    index: str
    exclude_newer: str | None = None


class CompatibilityChecked(Word):
    """The resolver's answer about all that stood declared at event ``sequence``. Clashes are told before it.

    ``reasons`` say what is unknown and why, ``notes`` what to know besides. ``digest`` names the question: with
    ``exclude_newer`` it has the same answer for ever. ``packages`` is how many were chosen where all can be installed.
    """

    KIND: ClassVar = "compatibility.checked"
    sequence: Version
    verdict: Compatibility
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    digest: Digest
    index: str
    exclude_newer: str | None = None
    packages: Annotated[int, Field(ge=0)] = 0
