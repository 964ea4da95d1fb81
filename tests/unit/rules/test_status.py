"""A status tells all that whoever asks may have to act on."""

from psmp.rules.project import Project
from psmp.rules.status import describe
from psmp.words.answers import AlertStatus, ResolutionStatus, SlotStatus, WaitingStatus, WaiverStatus
from psmp.words.events import (
    AlertAcknowledged,
    AlertRaised,
    ArtifactDeclared,
    Event,
    ResolutionAnswered,
    ResolutionApplied,
    ResolutionProposed,
    ResolutionRequested,
    SlotGranted,
    SlotRequested,
)
from psmp.words.values import Change, Limits, Severity
from tests.histories import KEY, conflict, created, declared, detected, identity
from tests.unit.rules.folding import told

CHANGE = Change(artifact="web", agent="ada", name="numpy", constraint=">=2")


def at(number: int) -> str:
    return f"2026-11-18T00:00:00.{number:03}000Z"


def project(*events: Event) -> Project:
    begun = (created(), declared("web"), declared("api"), detected("api", conflict(1, "api", "web")))
    return told(*(("ada", event) for event in (*begun, *events)))


def test_slots_tell_their_terms_and_limits_by_agent_and_age() -> None:
    limits = Limits(memory_mb=512)
    granted = SlotGranted(agent="bob", lease_seconds=9, term_seconds=60, limits=limits)
    status = describe(KEY, project(granted, SlotGranted(agent="ada", lease_seconds=9)))
    assert status.slots == (
        SlotStatus(agent="ada", fence=6, since=at(6), lease_seconds=9, declared=False, renewed=at(6)),
        SlotStatus(
            agent="bob",
            fence=5,
            since=at(5),
            lease_seconds=9,
            declared=False,
            renewed=at(5),
            term_seconds=60,
            limits=limits,
        ),
    )


def test_who_waits_is_told_in_the_order_of_the_queue() -> None:
    asked = SlotRequested(agent="zoe", wait_seconds=60), SlotRequested(agent="bob", wait_seconds=9)
    assert describe(KEY, project(*asked)).waiting == (
        WaitingStatus(agent="zoe", request=identity(5), since=at(5), wait_seconds=60),
        WaitingStatus(agent="bob", request=identity(6), since=at(6), wait_seconds=9),
    )


def test_each_open_conflict_has_the_sequence_as_of_which_it_can_be_accepted() -> None:
    assert describe(KEY, project()).told == {"C-1": 4}


def test_a_resolution_tells_who_has_yet_to_answer() -> None:
    asked = ResolutionRequested(resolution="R-1", conflict="C-1", strategy="accept", reason="go", suggestion=1)
    proposed = ResolutionProposed(
        resolution="R-1", conflict="C-1", changes=(CHANGE,), agents=("bob", "eve"), seconds=60, text="web"
    )
    answered = ResolutionAnswered(resolution="R-1", agent="bob", answer="yes")
    requested = ResolutionStatus(
        resolution="R-1", conflict="C-1", strategy="accept", stage="requested", by="ada", reason="go", since=at(5)
    )
    assert describe(KEY, project(asked)).resolutions == (requested,)
    assert describe(KEY, project(asked, proposed, answered)).resolutions == (
        requested.model_copy(
            update={
                "stage": "proposed",
                "since": at(6),
                "changes": (CHANGE,),
                "agents": ("bob", "eve"),
                "unanswered": ("eve",),
                "seconds": 60,
            }
        ),
    )


def test_a_waiver_tells_until_when_it_holds() -> None:
    asked = ResolutionRequested(resolution="R-1", conflict="C-1", strategy="waive", reason="not live", seconds=3600)
    waived = ResolutionApplied(resolution="R-1", conflict="C-1", strategy="waive", reason="not live", seconds=3600)
    assert describe(KEY, project(asked, waived)).waivers == (
        WaiverStatus(
            conflict="C-1",
            resolution="R-1",
            by="ada",
            reason="not live",
            since=at(6),
            until="2026-11-18T01:00:00.006000Z",
        ),
    )


def test_alerts_tell_who_has_them_in_hand() -> None:
    raised = AlertRaised(
        alert="conflict-C-1", severity=Severity.HIGH, text="decide", hint="so", person=True, conflict="C-1"
    )
    told_so = AlertStatus(
        alert="conflict-C-1",
        severity=Severity.HIGH,
        text="decide",
        hint="so",
        person=True,
        since=at(5),
        conflict="C-1",
    )
    assert describe(KEY, project(raised)).alerts == (told_so,)
    taken = AlertAcknowledged(alert="conflict-C-1", reason="mine")
    assert describe(KEY, project(raised, taken)).alerts == (told_so.model_copy(update={"taken": "ada"}),)


def test_an_artifact_tells_whether_others_may_change_it() -> None:
    flexible = ArtifactDeclared(artifact="cli", version=1, type="code", flexible=True)
    assert [each.flexible for each in describe(KEY, project(flexible)).artifacts] == [None, None, True]


def test_a_status_is_read_back_as_it_was_written() -> None:
    status = describe(KEY, project(SlotRequested(agent="zoe", wait_seconds=60)))
    assert type(status).model_validate_json(status.model_dump_json()) == status
