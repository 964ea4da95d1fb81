"""One project with all its services, that can be written to, asked, and forked to see what could become of it.

``write`` holds everything that is written against what may follow what, whoever wrote it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from psmp.ledger.notes import Kind, Signer
from psmp.log.folds import PROJECT_FOLD
from psmp.log.view import Answers, View
from psmp.rules import resolutions, slots
from psmp.rules.lifecycle import TRANSITIONS, WORKING
from psmp.rules.project import Project
from psmp.rules.resolutions import ResolutionEvent
from psmp.rules.slots import SlotEvent
from psmp.rules.trial import SOLVED
from psmp.words.commands import Command
from psmp.words.envelope import written
from psmp.words.events import (
    AlertRaised,
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    CommandRefused,
    CompatibilityStarted,
    Event,
    LetterRetried,
    ProjectRecovering,
    ProjectTransitioned,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
    ResolutionRequested,
    SlotGranted,
    SlotRenewed,
    SlotRequested,
    WaiverExpired,
)
from psmp.words.refusals import Refused
from psmp.words.values import Phase
from psmp_checker.docket import DOCKET_FOLD, Docket
from psmp_checker.rules import judge
from psmp_intake.rules import decide
from psmp_intake.rules.assignments import Heard
from psmp_keeper.rules import due
from psmp_orchestrator import rules as orchestrator
from psmp_resolver.rules import ACTOR, Anew, next_word
from psmp_watchdog.rules import sweep
from tests.histories import KEY, History

MOST_WORDS: Final = 200
"""So much the services may have to say about one thing; more would be for ever."""

SIGNER: Final = Signer("psmp.localhost/dispatch", Kind.LOG, bytes(32))
TERMS: Final = orchestrator.Terms(str(SIGNER.verifier), 60)
CHECKPOINT: Final = f"1000000 {'0' * 64}"
"""As if the ledger had everything already."""

GRACE: Final = 5
"""Seconds after its lease within which the slot of a silent agent is free."""

BEGINNINGS: Final = (
    *(ArtifactDeclared, ArtifactAmended, ArtifactWithdrawn, CompatibilityStarted, ProjectTransitioned),
    *(SlotGranted, SlotRequested, SlotRenewed, ResolutionRequested, ResolutionProposed, ResolutionApplied),
)
"""What never happens in a project that was given up; all else only ends what had begun."""


@dataclass
class World:
    """The log, both folds, the time, when each agent was heard, the last word to begin anew, what came to nothing."""

    history: History = field(default_factory=History)
    project: View[Project | None] = field(default_factory=lambda: View(KEY, PROJECT_FOLD))
    docket: View[Docket] = field(default_factory=lambda: View(KEY, DOCKET_FOLD))
    now: datetime = datetime(2026, 11, 18, tzinfo=UTC)
    beats: dict[str, datetime] = field(default_factory=dict)
    anew: Anew | None = None
    failures: dict[str, int] = field(default_factory=dict)

    @property
    def state(self) -> Project:
        """The project as it stands."""
        assert self.project.state is not None
        return self.project.state

    def fork(self) -> "World":
        """Another world that goes on from here."""
        copy = World(
            History(head=self.history.head),
            now=self.now,
            beats=dict(self.beats),
            anew=self.anew,
            failures=self.failures,
        )
        copy.project.state, copy.project.head = self.project.state, self.project.head
        copy.project.answers = Answers.load(self.project.answers.dump())
        copy.docket.state = DOCKET_FOLD.load(DOCKET_FOLD.dump(self.docket.state))
        copy.docket.head = self.docket.head
        return copy

    def write(self, event: Event, actor: str, cause: str | None = None, *, service: str = "intake") -> None:
        """Append it, fold it, and see that it was allowed to follow."""
        self.now += timedelta(milliseconds=1)
        before = self.project.state
        record = self.history.add(event, actor, cause, service=service, time=written(self.now))
        self.project.advance(record)
        self.docket.advance(record)
        if isinstance(event, ProjectRecovering) and event.step == "retry":
            self.anew = Anew(written(self.now))
        if isinstance(event, LetterRetried):  # as if it were about what became of the first conflict
            self.anew = Anew(written(self.now), "C-1")
        if before is not None:
            lawful(before, event)
            if isinstance(event, ResolutionApplied):
                resolving(before, event, self.state)
            if isinstance(event, ResolutionRequested) and event.strategy == "auto":
                patient(self.failures[event.conflict], before.resolutions.records[event.conflict].failed, self.now)
            self.failures = counted(self.failures, before, event, self.state)
            records = self.state.resolutions.records
            assert {name: each.failures for name, each in records.items()} == self.failures

    def ask(self, agent: str, command: Command) -> bool:
        """Whether intake did what ``agent`` asks for."""
        answer = decide(self.project.state, agent, command, Heard(KEY, written(self.now)))
        if isinstance(answer, Refused):
            assert answer.reason
            self.write(CommandRefused(command=command.KIND, code=answer.code, reason=answer.reason), agent)
            return False
        self.write(answer, agent)
        return True

    def check(self, case: str) -> None:
        """The checker's verdict on one change."""
        verdict = judge(self.docket.state, case)
        if verdict is not None:
            self.write(verdict, "psmp_checker", case.partition("/")[0], service="checker")
            assert judge(self.docket.state, case) is None, "a verdict is given once"

    def keep(self) -> bool:
        """Whether the keeper had something to say."""
        event = due(self.state)
        if event is not None:
            self.write(event, "psmp_keeper", getattr(event, "request", None), service="keeper")
        return event is not None

    def resolve(self) -> bool:
        """Whether the resolver had something to say."""
        word = next_word(self.state, self.now, self.anew)
        if word is not None:
            cause = word.attempt.command if word.attempt else None
            self.write(word.event, ACTOR, cause, service="resolver")
        return word is not None

    def watch(self) -> bool:
        """Whether the watchdog had something to say."""
        word = sweep(self.state, self.beats, self.now)
        if word is not None:
            self.write(word.event, "psmp_watchdog", word.command, service="watchdog")
        return word is not None

    def orchestrate(self) -> bool:
        """Whether the orchestrator had something to say; settled is what a checkpoint of this very size covers."""
        events = orchestrator.due(self.state, written(self.now), TERMS) or orchestrator.settled(self.state, CHECKPOINT)
        for event in events:
            self.write(event, orchestrator.ACTOR, service="orchestrator")
        return bool(events)

    def rest(self, *, watch: bool = True) -> None:
        """Let every service say all that it has to say; at some time that is all."""
        for _ in range(MOST_WORDS):
            judged = [case for case in sorted(self.docket.state.pending) if judge(self.docket.state, case)]
            if judged:
                self.check(judged[0])
            elif not (self.keep() or self.resolve() or self.orchestrate() or (watch and self.watch())):
                return
        raise AssertionError("the services never come to rest")


def lawful(before: Project, event: Event) -> None:
    """See that ``event`` may follow on ``before``, by the tables and the promises alone."""
    if before.phase is Phase.ARCHIVED:
        assert not isinstance(event, BEGINNINGS), "given up, but what had begun gets its end"
    if isinstance(event, ProjectTransitioned):
        assert event.origin is before.phase
        assert event.to in TRANSITIONS[event.origin]
        if event.to is Phase.COMPLETED:
            assert {each.status for each in before.tasks.values()} <= {"DONE", "ARCHIVED"}
    if isinstance(event, SlotEvent):
        assert type(event) in slots.FOLLOWS[slot_stage(before, event)]
    if isinstance(event, ResolutionEvent):
        assert type(event) in resolutions.FOLLOWS[resolution_stage(before, event)]
    if isinstance(event, AlertRaised):
        assert event.alert not in before.alerts, "while it is open it is raised once"
    if isinstance(event, SlotGranted):
        fair(before, event)
    if isinstance(event, ResolutionApplied) and event.seconds is not None:
        assert event.conflict in before.conflicts, "a waiver is for an open conflict"


def resolving(before: Project, applied: ResolutionApplied, after: Project) -> None:
    """See that what was applied does what it is for, and all who have a say agree.

    It waives its conflict or clears it, and makes no other.
    """
    if applied.seconds is not None:
        assert applied.conflict in after.resolutions.waivers
    elif before.conflicts[applied.conflict].kind not in SOLVED:
        assert applied.conflict not in after.conflicts
    attempt = before.resolutions.attempts[applied.resolution]
    agreed = {attempt.by, *(agent for agent, reply in attempt.replies.items() if reply.answer != "no")}
    decides = attempt.by in {"ada", *(before.policy.resolvers or ())} and attempt.strategy not in {"retry", "auto"}
    for each in applied.amendments:
        artifact = before.artifacts[each.declaration.artifact]
        assert each.agent == artifact.agent
        assert decides or artifact.declaration.flexible or artifact.agent in agreed, "nobody is passed over"
    assert after.conflicts.keys() <= before.conflicts.keys()


def counted(failures: Mapping[str, int], before: Project, event: Event, after: Project) -> dict[str, int]:
    """How often it came to nothing with each conflict, since it is what it is or was begun anew: an account apart."""
    counts = dict(failures)
    if isinstance(event, ResolutionRequested) and event.strategy == "retry":
        counts[event.conflict] = 0
    if isinstance(event, ResolutionFailed | ResolutionRefused) and event.conflict in counts:
        counts[event.conflict] += 1
    now = after.conflicts
    return {name: counts.get(name, 0) if before.conflicts.get(name) == now[name] else 0 for name in now}


def patient(failures: int, failed: str, now: datetime) -> None:
    """See that what came to nothing is tried again three times at most, after 1, 2 and 4 s."""
    assert failures <= 3
    if failures:
        assert now - datetime.fromisoformat(failed) >= timedelta(seconds=2 ** (failures - 1))


def fair(before: Project, grant: SlotGranted) -> None:
    """See that this grant is safe, within the policy, and overtakes nobody who could have been served."""
    assert before.phase in WORKING
    assert before.blockers == ()
    assert before.slots.has_room(grant.agent, before.policy)
    ahead = before.slots.queue
    if grant.request is not None:
        places = [each.request for each in ahead]
        ahead = ahead[: places.index(grant.request)]
    assert not any(before.slots.has_room(each.agent, before.policy) for each in ahead), "nobody is overtaken"


def slot_stage(before: Project, event: SlotEvent) -> slots.Stage:
    """How far the wish is that ``event`` is about."""
    request, fence = getattr(event, "request", None), getattr(event, "fence", None)
    if any(each.request == request for each in before.slots.queue):
        return slots.Stage.WAITING
    return slots.Stage.RUNNING if fence in before.slots.held else slots.Stage.NONE


def resolution_stage(before: Project, event: ResolutionEvent) -> resolutions.Stage:
    """How far the resolution is that ``event`` is about."""
    attempt = before.resolutions.attempts.get(event.resolution)
    if attempt is not None:
        return resolutions.Stage[attempt.stage.upper()]
    waived = isinstance(event, WaiverExpired) and event.conflict in before.resolutions.waivers
    return resolutions.Stage.APPLIED if waived else resolutions.Stage.NONE


def in_time(world: World) -> None:
    """See that nobody has more time than it was given, once the watchdog has said all that it has to say."""
    for slot in world.state.slots.held.values():
        heard = max(datetime.fromisoformat(slot.time), world.beats.get(slot.agent, datetime.min.replace(tzinfo=UTC)))
        assert world.now - heard <= timedelta(seconds=slot.lease_seconds + GRACE)
        assert _age(world, slot.renewed) <= (slot.term_seconds or 0)
    assert all(_age(world, waiting.time) <= waiting.wait_seconds for waiting in world.state.slots.queue)
    assert all(_age(world, waiver.time) <= waiver.seconds for waiver in world.state.resolutions.waivers.values())


def _age(world: World, since: str) -> float:
    return (world.now - datetime.fromisoformat(since)).total_seconds()
