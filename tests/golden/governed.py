"""A checkout as a log: a queue for slots, a conflict with its ways out, alerts and dead letters.

Maria is a person who may resolve what is others'. Everybody declares under a slot.
"""

from typing import Final

from psmp.words.commands import (
    AcknowledgeAlert,
    AnswerResolution,
    Command,
    DropLetter,
    LeaveQueue,
    RenewSlot,
    ResolveConflict,
    RetryLetter,
)
from psmp.words.events import (
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    Amendment,
    ArtifactAccepted,
    ArtifactAmended,
    ArtifactDeclared,
    CommandRefused,
    ConflictDetected,
    Event,
    LetterDropped,
    LetterRetried,
    ProjectCreated,
    ProjectRecovering,
    ProjectTransitioned,
    ResolutionAnswered,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
    ResolutionRequested,
    SlotExpired,
    SlotFailed,
    SlotFinished,
    SlotGranted,
    SlotLeft,
    SlotRefused,
    SlotRenewed,
    SlotRequested,
    WaiverExpired,
)
from psmp.words.ids import ProjectKey
from psmp.words.refusals import Code
from psmp.words.values import (
    Change,
    Conflict,
    Dependency,
    Limits,
    Party,
    Phase,
    Policy,
    Severity,
    Suggestion,
    Target,
)
from tests.golden.steps import TRACE, Step, asked, identity

WHOLE: Final = "governed.jsonl"
KEY: Final = ProjectKey("default", "checkout")
SALT: Final = 4

POLICY: Final = Policy(
    auto_resolve=True,
    max_concurrent_agents=1,
    resolvers=("Maria",),
    privileged=("CartAgent",),
    slots_per_agent=1,
    term_seconds=1800,
    wait_seconds=600,
    answer_seconds=120,
    fenced=True,
)
LIMITS: Final = Limits(cpus=1.5, memory_mb=4096)
OLD: Final = Dependency(name="pydantic", constraint="<2", purpose="Models of the bank's library")
NEW: Final = Dependency(name="pydantic", constraint=">=2,<3", purpose="Request models")
CLASH_TEXT: Final = (
    "Because CartAgent requires pydantic>=2,<3 and PaymentAgent requires pydantic<2, "
    "no version of pydantic satisfies the runtime scope."
)
RAISED: Final = Change(artifact="payments", agent="PaymentAgent", name="pydantic", constraint=">=2,<3")
TOO_FAR: Final = Change(
    artifact="payments", agent="PaymentAgent", name="pydantic", constraint=">=3", action="require", scope="runtime"
)
WIDENED: Final = Change(
    artifact="payments", agent="PaymentAgent", name="pydantic", constraint=">=1.10,<3", action="require"
)
CLASH: Final = Conflict(
    id="C-1",
    kind="version",
    ecosystem="pypi",
    subject="pydantic",
    scope="runtime",
    severity=Severity.CRITICAL,
    environments=("python3.11-linux",),
    causes=(("cart", "payments"),),
    parties=(
        Party(
            artifact="cart",
            version=1,
            agent="CartAgent",
            constraint=">=2,<3",
            purpose="Request models",
            sequence=12,
            scope="runtime",
        ),
        Party(
            artifact="payments",
            version=1,
            agent="PaymentAgent",
            constraint="<2",
            purpose="Models of the bank's library",
            sequence=6,
            scope="runtime",
        ),
    ),
    text=CLASH_TEXT,
    suggestions=(
        Suggestion(n=1, changes=(RAISED,), text="PaymentAgent -> pydantic>=2,<3 in payments (was <2)"),
        Suggestion(
            n=2,
            changes=(Change(artifact="cart", agent="CartAgent", name="pydantic", constraint="<2"),),
            text="CartAgent -> pydantic<2 in cart (was >=2,<3)",
        ),
    ),
)


def _waited(number: int) -> str:
    """The id of the command that event ``number`` answered."""
    return identity(number, SALT + 1)


def _kept(back: int, event: Event) -> Step:
    return Step("keeper", "psmp_keeper", event, back)


def _moved(back: int, origin: Phase, to: Phase, reason: str, *conflicts: str) -> Step:
    return _kept(back, ProjectTransitioned(origin=origin, to=to, reason=reason, conflicts=conflicts))


def _resolved(back: int, event: Event) -> Step:
    return Step("resolver", "psmp_resolver", event, back)


def _watched(back: int, event: Event) -> Step:
    return Step("watchdog", "psmp_watchdog", event, back)


_QUEUE: Final = (
    asked("LeadAgent", ProjectCreated(name="Checkout", targets=(Target(),), policy=POLICY)),
    asked("LeadAgent", ProjectTransitioned(origin=Phase.INITIALIZED, to=Phase.PLANNING, reason="Scope agreed")),
    asked("PaymentAgent", SlotGranted(agent="PaymentAgent", lease_seconds=90, term_seconds=1800, limits=LIMITS)),
    asked("CartAgent", SlotRequested(agent="CartAgent", wait_seconds=600, limits=LIMITS)),
    asked("ReportAgent", SlotRequested(agent="ReportAgent", wait_seconds=300)),
    asked(
        "PaymentAgent",
        ArtifactDeclared(
            artifact="payments", version=1, type="code", summary="Talks to the bank", dependencies=(OLD,), fence=3
        ),
    ),
    Step("checker", "psmp_checker", ArtifactAccepted(artifact="payments", version=1), 1),
    asked("PaymentAgent", SlotRenewed(agent="PaymentAgent", fence=3, term_seconds=1800)),
    asked("ReportAgent", SlotLeft(agent="ReportAgent", request=_waited(5))),
    asked("PaymentAgent", SlotFailed(agent="PaymentAgent", fence=3, failure="the test database went away")),
    _kept(
        7,
        SlotGranted(agent="CartAgent", lease_seconds=90, term_seconds=1800, limits=LIMITS, request=_waited(4)),
    ),
    asked(
        "CartAgent",
        ArtifactDeclared(artifact="cart", version=1, type="code", dependencies=(NEW,), flexible=False, fence=11),
        TRACE,
    ),
)
_CLASH: Final = (
    Step("checker", "psmp_checker", ConflictDetected(artifact="cart", version=1, conflicts=(CLASH,)), 1, TRACE),
    _moved(1, Phase.PLANNING, Phase.BLOCKED, CLASH_TEXT, "C-1"),
    asked("ReportAgent", SlotRequested(agent="ReportAgent", wait_seconds=60)),
    _watched(1, SlotRefused(agent="ReportAgent", request=_waited(15), reason="no slot was free within 60 s")),
    _resolved(
        4,
        ResolutionRequested(
            resolution="R-1",
            conflict="C-1",
            strategy="auto",
            reason="Suggestion 1 changes the fewest declarations",
            suggestion=1,
            changes=(RAISED,),
        ),
    ),
    _moved(1, Phase.BLOCKED, Phase.RESOLVING, "under way: R-1", "C-1"),
    _resolved(
        2,
        ResolutionProposed(
            resolution="R-1",
            conflict="C-1",
            suggestion=1,
            changes=(RAISED,),
            agents=("PaymentAgent",),
            seconds=120,
            text="PaymentAgent -> pydantic>=2,<3 in payments (was <2)",
        ),
    ),
    asked(
        "PaymentAgent",
        ResolutionAnswered(
            resolution="R-1", agent="PaymentAgent", answer="no", reason="The bank's library needs pydantic 1"
        ),
    ),
    _resolved(
        1,
        ResolutionRefused(
            resolution="R-1",
            conflict="C-1",
            reason="PaymentAgent said no: The bank's library needs pydantic 1",
            agent="PaymentAgent",
        ),
    ),
    _moved(1, Phase.RESOLVING, Phase.BLOCKED, "still open: C-1", "C-1"),
)
_WAIVED: Final = (
    asked(
        "Maria",
        ResolutionRequested(
            resolution="R-2", conflict="C-1", strategy="waive", reason="The bank is not live yet", seconds=20
        ),
    ),
    _resolved(
        1,
        ResolutionApplied(
            resolution="R-2", conflict="C-1", strategy="waive", reason="The bank is not live yet", seconds=20
        ),
    ),
    _moved(1, Phase.BLOCKED, Phase.RESOLVING, "no blocking conflict is left"),
    _moved(1, Phase.RESOLVING, Phase.IN_PROGRESS, "all declarations stand together again"),
    _watched(3, WaiverExpired(conflict="C-1", resolution="R-2")),
    _moved(1, Phase.IN_PROGRESS, Phase.BLOCKED, CLASH_TEXT, "C-1"),
    _watched(
        1, ProjectRecovering(phase=Phase.BLOCKED, step="escalate", reason="an owner said no, and the waiver is over")
    ),
    _watched(
        1,
        AlertRaised(
            alert="conflict-C-1",
            severity=Severity.CRITICAL,
            text=CLASH_TEXT,
            hint="psmp resolve checkout C-1",
            person=True,
            conflict="C-1",
        ),
    ),
    asked("Maria", AlertAcknowledged(alert="conflict-C-1", reason="I ask the bank")),
)
_SOLVED: Final = (
    asked(
        "Maria",
        ResolutionRequested(
            resolution="R-3", conflict="C-1", strategy="change", reason="The newest will do", changes=(TOO_FAR,)
        ),
    ),
    _resolved(
        1,
        ResolutionFailed(
            resolution="R-3", conflict="C-1", reason="cart requires pydantic>=2,<3 and payments would require >=3"
        ),
    ),
    asked(
        "Maria",
        ResolutionRequested(
            resolution="R-4",
            conflict="C-1",
            strategy="change",
            reason="The bank's library reads both",
            changes=(WIDENED,),
        ),
    ),
    _moved(1, Phase.BLOCKED, Phase.RESOLVING, "under way: R-4", "C-1"),
    _resolved(
        2,
        ResolutionApplied(
            resolution="R-4",
            conflict="C-1",
            strategy="change",
            reason="The bank's library reads both",
            changes=(WIDENED,),
            amendments=(
                Amendment(
                    agent="PaymentAgent",
                    declaration=ArtifactAmended(
                        artifact="payments",
                        version=2,
                        type="code",
                        summary="Talks to the bank",
                        dependencies=(OLD.model_copy(update={"constraint": ">=1.10,<3"}),),
                        reason="R-4: The bank's library reads both",
                    ),
                ),
            ),
            cleared=("C-1",),
        ),
    ),
    _moved(1, Phase.RESOLVING, Phase.IN_PROGRESS, "all declarations stand together again"),
)
_AFTERMATH: Final = (
    asked(
        "ReportAgent",
        CommandRefused(
            command="slot.request",
            code=Code.RATE_LIMITED,
            reason="ReportAgent has asked 100 times within a minute",
            hint="wait for the time that is told",
            retry_seconds=3,
        ),
    ),
    _watched(
        0,
        AlertRaised(
            alert="letter-17",
            severity=Severity.MEDIUM,
            text="resolver: gave up a message after 3 tries: the index could not be reached",
            hint="psmp dlq show 17",
            person=True,
        ),
    ),
    _watched(0, AlertRaised(alert="lag-checker", severity=Severity.HIGH, text="checker is 2000 messages behind")),
    _watched(1, AlertCleared(alert="lag-checker", reason="checker has caught up")),
    asked("LeadAgent", LetterRetried(letter=17, reason="The index is back")),
    _watched(
        0, AlertRaised(alert="letter-18", severity=Severity.MEDIUM, text="checker: gave up a message", person=True)
    ),
    asked("LeadAgent", LetterDropped(letter=18, reason="Sent by a test")),
    asked("CartAgent", SlotFinished(agent="CartAgent", fence=11)),
    asked("ReportAgent", SlotGranted(agent="ReportAgent", lease_seconds=90, term_seconds=1800)),
    _watched(
        1,
        SlotExpired(agent="ReportAgent", last_seen="2026-11-21T10:00:47.500000Z", fence=46, reason="term"),
    ),
)

STEPS: Final = (*_QUEUE, *_CLASH, *_WAIVED, *_SOLVED, *_AFTERMATH)

GOLDEN: Final = frozenset(
    {
        "project.recovering",
        "resolution.requested",
        "resolution.proposed",
        "resolution.answered",
        "resolution.applied",
        "resolution.refused",
        "resolution.failed",
        "waiver.expired",
        "slot.requested",
        "slot.refused",
        "slot.left",
        "slot.renewed",
        "slot.failed",
        "alert.raised",
        "alert.acknowledged",
        "alert.cleared",
        "letter.retried",
        "letter.dropped",
    }
)
"""The kinds of which the last event in this story is the golden one."""

COMMANDS: Final[tuple[tuple[str, Command], ...]] = (
    (
        "Maria",
        ResolveConflict(conflict="C-1", strategy="accept", reason="As suggested", suggestion=1, seen=13),
    ),
    (
        "PaymentAgent",
        AnswerResolution(resolution="R-1", answer="amend", changes=(WIDENED,), reason="The bank's library reads both"),
    ),
    ("PaymentAgent", RenewSlot(fence=3)),
    ("ReportAgent", LeaveQueue()),
    ("Maria", AcknowledgeAlert(alert="conflict-C-1", reason="I ask the bank")),
    ("LeadAgent", RetryLetter(letter=17, reason="The index is back")),
    ("LeadAgent", DropLetter(letter=18, reason="Sent by a test")),
)
