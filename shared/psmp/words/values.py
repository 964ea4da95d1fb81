"""The values that commands and events are made of. Frozen, strict: an unknown field or a coerced type is a fault."""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from psmp.words.ids import Id

Text = Annotated[str, StringConstraints(max_length=200)]
LongText = Annotated[str, StringConstraints(max_length=2000)]
Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Reason = Annotated[LongText, Field(min_length=1)]
Fence = Annotated[int, Field(ge=1)]
ConflictId = Annotated[str, StringConstraints(pattern=r"^C-[1-9][0-9]{0,8}$")]
ResolutionId = Annotated[str, StringConstraints(pattern=r"^R-[1-9][0-9]{0,8}$")]
AlertId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[A-Za-z0-9_]+)*$", max_length=200)]

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
Kind = Literal["version", "python", "reference", "path", "transitive", "no-version"]
Scope = Literal["runtime", "dev", "build"]
Mode = Literal["read", "write", "create", "delete"]
Strategy = Literal["accept", "change", "merge", "waive", "escalate", "retry", "auto"]
Answer = Literal["yes", "no", "amend"]


class Target(Word):
    """One environment that the project must run in: a Python series or one version of it, on a platform.

    Where ``machine`` is not said, what depends on it is not known.
    """

    python: Annotated[str, StringConstraints(pattern=r"^3\.[0-9]{1,2}(\.[0-9]{1,3})?$")] = "3.11"
    platform: Literal["linux", "macos", "windows"] = "linux"
    machine: Literal["x86_64", "arm64"] | None = None

    def __str__(self) -> str:
        """The environment's name, ``python3.11-linux``."""
        return "-".join(filter(None, (f"python{self.python}", self.platform, self.machine)))


class Policy(Word):
    """How a project is governed.

    ``strict_mode`` blocks on any conflict, else only critical ones block. A slot's lease is ``lease_seconds`` from its
    last heartbeat. A project that stays in one working phase longer than ``stall_seconds`` is reported as stalled.

    ``auto_resolve`` lets the resolver change what is flexible, and ask owners about the rest. ``resolvers`` may resolve
    what is others', besides whoever made the project. Conflicts of low and medium severity with a ``privileged`` agent
    among their parties are resolved at once. ``fenced``: whoever declares must hold a slot and name its fence.
    """

    strict_mode: bool = True
    auto_resolve: bool = False
    max_concurrent_agents: Annotated[int, Field(ge=1, le=1000)] = 5
    lease_seconds: Annotated[int, Field(ge=1, le=86_400)] = 90
    stall_seconds: Annotated[int, Field(ge=1, le=31_536_000)] = 3600
    resolvers: Annotated[tuple[Id, ...], Field(max_length=100)] | None = None
    privileged: Annotated[tuple[Id, ...], Field(max_length=100)] | None = None
    slots_per_agent: Annotated[int, Field(ge=1, le=1000)] | None = None
    term_seconds: Annotated[int, Field(ge=1, le=31_536_000)] | None = None
    wait_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    answer_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    fenced: bool | None = None

    @property
    def slots_each(self) -> int:
        """How many slots one agent may hold at a time: one, unless said otherwise."""
        return self.slots_per_agent or 1

    @property
    def term(self) -> int:
        """Seconds that a slot lasts unless it is renewed, however alive its agent is: an hour."""
        return self.term_seconds or 3600

    @property
    def longest_wait(self) -> int:
        """Seconds that an agent may wait for a slot at most: an hour."""
        return self.wait_seconds or 3600

    @property
    def time_to_answer(self) -> int:
        """Seconds that an owner has to agree to a change of what is its own: five minutes."""
        return self.answer_seconds or 300


class Dependency(Word):
    """What an artifact needs: a package and the versions of it that will do; "" is any.

    Constraints are PEP 440 for ``pypi`` and node-semver ranges for ``npm``. ``reference`` is a URL or a path that the
    package is taken from instead (PEP 508 ``name @ url``). It counts where ``marker`` (PEP 508) holds. ``location`` is
    the place that says so, ``pyproject.toml:12``.
    """

    name: Annotated[str, StringConstraints(min_length=1, max_length=214)]
    constraint: Annotated[str, StringConstraints(max_length=1000)] = ""
    ecosystem: Ecosystem = "pypi"
    scope: Scope = "runtime"
    extras: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    marker: Annotated[str, StringConstraints(max_length=1000)] | None = None
    purpose: Text = ""
    reference: Annotated[str, StringConstraints(min_length=1, max_length=1000)] | None = None
    location: Text | None = None


_ENDS: Final = 2
_COUNTS: Final = 3


def _shape(value: object) -> str:
    return "named" if isinstance(value, list | tuple) and len(value) > _ENDS else "plain"


def _hunk_shape(value: object) -> str:
    return "named" if isinstance(value, list | tuple) and len(value) > _COUNTS else "plain"


LineRange = Annotated[
    Annotated[tuple[int, int], Tag("plain")] | Annotated[tuple[int, int, str], Tag("named")], Discriminator(_shape)
]
"""Lines ``[start, end)`` of the base, counted from 1; ``[n, n]`` inserts before line n. A third element is a digest of
the lines that come to stand there."""

Hunk = Annotated[
    Annotated[tuple[int, int, int], Tag("plain")] | Annotated[tuple[int, int, int, str, str], Tag("named")],
    Discriminator(_hunk_shape),
]
"""``[start, end)`` of the older base became this many lines. A fourth and a fifth element are the digests of the lines
that stood there and of those that came: by these a claim is known whose change the newer base has already."""


class Passage(Word):
    """How a file came from an older ``base`` to the base of the claim that carries this: what changed on the way."""

    base: Text
    hunks: Annotated[tuple[Hunk, ...], Field(max_length=1000)]


class PathClaim(Word):
    """What an artifact touches: a file (or, ending in ``/``, all of a folder), how, and where known which lines.

    Without ``ranges`` it is the whole file. ``ranges`` are of the revision ``base``. ``passages`` lead from older bases
    to this one, so that claims on those can be compared with this one. What is deleted and lives on at another path
    says so in ``moved``, and in ``ranges`` which lines change on the way.
    """

    path: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    mode: Mode = "write"
    base: Text | None = None
    ranges: Annotated[tuple[LineRange, ...], Field(max_length=1000)] | None = None
    passages: Annotated[tuple[Passage, ...], Field(max_length=20)] | None = None
    moved: Annotated[str, StringConstraints(min_length=1, max_length=1024)] | None = None


class Party(Word):
    """One declaration's part in a conflict: who needs what and why, and the ``sequence`` of the event that said so.

    For a path, ``constraint`` says how it is touched. ``location`` is the file and line that the need comes from.
    """

    artifact: Id
    version: int
    agent: Id
    constraint: str
    purpose: str = ""
    sequence: Annotated[int, Field(ge=1)]
    scope: Scope | None = None
    marker: str | None = None
    reference: str | None = None
    location: str | None = None


class Change(Word):
    """One step of a suggestion, ready to be applied to ``artifact``; what it does is its ``action``.

    ``require`` (also when None): every need of package ``name`` gets ``constraint``, or ``reference`` where given; only
    the one of that ``scope`` and ``marker`` where these are given. ``isolate``: the artifact moves to the named
    ``environment``. ``python``: its ``requires_python`` becomes ``constraint``. ``release``: it gives up its claim on
    path ``name``.
    """

    artifact: Id
    agent: Id
    name: str
    constraint: str
    action: Literal["require", "isolate", "python", "release"] | None = None
    scope: Scope | None = None
    marker: str | None = None
    reference: str | None = None
    environment: Id | None = None

    @property
    def where(self) -> str:
        """For which of the needs it is, to stand behind their name; "" for all."""
        scope = f" in scope {self.scope}" if self.scope else ""
        return f"{scope} where {self.marker}" if self.marker else scope

    def __str__(self) -> str:
        """It in half a line."""
        match self.action:
            case "require" | None:
                what = f"{self.name} @ {self.reference}" if self.reference else f"{self.name} {self.constraint}"
                what = f"{what if self.reference or self.constraint else f'any {self.name}'}{self.where}"
            case "isolate":
                what = f"the environment {self.environment or self.artifact}"
            case "python":
                what = f"Python {self.constraint or 'of any version'}"
            case "release":
                what = f"no claim on {self.name}"
            case never:
                assert_never(never)
        return f"{self.agent} -> {what} in {self.artifact}"


class Suggestion(Word):
    """A way out that the checker has verified; ``n`` is its stable number within the conflict."""

    n: Annotated[int, Field(ge=1)]
    changes: tuple[Change, ...]
    text: str


class Limits(Word):
    """What an agent may use of the machine while it runs; handed to whoever starts it. PSMP measures neither."""

    cpus: Annotated[float, Field(gt=0, le=1024)] | None = None
    memory_mb: Annotated[int, Field(ge=1, le=16_777_216)] | None = None


class Conflict(Word):
    """Declarations that cannot stand together, with the proof.

    ``subject`` is the package (of ``ecosystem``), ``python``, or the path that they clash on; ``scope`` the scope in
    which: ``dev`` means runtime and dev installed together. Both are None for paths. ``environments`` are the targets
    in which it exists; ``environment`` the named one of the artifacts, where they are not in the shared one.
    ``causes`` are the minimal clashing sets, each as sorted artifact ids; ``complete`` is false when some were cut.
    ``chain`` leads, for ``transitive`` ones, from the declarations through packages to the clash.
    """

    id: ConflictId
    kind: Kind
    ecosystem: Ecosystem | None = None
    subject: str
    scope: Scope | None = None
    severity: Severity
    environments: tuple[str, ...]
    causes: tuple[tuple[Id, ...], ...]
    parties: tuple[Party, ...]
    text: str
    suggestions: tuple[Suggestion, ...] = ()
    complete: bool = True
    environment: Id | None = None
    chain: tuple[str, ...] | None = None

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes it the same conflict after its parties or causes have changed; the scope comes last."""
        family = _FAMILY.get(self.kind, "direct")
        return family, self.ecosystem or "", self.subject, self.environment or "", self.scope or ""


_FAMILY: Final = {"path": "path", "python": "python", "transitive": "transitive", "no-version": "transitive"}

Metadata = Annotated[dict[Annotated[str, StringConstraints(max_length=100)], Any], Field(max_length=100)]
