"""Events and needs in a sentence each."""

from collections.abc import Iterable
from typing import assert_never

from psmp.cli.clock import to_second
from psmp.cli.pages import orchestration
from psmp.rules.alerts import AlertEvent
from psmp.rules.planned import TaskEvent
from psmp.rules.resolutions import ResolutionEvent
from psmp.rules.slots import SlotEvent
from psmp.rules.webhooks import WebhookEvent
from psmp.words.events import (
    AgentReturned,
    AgentSilenced,
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    ArtifactAccepted,
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    CommandRefused,
    CompatibilityChecked,
    CompatibilityStarted,
    ConflictCleared,
    ConflictDetected,
    Event,
    HoldPlaced,
    HoldReleased,
    LetterDropped,
    LetterRetried,
    ProjectChanged,
    ProjectCreated,
    ProjectRecovering,
    ProjectStalled,
    ProjectTransitioned,
    ResolutionAnswered,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
    ResolutionRequested,
    RetentionApplied,
    RetentionChanged,
    SlotExpired,
    SlotFailed,
    SlotFinished,
    SlotGranted,
    SlotLeft,
    SlotRefused,
    SlotRenewed,
    SlotRequested,
    SubjectErased,
    TaskArchived,
    TaskChanged,
    TaskCreated,
    WaiverExpired,
    WebhookAdded,
    WebhookChanged,
    WebhookEnded,
    WebhookRemoved,
    WebhookRotated,
    WebhookTested,
)
from psmp.words.orchestration.facts import RunEvent
from psmp.words.progress import CheckProgress
from psmp.words.sealed import veiled
from psmp.words.values import Dependency, PathClaim, Target


def shown(text: str) -> str:
    """Text of others in one line that cannot steer a terminal: what is not printable is a space.

    What is sealed is told as such.
    """
    return " ".join("".join(c if c.isprintable() else " " for c in veiled(text)).split())


def constraint_of(text: str) -> str:
    """A constraint for people: the empty one is ``any``."""
    return shown(text) or "any"


def counted(number: int, one: str, several: str = "") -> str:
    """A number with its noun: ``1 need``, ``3 needs``."""
    return f"{number} {one if number == 1 else several or one + 's'}"


def need(dependency: Dependency) -> str:
    """A dependency in its ecosystem's spelling, and its scope where that is not runtime."""
    extras = f"[{','.join(dependency.extras)}]" if dependency.extras else ""
    joint = "@" if dependency.ecosystem == "npm" and dependency.constraint else ""
    if dependency.reference:
        joint = f" @ {dependency.reference}"
    marker = f" ; {dependency.marker}" if dependency.marker else ""
    scope = "" if dependency.scope == "runtime" else f" ({dependency.scope})"
    return shown(f"{dependency.name}{extras}{joint}{dependency.constraint}{marker}") + scope


def progress(said: CheckProgress) -> str:
    """How far the resolver is: ``finding causes: python3.11-linux (2 of 4), 12 s, 7 runs``."""
    where = f"{said.doing}: {shown(said.place)} ({said.at} of {said.of})"
    return f"{where}, {said.seconds:.0f} s, {counted(said.asked, 'run')}"


def path(claim: PathClaim) -> str:
    """A path claim with its mode."""
    return f"{shown(claim.path)} ({claim.mode})"


def targets(environments: Iterable[Target]) -> str:
    """Target environments: ``3.11/linux, 3.12/macos``."""
    return ", ".join(f"{each.python}/{each.platform}" for each in environments)


def sentence(event: Event) -> str:  # noqa: C901, PLR0911, PLR0912 - one case for each event that there is
    """What happened, without who did it."""
    if isinstance(event, SlotEvent):
        return _slot(event)
    if isinstance(event, ResolutionEvent):
        return _resolution(event)
    if isinstance(event, AlertEvent):
        return _alert(event)
    if isinstance(event, RunEvent):
        return shown(orchestration.sentence(event))
    if isinstance(event, WebhookEvent):
        return _webhook(event)
    if isinstance(event, TaskEvent):
        return _task(event)
    match event:
        case ProjectCreated():
            return f"created as {shown(event.name)!r} for {targets(event.targets)}"
        case ProjectChanged():
            return f"{shown(event.name)!r} for {targets(event.targets)} from here on: {shown(event.reason)}"
        case ProjectTransitioned():
            because = f" [{', '.join(event.conflicts)}]" if event.conflicts else ""
            return f"{event.origin} > {event.to}: {shown(event.reason)}{because}"
        case ProjectStalled():
            return f"stuck in {event.phase} since {to_second(event.since)}"
        case ProjectRecovering():
            return f"{event.step}, for it is stuck in {event.phase}: {shown(event.reason)}"
        case ArtifactDeclared() | ArtifactAmended():
            return _declaration(event)
        case ArtifactWithdrawn():
            return f"{event.artifact} v{event.version} withdrawn: {shown(event.reason)}"
        case ArtifactAccepted():
            return f"{event.artifact} v{event.version} accepted{_warned(event.warnings)}"
        case ConflictDetected():
            found = ", ".join(f"{each.id} on {shown(each.subject)}" for each in event.conflicts)
            gone = f", {', '.join(event.cleared)} cleared" if event.cleared else ""
            return f"{event.artifact} v{event.version} conflicts: {found}{gone}"
        case ConflictCleared():
            gone = ", ".join(event.cleared)
            return f"{gone} cleared by {event.artifact} v{event.version}{_warned(event.warnings)}"
        case CompatibilityStarted():
            return f"asking {shown(event.index)} whether all can be installed together, as of event {event.sequence}"
        case CompatibilityChecked():
            return _checked(event)
        case AgentSilenced():
            return f"{event.agent} is silent since {to_second(event.last_seen)}"
        case AgentReturned():
            return f"{event.agent} is back"
        case CommandRefused():
            return f"{event.command} refused, {event.code}: {shown(event.reason)}"
        case SubjectErased() | HoldPlaced() | HoldReleased() | RetentionChanged() | RetentionApplied():
            return _keeping(event)
        case never:
            assert_never(never)


def _keeping(event: SubjectErased | HoldPlaced | HoldReleased | RetentionChanged | RetentionApplied) -> str:
    match event:
        case SubjectErased():
            return f"{event.tenant}/{event.subject} erased for {shown(event.approver)}: {shown(event.reason)}"
        case HoldPlaced():
            return f"a legal hold lies on it: {shown(event.reason)}"
        case HoldReleased():
            return f"no legal hold lies on it any more: {shown(event.reason)}"
        case RetentionChanged():
            kept = "ever" if event.days is None else counted(event.days, "day")
            return f"what {event.tenant} has archived is kept for {kept}: {shown(event.reason)}"
        case RetentionApplied():
            what = f"events 1 to {event.upto} pruned by run {event.run} for {shown(event.approver)}"
            return f"{what}: {shown(event.reason)}"
        case never:
            assert_never(never)


def _task(event: TaskEvent) -> str:
    match event:
        case TaskCreated():
            whose = f", for {event.agent}" if event.agent else ""
            return f"task {event.task} planned{whose}: {shown(event.title)}"
        case TaskChanged():
            because = f" ({shown(event.reason)})" if event.reason else ""
            return f"task {event.task} is {event.status}, {event.agent or 'nobody'}'s: {shown(event.title)}{because}"
        case TaskArchived():
            return f"task {event.task} archived: {shown(event.reason)}"
        case never:
            assert_never(never)


def _webhook(event: WebhookEvent) -> str:
    match event:
        case WebhookAdded() | WebhookChanged():
            done = "added" if isinstance(event, WebhookAdded) else "changed"
            return f"webhook {event.webhook} {done}: {', '.join(event.kinds)} to {shown(event.url)}"
        case WebhookRemoved():
            return f"webhook {event.webhook} removed"
        case WebhookRotated():
            return f"webhook {event.webhook} has a new secret, the old one counts {event.overlap_seconds} s more"
        case WebhookTested():
            return f"webhook {event.webhook} tested"
        case WebhookEnded():
            return f"webhook {event.webhook} has ended: {shown(event.reason)}"
        case never:
            assert_never(never)


def _slot(event: SlotEvent) -> str:
    match event:
        case SlotRequested():
            return f"{event.agent} waits for a slot, {event.wait_seconds} s at most"
        case SlotGranted():
            return f"{event.agent} may run, lease {event.lease_seconds} s"
        case SlotRefused():
            return f"{event.agent} waits no longer: {shown(event.reason)}"
        case SlotLeft():
            return f"{event.agent} gave up waiting"
        case SlotRenewed():
            return f"{event.agent} may run for {event.term_seconds} s more"
        case SlotFinished():
            return (
                f"{event.agent} is done" if event.failure is None else f"{event.agent} failed: {shown(event.failure)}"
            )
        case SlotFailed():
            return f"{event.agent} failed: {shown(event.failure)}"
        case SlotExpired():
            why = ", its term was over" if event.reason == "term" else ""
            return f"the slot of {event.agent} expired{why}, last seen {to_second(event.last_seen)}"
        case never:
            assert_never(never)


def _resolution(event: ResolutionEvent) -> str:
    match event:
        case ResolutionRequested():
            return f"{event.resolution} for {event.conflict} ({event.strategy}): {shown(event.reason)}"
        case ResolutionProposed():
            return f"{event.resolution} for {event.conflict} asks {', '.join(event.agents)}: {shown(event.text)}"
        case ResolutionAnswered():
            why = f": {shown(event.reason)}" if event.reason else ""
            return f"{event.agent} answers {event.resolution}: {event.answer}{why}"
        case ResolutionApplied(seconds=None):
            gone = f", {', '.join(event.cleared)} cleared" if event.cleared else ""
            changed = ", ".join(f"{each.declaration.artifact} v{each.declaration.version}" for each in event.amendments)
            return f"{event.resolution} applied: {changed}{gone}"
        case ResolutionApplied():
            return f"{event.conflict} waived for {event.seconds} s: {shown(event.reason)}"
        case ResolutionRefused():
            return f"{event.resolution} for {event.conflict} came to nothing: {shown(event.reason)}"
        case ResolutionFailed():
            return f"{event.resolution} for {event.conflict} failed: {shown(event.reason)}"
        case WaiverExpired():
            return f"the waiver of {event.conflict} is over"
        case never:
            assert_never(never)


def _alert(event: AlertEvent) -> str:
    match event:
        case AlertRaised():
            return f"{event.alert} ({event.severity}): {shown(event.text)}"
        case AlertAcknowledged():
            return f"{event.alert} taken in hand: {shown(event.reason)}"
        case AlertCleared():
            return f"{event.alert} is over: {shown(event.reason)}"
        case LetterRetried():
            return f"dead letter {event.letter} is tried again: {shown(event.reason)}"
        case LetterDropped():
            return f"dead letter {event.letter} dropped: {shown(event.reason)}"
        case never:
            assert_never(never)


def _declaration(event: ArtifactDeclared | ArtifactAmended) -> str:
    verb = "declared" if isinstance(event, ArtifactDeclared) else "amended"
    needs = counted(len(event.dependencies), "need")
    return f"{event.artifact} v{event.version} {verb} ({event.type}), {needs}, {counted(len(event.paths), 'path')}"


def _checked(event: CompatibilityChecked) -> str:
    about = f"what stood declared at event {event.sequence}"
    match event.verdict:
        case "compatible":
            return f"{about} can be installed together, {counted(event.packages, 'package')} in all"
        case "conflict":
            return f"{about} cannot be installed together"
        case "unknown":
            why = f": {shown(event.reasons[0])}" if event.reasons else ""
            return f"whether {about} can be installed together is unknown{why}"


def _warned(warnings: tuple[str, ...]) -> str:
    return f" ({counted(len(warnings), 'warning')})" if warnings else ""
