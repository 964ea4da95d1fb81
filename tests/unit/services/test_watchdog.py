"""What the watchdog decides, as of a given moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from psmp.rules.project import Project, evolve
from psmp.words.envelope import written
from psmp.words.events import (
    AgentReturned,
    AgentSilenced,
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    Event,
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
    SlotExpired,
    SlotFinished,
    SlotGranted,
    SlotRefused,
    SlotRequested,
    WaiverExpired,
)
from psmp.words.values import Change, Phase, Policy, Severity, Target
from psmp_watchdog.glance import evolve as glance
from psmp_watchdog.glance import kept
from psmp_watchdog.rules import Beats, Finding, sweep
from psmp_watchdog.rules.recovery import ALERT
from tests.unit.services.history import (
    BLOCKED,
    CREATED,
    PLANNED,
    STARTED,
    Said,
    accepted,
    clash,
    cleared,
    declared,
    detected,
    envelopes,
    project,
)

START = datetime(2026, 11, 21, 10, tzinfo=UTC)
GRANTED = SlotGranted(agent="coder", lease_seconds=90)
WAITING = SlotRequested(agent="coder", wait_seconds=600)
CHANGE = Change(artifact="api", agent="coder", name="pandas", constraint=">=2")
ASKED = ResolutionRequested(resolution="R-1", conflict="C-1", strategy="accept", reason="so", changes=(CHANGE,))
PROPOSED = ResolutionProposed(
    resolution="R-1", conflict="C-1", changes=(CHANGE,), agents=("coder", "tester"), seconds=30, text="so"
)
ASKED_BY_US = ("psmp_resolver", ResolutionRequested(resolution="R-1", conflict="C-1", strategy="auto", reason="so"))
FAILED = ResolutionFailed(resolution="R-1", conflict="C-1", reason="so")
CLASHING = (PLANNED, declared("api", "pandas>=2"), detected("api", clash("C-1", "api")), BLOCKED)
"""Blocked since second 5."""


def to_and_fro(origin: Phase, to: Phase) -> ProjectTransitioned:
    return ProjectTransitioned(origin=origin, to=to, reason="so")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def time(seconds: int) -> str:
    return f"2026-11-21T10:{seconds // 60:02}:{seconds % 60:02}.000000Z"


def swept(history: tuple[Said, ...], beats: Beats, seconds: float) -> Event | None:
    finding = found(history, beats, seconds)
    return finding.event if finding else None


def found(history: tuple[Said, ...], beats: Beats, seconds: float) -> Finding | None:
    return sweep(project(*history), beats, at(seconds))


def everything(history: list[Said], beats: Beats, seconds: float) -> list[Event]:
    """All that is said, one after another, as of one moment; the history gets it too."""
    said: list[Event] = []
    while event := swept(tuple(history), beats, seconds):
        said.append(event)
        history.append(event)
        assert len(said) < 20
    return said


def test_who_holds_a_slot_and_is_silent_is_suspected_and_two_seconds_later_the_slot_is_free() -> None:
    history: tuple[Said, ...] = (PLANNED, GRANTED)  # granted at second 3
    assert swept(history, {}, 93) is None
    silenced = swept(history, {}, 94)
    assert silenced == AgentSilenced(agent="coder", last_seen=time(3))
    assert swept((*history, silenced), {}, 95) is None
    assert swept((*history, silenced), {}, 96) == _expired(3)
    assert swept((*history, silenced), {"coder": at(95)}, 96) == AgentReturned(agent="coder", last_seen=time(95))
    assert swept(history, {"coder": at(60)}, 150) is None


def _expired(last: int) -> SlotExpired:
    return SlotExpired(agent="coder", last_seen=time(last), fence=3, reason="silent")


def test_a_slot_ends_with_its_term_however_alive_its_agent_is() -> None:
    history = (PLANNED, SlotGranted(agent="coder", lease_seconds=90, term_seconds=300))
    assert swept(history, {"coder": at(303)}, 303) is None
    over = SlotExpired(agent="coder", last_seen=time(303), fence=3, reason="term")
    assert swept(history, {"coder": at(303)}, 304) == over


def test_a_silent_agent_is_told_once_and_again_when_it_returns() -> None:
    silenced = AgentSilenced(agent="coder", last_seen=time(10))
    assert swept((PLANNED,), {"coder": at(10)}, 100) is None
    assert swept((PLANNED,), {"coder": at(10)}, 101) == silenced
    assert swept((PLANNED, silenced), {"coder": at(10)}, 500) is None
    returned = swept((PLANNED, silenced), {"coder": at(499)}, 500)
    assert returned == AgentReturned(agent="coder", last_seen=time(499))
    assert swept((PLANNED, silenced, returned), {"coder": at(499)}, 500) is None


def test_who_waits_and_is_silent_or_has_waited_long_enough_is_refused_and_told() -> None:
    history = (PLANNED, WAITING)  # asked at second 3
    request = project(*history).slots.queue[0].request
    assert found(history, {}, 93) is None
    reason = "coder was not heard for more than 90 s"
    event = SlotRefused(agent="coder", request=request, reason=reason)
    assert found(history, {}, 94) == Finding(event, request, "coder")
    beats = {"coder": at(602)}
    assert found(history, beats, 603) is None
    event = SlotRefused(agent="coder", request=request, reason="no slot was free for 600 s")
    assert found(history, beats, 604) == Finding(event, request, "coder")
    assert found((*history, event), beats, 604) is None


def test_a_proposal_that_nobody_answers_in_time_is_refused_and_who_asked_is_told() -> None:
    history = (*CLASHING, ASKED, PROPOSED)  # proposed at second 7
    command = project(*history).resolutions.attempts["R-1"].command
    assert found(history, {}, 37) is None
    reason = "coder, tester did not answer within 30 s"
    refused = ResolutionRefused(resolution="R-1", conflict="C-1", reason=reason)
    assert found(history, {}, 38) == Finding(refused, command, "coder")
    yes = ResolutionAnswered(resolution="R-1", agent="coder", answer="yes")
    reason = "tester did not answer within 30 s"
    refused = ResolutionRefused(resolution="R-1", conflict="C-1", reason=reason, agent="tester")
    assert swept((*history, yes), {}, 38) == refused
    both = ResolutionAnswered(resolution="R-1", agent="tester", answer="yes")
    assert swept((*history, yes, both), {}, 38) is None


def test_a_request_that_was_not_proposed_has_no_time_to_be_answered() -> None:
    assert swept((*CLASHING, ASKED), {}, 3000) is None


def test_a_waiver_ends_when_its_time_is_over() -> None:
    waived = ResolutionApplied(resolution="R-1", conflict="C-1", strategy="waive", reason="so", seconds=100)
    history = (*CLASHING, ASKED, waived)  # waived at second 7
    assert swept(history, {}, 107) is None
    expired = WaiverExpired(conflict="C-1", resolution="R-1")
    assert swept(history, {}, 108) == expired
    assert swept((*history, expired), {}, 108) is None


def test_a_project_is_stalled_when_it_does_not_get_on_for_longer_than_its_policy_allows() -> None:
    history = (PLANNED, STARTED)  # in progress since second 3
    assert swept(history, {}, 3603) is None
    stalled = ProjectStalled(phase=Phase.IN_PROGRESS, since=time(3))
    assert swept(history, {}, 3604) == stalled


class Story:
    """A project whose events have the times at which they are said."""

    def __init__(self, stall: int) -> None:
        policy = Policy(stall_seconds=stall)
        self._said: list[tuple[float, Said]] = [(0, ProjectCreated(name="quick", targets=(Target(),), policy=policy))]
        self.say(0, PLANNED)

    def say(self, seconds: float, *events: Said) -> None:
        self._said += [(seconds, event) for event in events]

    def sweep(self, seconds: float) -> list[str]:
        """What is said at that moment, in short; it becomes part of the story."""
        told: list[str] = []
        while finding := sweep(self._project(), {}, at(seconds)):
            self.say(seconds, finding.event)
            told.append(finding.event.step if isinstance(finding.event, ProjectRecovering) else finding.event.KIND)
        return told

    def _project(self) -> Project:
        state: Project | None = None
        for (seconds, _), envelope in zip(self._said, envelopes(*(each for _, each in self._said)), strict=True):
            state = evolve(state, envelope.model_copy(update={"time": written(at(seconds))}))
        assert state is not None
        return state


def test_a_busy_project_is_not_stuck_however_long_it_is_in_one_phase() -> None:
    story = Story(stall=100)
    for hour in range(1, 20):
        assert story.sweep(90 * hour) == []
        story.say(90 * hour, declared("api", version=hour))
    assert story.sweep(90 * 19 + 101) == ["project.stalled", "recheck"]


def test_a_stuck_project_is_checked_again_then_tried_again_then_laid_before_a_person() -> None:
    story = Story(stall=100)
    story.say(1, *CLASHING[1:])
    assert story.sweep(101) == []
    assert story.sweep(101.5) == ["project.stalled", "recheck"]
    assert story.sweep(126.5) == []
    assert story.sweep(127) == ["retry"]
    story.say(130, ASKED_BY_US, to_and_fro(Phase.BLOCKED, Phase.RESOLVING))
    story.say(131, FAILED, to_and_fro(Phase.RESOLVING, Phase.BLOCKED))
    assert story.sweep(152) == []
    assert story.sweep(153) == ["escalate", "alert.raised"]
    assert story.sweep(9_999) == []
    story.say(10_000, cleared("api", "C-1", version=1))
    assert story.sweep(10_001) == ["alert.cleared"]


def test_a_reason_says_since_when_and_what_is_missing() -> None:
    history: list[Said] = [*CLASHING, declared("web")]
    reasons = [event.reason for event in everything(history, {}, 9000) if isinstance(event, ProjectRecovering)]
    since = f"nothing has come of it since {time(6)}"
    assert reasons == [
        f"{since}; without a verdict: web",
        f"{since}; still open: C-1",
        f"{since}, though it was tried: recheck, retry",
    ]


def test_without_a_conflict_there_is_nothing_to_be_tried_again() -> None:
    steps = [event.step for event in everything(_stuck(), {}, 9000) if isinstance(event, ProjectRecovering)]
    assert steps == ["recheck", "escalate"]


def _stuck(*more: Said) -> list[Said]:
    return [PLANNED, STARTED, *more]


def test_an_alert_says_what_is_stuck_and_what_to_do_and_is_raised_once() -> None:
    cases: tuple[tuple[list[Said], str, str], ...] = (
        ([PLANNED], "stuck in PLANNING since", "move it on"),
        (_stuck(), "stuck in IN_PROGRESS since", "end it"),
        (_stuck(SlotGranted(agent="coder", lease_seconds=86_400)), "while coder may run", "psmp finish"),
        ([*CLASHING], "blocked by C-1", "psmp status"),
    )
    for history, text, hint in cases:
        beats = {"coder": at(9000)}
        [*_, alert] = everything(history, beats, 9000)
        assert isinstance(alert, AlertRaised)
        assert (alert.alert, alert.person) == (ALERT, True)
        assert text in alert.text
        assert hint in alert.hint
        taken = AlertAcknowledged(alert=ALERT, reason="mine")
        assert swept((*history, taken), beats, 9000) is None
        assert swept((*history, taken), {"coder": at(99_000)}, 99_000) is None


def test_the_alert_is_cleared_when_the_project_gets_on_or_is_over() -> None:
    history = _stuck()
    everything(history, {}, 9000)
    on = (*history, declared("api"))
    assert isinstance(swept(on, {}, 20), AlertCleared)
    done = (*history, ProjectTransitioned(origin=Phase.IN_PROGRESS, to=Phase.COMPLETED, reason="done"))
    gone = swept(done, {}, 9000)
    assert isinstance(gone, AlertCleared)
    assert swept((*done, gone), {}, 99_000) is None


def test_what_lies_before_people_already_is_told_as_stuck_and_nobody_is_called_again() -> None:
    raised = AlertRaised(alert="conflict-C-1", severity=Severity.CRITICAL, text="so", person=True, conflict="C-1")
    history: list[Said] = [*CLASHING, raised, AlertAcknowledged(alert="conflict-C-1", reason="mine")]
    assert [type(event) for event in everything(history, {}, 99_000)] == [ProjectStalled]


def test_many_names_are_not_all_named() -> None:
    history: list[Said] = [PLANNED, *(declared(f"a{number}") for number in range(12))]
    reasons = [event.reason for event in everything(history, {}, 9000) if isinstance(event, ProjectRecovering)]
    assert reasons[0].endswith("without a verdict: a0, a1, a2, a3, a4, a5, a6, a7, a8, a9 and 2 more")


def test_a_finished_project_never_stalls() -> None:
    done = ProjectTransitioned(origin=Phase.IN_PROGRESS, to=Phase.COMPLETED, reason="done")
    assert swept((PLANNED, STARTED, done), {}, 999_999) is None
    assert swept((), {}, 999_999) is None


def test_everything_that_is_due_is_found_one_by_one_and_then_nothing() -> None:
    history: list[Said] = [PLANNED, GRANTED]
    said = everything(history, {"coder": at(4), "other": at(4)}, 7200)
    kinds = [
        AgentSilenced,
        AgentSilenced,
        SlotExpired,
        ProjectStalled,
        ProjectRecovering,
        ProjectRecovering,
        AlertRaised,
    ]
    assert [type(event) for event in said] == kinds
    assert isinstance(project(*history), Project)


STEPS = st.sampled_from(
    [
        *(GRANTED, SlotFinished(agent="coder"), declared("api"), accepted("api"), PLANNED, STARTED),
        *(AgentSilenced(agent="coder", last_seen=time(1)), AgentReturned(agent="coder", last_seen=time(1))),
    ]
)


@given(
    st.lists(STEPS, max_size=8),
    st.dictionaries(st.sampled_from(["coder", "bob"]), st.integers(0, 9000).map(at)),
    st.integers(0, 20_000),
)
def test_a_sweep_always_comes_to_an_end(steps: list[Event], beats: dict[str, datetime], seconds: int) -> None:
    history: list[Said] = [PLANNED, declared("api"), *steps]
    everything(history, beats, seconds)
    assert swept(tuple(history), beats, seconds) is None


def test_a_glance_sees_all_but_declarations_and_what_was_seen_as_a_whole_is_kept() -> None:
    amended = declared("api", "pandas<2", version=2)
    waived = ResolutionApplied(resolution="R-1", conflict="C-1", strategy="waive", reason="so", seconds=100)
    history = (*CLASHING, ASKED, waived, amended, cleared("api", "C-1"))
    seen: Project | None = None
    for envelope in envelopes(CREATED, *history):
        if not envelope.data.KIND.startswith("artifact."):
            seen = glance(seen, envelope)
            assert glance(seen, envelope) is seen
    whole = kept(project(*history))
    assert seen == replace(whole, detected=0, changed=0)  # which no sweep asks for
