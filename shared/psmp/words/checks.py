"""What ``psmp check`` reads and answers: a set of declarations, and whether they can stand together."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from psmp.words.commands import Dependencies, Paths, PythonVersions
from psmp.words.ids import Id
from psmp.words.values import ArtifactType, Conflict, LongText, Metadata, Target, Text, Word

CheckVerdict = Literal["compatible", "conflict", "unknown", "invalid"]

MAX_DECLARATIONS: Final = 5000
MAX_SET_BYTES: Final = 16 * 1024 * 1024


class Declaration(Word):
    """What one artifact needs and touches; without ``agent`` it is called as the artifact is.

    ``type``, ``summary`` and ``metadata`` are taken, so that what was declared can be checked as it stands.
    """

    artifact: Id
    agent: Id | None = None
    type: ArtifactType | None = None
    summary: LongText = ""
    metadata: Metadata = {}
    dependencies: Dependencies = ()
    paths: Paths = ()
    requires_python: PythonVersions | None = None
    environment: Id | None = None


class CheckSet(Word):
    """Declarations to be checked together in each of ``targets``; ``title`` and ``expect`` are its writer's notes."""

    id: Text | int | None = None
    title: Text | None = None
    targets: Annotated[tuple[Target, ...], Field(min_length=1, max_length=20)] | None = None
    declarations: Annotated[tuple[Declaration, ...], Field(max_length=MAX_DECLARATIONS)]
    expect: dict[str, Any] | None = None


class CheckAnswer(Word):
    """The answer to one set.

    ``witness`` maps each subject that more than one artifact names to a range that all admit. ``unknown`` says what
    cannot be known, and why; ``errors``, for an ``invalid`` set, where its faults are.
    """

    id: Text | int | None = None
    verdict: CheckVerdict
    conflicts: tuple[Conflict, ...] = ()
    witness: dict[str, str] = {}
    warnings: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
