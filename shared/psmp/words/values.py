"""The values that commands and events are made of. Frozen, strict: an unknown field or a coerced type is a fault."""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from psmp.words.ids import Id

Text = Annotated[str, StringConstraints(max_length=200)]
LongText = Annotated[str, StringConstraints(max_length=2000)]
ConflictId = Annotated[str, StringConstraints(pattern=r"^C-[1-9][0-9]{0,8}$")]

MAX_DEPENDENCIES: Final = 500
MAX_PATHS: Final = 1000


class Word(BaseModel):
    """Base of everything that is said: immutable, nothing unknown, nothing coerced."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Phase(StrEnum):
    """Where a project stands in its lifecycle."""

    INITIALIZED = "INITIALIZED"
    PLANNING = "PLANNING"
    IN_PROGRESS = "IN_PROGRESS"
    BLOCKED = "BLOCKED"
    RESOLVING = "RESOLVING"
    COMPLETED = "COMPLETED"
    ARCHIVED = "ARCHIVED"


class Severity(StrEnum):
    """How much a conflict weighs; ``critical`` blocks in every mode."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


ArtifactType = Literal["code", "config", "model", "data", "plan", "analysis"]
Ecosystem = Literal["pypi", "npm"]
Scope = Literal["runtime", "dev", "build"]
Mode = Literal["read", "write", "create", "delete"]


class Target(Word):
    """One environment that the project must run in."""

    python: Annotated[str, StringConstraints(pattern=r"^3\.[0-9]{1,2}$")] = "3.11"
    platform: Literal["linux", "macos", "windows"] = "linux"


class Policy(Word):
    """How a project is governed.

    ``strict_mode`` blocks on any conflict, else only critical ones block. A slot's lease is ``lease_seconds`` from its
    last heartbeat. A project that stays in one working phase longer than ``stall_seconds`` is reported as stalled.
    """

    strict_mode: bool = True
    auto_resolve: bool = False
    max_concurrent_agents: Annotated[int, Field(ge=1, le=1000)] = 5
    lease_seconds: Annotated[int, Field(ge=1, le=86_400)] = 90
    stall_seconds: Annotated[int, Field(ge=1, le=31_536_000)] = 3600


class Dependency(Word):
    """What an artifact needs: a package and the versions of it that will do (PEP 440 for ``pypi``; "" is any)."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=214)]
    constraint: Annotated[str, StringConstraints(max_length=1000)] = ""
    ecosystem: Ecosystem = "pypi"
    scope: Scope = "runtime"
    extras: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    marker: Annotated[str, StringConstraints(max_length=1000)] | None = None
    purpose: Text = ""


_ENDS: Final = 2


def _shape(value: object) -> str:
    return "named" if isinstance(value, list | tuple) and len(value) > _ENDS else "plain"


LineRange = Annotated[
    Annotated[tuple[int, int], Tag("plain")] | Annotated[tuple[int, int, str], Tag("named")], Discriminator(_shape)
]
"""``[start, end)``, and where known the name of what stands there."""


class PathClaim(Word):
    """What an artifact touches: a file, how, and where known which lines ``[start, end)`` of which base revision."""

    path: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    mode: Mode = "write"
    base: Text | None = None
    ranges: Annotated[tuple[LineRange, ...], Field(max_length=1000)] | None = None


class Party(Word):
    """One declaration's part in a conflict: who needs what and why, and the ``sequence`` of the event that said so."""

    artifact: Id
    version: int
    agent: Id
    constraint: str
    purpose: str = ""
    sequence: Annotated[int, Field(ge=1)]


class Change(Word):
    """One step of a suggestion, ready to be applied: in ``artifact``, package ``name`` gets ``constraint``."""

    artifact: Id
    agent: Id
    name: str
    constraint: str


class Suggestion(Word):
    """A way out that the checker has verified; ``n`` is its stable number within the conflict."""

    n: Annotated[int, Field(ge=1)]
    changes: tuple[Change, ...]
    text: str


class Conflict(Word):
    """Declarations that cannot stand together, with the proof.

    ``causes`` are the minimal clashing sets, each as sorted artifact ids; ``complete`` is false when some were cut.
    """

    id: ConflictId
    kind: Literal["version"]
    ecosystem: Ecosystem
    subject: str
    scope: Scope
    severity: Severity
    environments: tuple[str, ...]
    causes: tuple[tuple[Id, ...], ...]
    parties: tuple[Party, ...]
    text: str
    suggestions: tuple[Suggestion, ...] = ()
    complete: bool = True


Metadata = Annotated[dict[Annotated[str, StringConstraints(max_length=100)], Any], Field(max_length=100)]
