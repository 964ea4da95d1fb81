"""What each tool takes. The texts are read by models: they say what a field means, not how it is stored."""

from typing import Annotated, Final

from pydantic import Field

from psmp.words.commands import PythonVersions
from psmp.words.ids import Id
from psmp.words.values import (
    MAX_DEPENDENCIES,
    MAX_PATHS,
    ArtifactType,
    ConflictId,
    Dependency,
    Fence,
    LongText,
    PathClaim,
    Severity,
    Short,
    Text,
    Word,
)

LONGEST_WAIT: Final = 50
"""Seconds that a call may wait for a slot: what calls us gives up after a minute."""

MOST_EVENTS: Final = 100

Need = Annotated[
    Short | Dependency,
    Field(description="'pandas>=2.0' (PEP 508), or an object with name, constraint, ecosystem, purpose and more."),
]
Claim = Annotated[
    Annotated[str, Field(min_length=1, max_length=1024)] | PathClaim,
    Field(description="A path that is written, as seen from the root of the repository, or an object with its mode."),
]
Needs = Annotated[
    Annotated[tuple[Need, ...], Field(max_length=MAX_DEPENDENCIES)] | None,
    Field(description="All packages that the artifact needs, and which versions will do."),
]
Claims = Annotated[
    Annotated[tuple[Claim, ...], Field(max_length=MAX_PATHS)] | None,
    Field(description="All files and folders that the artifact touches."),
]
Artifact = Annotated[
    Id, Field(description="The artifact's id: one letter or digit, then up to 63 letters, digits, _ or -.")
]
Interpreter = Annotated[PythonVersions | None, Field(description="Which Python it runs on, such as '>=3.11'.")]
Apart = Annotated[
    Id | None, Field(description="A named environment of its own for what it needs; left out, the shared one.")
]
Held = Annotated[
    Fence | None, Field(description="The fence of the slot; left out, that of the slot that this session got.")
]
Named = Annotated[ConflictId, Field(description="The conflict's id, such as C-1.")]


class OfProject(Word):
    """What every tool takes."""

    project: Annotated[
        Id | None, Field(description="The project's id; left out, the project that this folder belongs to.")
    ] = None


class DeclareArtifact(OfProject):
    """A declaration, or with ``amend`` a change of one: then what is left out stays as it was."""

    artifact: Artifact
    type: Annotated[ArtifactType, Field(description="What kind of thing it is.")] = "code"
    summary: Annotated[LongText | None, Field(description="What it is, in a sentence.")] = None
    dependencies: Needs = None
    paths: Claims = None
    requires_python: Interpreter = None
    environment: Apart = None
    amend: Annotated[
        bool, Field(description="Change what was declared before; fields that are left out stay as they were.")
    ] = False
    reason: Annotated[LongText, Field(description="With amend: why. It stays in the log.")] = ""
    fence: Held = None


class CheckDependencies(OfProject):
    """What would be declared; of an artifact that stands declared, what is left out stays as it is."""

    artifact: Artifact
    dependencies: Needs = None
    paths: Claims = None
    requires_python: Interpreter = None
    environment: Apart = None


class ProjectStatus(OfProject):
    """How does it stand?"""


class ListConflicts(OfProject):
    """What is open?"""

    severity: Annotated[Severity | None, Field(description="Only conflicts of this severity.")] = None


class ExplainConflict(OfProject):
    """Why is it one?"""

    conflict: Named


class AcceptSuggestion(OfProject):
    """A way out that was looked at."""

    conflict: Named
    suggestion: Annotated[int, Field(ge=1, description="The number of the suggestion.")]
    seen: Annotated[
        int,
        Field(ge=1, description="The 'seen' of the answer in which you read the suggestion; guards against changes."),
    ]
    reason: Annotated[
        LongText, Field(description="Why this one; it stays in the log. Left out, the suggestion's text.")
    ] = ""


class RequestSlot(OfProject):
    """The right to run."""

    wait_seconds: Annotated[
        int, Field(ge=0, le=LONGEST_WAIT, description="How long to wait in the queue where no slot is free.")
    ] = 0


class Finish(OfProject):
    """The right to run, given back."""

    failure: Annotated[
        Text | None, Field(description="Where the work failed: why. Without it something must have been declared.")
    ] = None
    fence: Held = None


class Heartbeat(OfProject):
    """Still there."""

    renew: Annotated[bool, Field(description="Have the term of the slot begin anew as well.")] = False


class SearchAudit(OfProject):
    """Which events of the log."""

    kind: Annotated[
        Annotated[str, Field(pattern=r"^([a-z]+|\*)\.([a-z]+|\*)$")] | None,
        Field(description="Kinds of events, such as artifact.declared, conflict.* or *.refused."),
    ] = None
    actor: Annotated[Id | None, Field(description="Who caused it: an agent, or a service such as psmp_checker.")] = None
    text: Annotated[
        Short | None, Field(description="Words that stand somewhere in the event; case does not count.")
    ] = None
    after: Annotated[int, Field(ge=0, description="Only events behind this sequence; 0 is from the first.")] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_EVENTS, description="How many events to answer at most.")] = 20
