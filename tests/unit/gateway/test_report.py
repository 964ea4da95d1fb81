"""What blocks, as requests that can be sent."""

from psmp.words.answers import ResolutionStatus, WaiverStatus
from psmp.words.values import Policy, Severity
from psmp_gateway.rules import report
from tests.unit.cli.examples import BLOCKED, CONFLICT

SINCE = "2026-11-21T10:16:00.000000Z"


def resolution(*unanswered: str) -> ResolutionStatus:
    return ResolutionStatus(
        resolution="R-1",
        conflict=CONFLICT.id,
        strategy="accept",
        stage="proposed" if unanswered else "requested",
        by="ada",
        reason="x",
        since=SINCE,
        agents=unanswered,
        unanswered=unanswered,
    )


WAIVER = WaiverStatus(conflict=CONFLICT.id, resolution="R-2", by="ada", reason="x", since=SINCE, until=SINCE)


def test_a_blocked_project_tells_what_blocks_it_and_every_way_out() -> None:
    found = report.blocked(BLOCKED)
    assert found is not None
    [blocker] = found.blockers
    assert (found.project, found.running, found.waiting) == (
        *("rag-chatbot", ("CoderAgent", "Elder")),
        ("NotebookAgent", "PlannerAgent"),
    )
    assert (blocker.state, blocker.blocking, blocker.waits_for) == ("open", True, ())
    assert [each.body["strategy"] for each in blocker.steps] == [
        *(["accept"] * len(CONFLICT.suggestions)),
        *("retry", "waive", "escalate"),
    ]
    assert {each.href for each in blocker.steps} == {
        f"/api/v1/governance/conflicts/{CONFLICT.id}/resolve?project=rag-chatbot"
    }


def test_who_is_asked_is_named() -> None:
    found = report.blocked(BLOCKED.model_copy(update={"resolutions": (resolution("ada", "bob"),)}))
    assert found is not None
    [blocker] = found.blockers
    assert (blocker.state, blocker.hint, blocker.waits_for) == (
        *("resolving", "R-1 waits for ada, bob"),
        ("ada", "bob"),
    )
    [state] = report.conflicts(BLOCKED.model_copy(update={"resolutions": (resolution(),)}))
    assert state.state == "resolving"


def test_what_is_waived_or_does_not_weigh_enough_blocks_nothing() -> None:
    waived = BLOCKED.model_copy(update={"waivers": (WAIVER,)})
    assert report.blocked(waived) is None
    assert [each.state for each in report.conflicts(waived)] == ["waived"]
    light = CONFLICT.model_copy(update={"severity": Severity.HIGH})
    lenient = BLOCKED.model_copy(update={"conflicts": (light,), "policy": Policy(strict_mode=False)})
    assert (report.blocked(lenient), report.blockers(lenient)) == (None, frozenset())
    assert report.blockers(lenient.model_copy(update={"policy": Policy()})) == {CONFLICT.id}


HEARD = {"CoderAgent": report.Heard(SINCE, leaving=False), "Visitor": report.Heard(SINCE, leaving=True)}


def test_everybody_with_a_part_in_the_project_is_listed() -> None:
    found = {each.agent: each for each in report.agents(BLOCKED, HEARD)}
    assert list(found) == sorted(found)
    assert found["CoderAgent"].artifacts == ("backend",)
    assert found["CoderAgent"].conflicts == (CONFLICT.id,)
    assert (found["DevOpsAgent"].silent, found["Elder"].silent) == (True, False)
    assert (len(found["CoderAgent"].running), len(found["NotebookAgent"].waiting)) == (1, 1)
    assert (found["CoderAgent"].heard, found["NotebookAgent"].heard) == (SINCE, None)
    assert (found["CoderAgent"].leaving, found["Visitor"].leaving, found["Visitor"].artifacts) == (False, True, ())
