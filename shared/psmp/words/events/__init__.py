"""Events: facts that were decided, in the past tense. A released shape is for ever (``tests/golden``)."""

from typing import Final, get_args

from psmp.words.events.alerts import AlertAcknowledged, AlertCleared, AlertRaised, LetterDropped, LetterRetried
from psmp.words.events.artifacts import (
    ArtifactAccepted,
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    Compatibility,
    CompatibilityChecked,
    CompatibilityStarted,
    ConflictCleared,
    ConflictDetected,
    Digest,
    Version,
)
from psmp.words.events.projects import (
    CommandRefused,
    ProjectChanged,
    ProjectCreated,
    ProjectRecovering,
    ProjectStalled,
    ProjectTransitioned,
)
from psmp.words.events.resolutions import (
    Amendment,
    ResolutionAnswered,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
    ResolutionRequested,
    WaiverExpired,
)
from psmp.words.events.slots import (
    AgentReturned,
    AgentSilenced,
    SlotExpired,
    SlotFailed,
    SlotFinished,
    SlotGranted,
    SlotLeft,
    SlotRefused,
    SlotRenewed,
    SlotRequested,
)
from psmp.words.events.subjects import HoldPlaced, HoldReleased, RetentionApplied, RetentionChanged, SubjectErased
from psmp.words.events.tasks import TaskArchived, TaskChanged, TaskCreated
from psmp.words.events.webhooks import (
    WebhookAdded,
    WebhookChanged,
    WebhookEnded,
    WebhookRemoved,
    WebhookRotated,
    WebhookTested,
)
from psmp.words.orchestration.facts import (
    BerAgentGenerated,
    MaegAbandoned,
    MaegApproved,
    MaegCreated,
    PdoAgentFinalized,
    PdoOrchAggregated,
    SubPacDispatched,
    SubPacExecuted,
    SubPacFailed,
    SubPacIssued,
    SubPacReviewed,
    WrapOrchAccepted,
)

Verdict = ArtifactAccepted | ConflictDetected | ConflictCleared

Event = (
    ProjectCreated
    | ProjectTransitioned
    | ProjectStalled
    | ProjectRecovering
    | ArtifactDeclared
    | ArtifactAmended
    | ArtifactWithdrawn
    | ArtifactAccepted
    | ConflictDetected
    | ConflictCleared
    | CompatibilityStarted
    | CompatibilityChecked
    | ResolutionRequested
    | ResolutionProposed
    | ResolutionAnswered
    | ResolutionApplied
    | ResolutionRefused
    | ResolutionFailed
    | WaiverExpired
    | SlotRequested
    | SlotGranted
    | SlotRefused
    | SlotLeft
    | SlotRenewed
    | SlotFinished
    | SlotFailed
    | SlotExpired
    | AgentSilenced
    | AgentReturned
    | AlertRaised
    | AlertAcknowledged
    | AlertCleared
    | LetterRetried
    | LetterDropped
    | CommandRefused
    | SubjectErased
    | HoldPlaced
    | HoldReleased
    | RetentionChanged
    | RetentionApplied
    | MaegCreated
    | SubPacIssued
    | SubPacDispatched
    | SubPacExecuted
    | SubPacFailed
    | SubPacReviewed
    | BerAgentGenerated
    | PdoAgentFinalized
    | PdoOrchAggregated
    | MaegApproved
    | WrapOrchAccepted
    | MaegAbandoned
    | WebhookAdded
    | WebhookChanged
    | WebhookRemoved
    | WebhookRotated
    | WebhookTested
    | WebhookEnded
    | ProjectChanged
    | TaskCreated
    | TaskChanged
    | TaskArchived
)

EVENTS: Final[tuple[type[Event], ...]] = get_args(Event)

__all__ = [
    "EVENTS",
    "AgentReturned",
    "AgentSilenced",
    "AlertAcknowledged",
    "AlertCleared",
    "AlertRaised",
    "Amendment",
    "ArtifactAccepted",
    "ArtifactAmended",
    "ArtifactDeclared",
    "ArtifactWithdrawn",
    "BerAgentGenerated",
    "CommandRefused",
    "Compatibility",
    "CompatibilityChecked",
    "CompatibilityStarted",
    "ConflictCleared",
    "ConflictDetected",
    "Digest",
    "Event",
    "HoldPlaced",
    "HoldReleased",
    "LetterDropped",
    "LetterRetried",
    "MaegAbandoned",
    "MaegApproved",
    "MaegCreated",
    "PdoAgentFinalized",
    "PdoOrchAggregated",
    "ProjectChanged",
    "ProjectCreated",
    "ProjectRecovering",
    "ProjectStalled",
    "ProjectTransitioned",
    "ResolutionAnswered",
    "ResolutionApplied",
    "ResolutionFailed",
    "ResolutionProposed",
    "ResolutionRefused",
    "ResolutionRequested",
    "RetentionApplied",
    "RetentionChanged",
    "SlotExpired",
    "SlotFailed",
    "SlotFinished",
    "SlotGranted",
    "SlotLeft",
    "SlotRefused",
    "SlotRenewed",
    "SlotRequested",
    "SubPacDispatched",
    "SubPacExecuted",
    "SubPacFailed",
    "SubPacIssued",
    "SubPacReviewed",
    "SubjectErased",
    "TaskArchived",
    "TaskChanged",
    "TaskCreated",
    "Verdict",
    "Version",
    "WaiverExpired",
    "WebhookAdded",
    "WebhookChanged",
    "WebhookEnded",
    "WebhookRemoved",
    "WebhookRotated",
    "WebhookTested",
    "WrapOrchAccepted",
]
