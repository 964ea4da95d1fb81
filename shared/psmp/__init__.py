"""PSMP: the governance plane for projects that many AI agents build at once.

    async with psmp.connect(agent="coder") as client:
        verdict = await client.declare("rag-chatbot", "backend", dependencies=["fastapi>=0.115"])

Importing this costs nothing; the client is loaded when one of its names is first used.
"""

# Type checkers take the name for what it is; the module ``typing`` alone would cost ten times as much as all of this.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from psmp.client import (
        ActorMismatch,
        Alerts,
        ArtifactExists,
        BlockingClient,
        BlockingRun,
        Checking,
        Client,
        Closed,
        ConflictChanged,
        Damaged,
        DeadlinePassed,
        FalseReceipt,
        Graph,
        Happened,
        IllegalTransition,
        Invalid,
        InvalidConstraint,
        InvalidResolution,
        LogDamaged,
        MalformedCommand,
        NoAnswer,
        NoSlot,
        NoSuchPast,
        NotAcknowledged,
        NotAllowed,
        NotAllowedHere,
        NotCovered,
        NotDeclared,
        NotGranted,
        NotKept,
        NotOwner,
        NotReached,
        NotWaiting,
        Overloaded,
        Planned,
        PolicyChange,
        PreconditionFailed,
        ProjectBlocked,
        ProjectExists,
        ProjectNotOpen,
        Projects,
        Pruned,
        PsmpError,
        RateLimited,
        Receipt,
        Refusal,
        ReservedName,
        ResolutionUnderWay,
        Resolved,
        Run,
        Settled,
        SignedCheckpoint,
        SlotHeld,
        SlotLost,
        SlotsExhausted,
        Task,
        TaskExists,
        UnknownArtifact,
        UnknownConflict,
        UnknownProject,
        UnknownResolution,
        UnknownSuggestion,
        UnknownTask,
        UnknownWebhook,
        Unreachable,
        Unreadable,
        Unsettled,
        Verdict,
        VerdictPending,
        WebhookExists,
        WorkUnfinished,
        connect,
        connect_sync,
        governed,
    )
    from psmp.words.values import Change, Conflict, Dependency, Limits, PathClaim, Phase, Policy, Severity, Target

__version__ = "0.1.0"

_WORDS = frozenset({"Change", "Conflict", "Dependency", "Limits", "PathClaim", "Phase", "Policy", "Severity", "Target"})

__all__ = [
    "ActorMismatch",
    "Alerts",
    "ArtifactExists",
    "BlockingClient",
    "BlockingRun",
    "Change",
    "Checking",
    "Client",
    "Closed",
    "Conflict",
    "ConflictChanged",
    "Damaged",
    "DeadlinePassed",
    "Dependency",
    "FalseReceipt",
    "Graph",
    "Happened",
    "IllegalTransition",
    "Invalid",
    "InvalidConstraint",
    "InvalidResolution",
    "Limits",
    "LogDamaged",
    "MalformedCommand",
    "NoAnswer",
    "NoSlot",
    "NoSuchPast",
    "NotAcknowledged",
    "NotAllowed",
    "NotAllowedHere",
    "NotCovered",
    "NotDeclared",
    "NotGranted",
    "NotKept",
    "NotOwner",
    "NotReached",
    "NotWaiting",
    "Overloaded",
    "PathClaim",
    "Phase",
    "Planned",
    "Policy",
    "PolicyChange",
    "PreconditionFailed",
    "ProjectBlocked",
    "ProjectExists",
    "ProjectNotOpen",
    "Projects",
    "Pruned",
    "PsmpError",
    "RateLimited",
    "Receipt",
    "Refusal",
    "ReservedName",
    "ResolutionUnderWay",
    "Resolved",
    "Run",
    "Settled",
    "Severity",
    "SignedCheckpoint",
    "SlotHeld",
    "SlotLost",
    "SlotsExhausted",
    "Target",
    "Task",
    "TaskExists",
    "UnknownArtifact",
    "UnknownConflict",
    "UnknownProject",
    "UnknownResolution",
    "UnknownSuggestion",
    "UnknownTask",
    "UnknownWebhook",
    "Unreachable",
    "Unreadable",
    "Unsettled",
    "Verdict",
    "VerdictPending",
    "WebhookExists",
    "WorkUnfinished",
    "__version__",
    "connect",
    "connect_sync",
    "governed",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """A public name, loaded when it is first asked for (PEP 562)."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 - only where a name is used

        found: object = getattr(import_module("psmp.words.values" if name in _WORDS else "psmp.client"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted(__all__)
