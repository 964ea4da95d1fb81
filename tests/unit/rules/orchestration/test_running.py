"""Who may start, who waits, what is done again, and what only a person can say."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from psmp.rules.orchestration.canonical import digest
from psmp.rules.orchestration.deciding import correction, denied, due, for_a_person, held_up, may_change
from psmp.rules.orchestration.running import FOLLOWS, STATES, declared, diagram, evolve
from psmp.rules.orchestration.settling import outcome
from psmp.rules.orchestration.stored import kept, restored
from psmp.words.orchestration.checks import Evidence
from psmp.words.orchestration.codes import Denied, Gs
from psmp.words.orchestration.facts import (
    FACTS,
    CorrectionPack,
    Fact,
    MaegCreated,
    PdoAgentFinalized,
    PdoOrchAggregated,
    SubPacDispatched,
    SubPacExecuted,
    SubPacFailed,
    SubPacIssued,
    SubPacStarted,
)
from psmp.words.refusals import Code
from tests.unit.rules.orchestration.graphs import agent, document, fan, flows, waits
from tests.unit.rules.orchestration.play import (
    BAD,
    Play,
    by_ann,
    chain,
    created,
    dispatches,
    started,
)

DOCS = Path(__file__).parents[4] / "docs" / "orchestration.md"


def test_nobody_runs_before_the_graph_is_registered_and_it_is_registered_once() -> None:
    issue = SubPacIssued(maeg="MAEG-P1", node="n1", sub_pac="Sub-PAC-P1-A1", attempt=1)
    refused = denied(None, issue)
    assert refused == Denied(Code.ILLEGAL_TRANSITION, "no graph is registered")
    assert denied(None, created(fan())) is None
    assert Play(fan()).refuses(created(fan())) == "this graph is registered"
    with pytest.raises(ValueError, match="begins with its graph"):
        evolve(None, issue)


def test_roots_go_at_once_and_others_when_all_before_them_have_passed() -> None:
    play = started()
    assert play.states == "DISPATCHED DISPATCHED ISSUED"
    assert [fact.node for fact in play.facts if isinstance(fact, SubPacDispatched)] == ["n1", "n2"]
    early = SubPacDispatched(maeg="MAEG-P1", node="n3", attempt=1, inputs=digest({}))
    assert play.refuses(early, Gs.DISPATCH_DEPENDENCY_UNMET) == "n3 waits for sync, n1, n2"
    play.done("n2")
    assert play.run.unmet("n3") == ("sync", "n1")
    assert play.state("n3") == "ISSUED"
    play.done("n1")
    assert play.states == "COMPLETE COMPLETE DISPATCHED"
    assert play.run.work["n3"].values == {"one": 1, "two": 1}


def test_a_blocked_project_dispatches_nothing() -> None:
    play = Play(fan())
    play.say(*due(play.run))
    assert due(play.run, blocked=True) == ()
    first = due(play.run)[0]
    assert play.refuses(first, Code.PROJECT_BLOCKED, blocked=True).endswith("nothing is dispatched")


def test_a_node_is_dispatched_once_for_each_attempt_and_with_its_inputs() -> None:
    play = started()
    again = next(fact for fact in play.facts if isinstance(fact, SubPacDispatched))
    assert play.refuses(again) == "n1 is DISPATCHED"
    play = Play(fan())
    play.say(*due(play.run))
    play.refuses(SubPacDispatched(maeg="MAEG-P1", node="n1", attempt=1, inputs=digest({"x": 1})))
    play.refuses(SubPacDispatched(maeg="MAEG-P1", node="n1", attempt=2, inputs=digest({})))
    play.refuses(SubPacDispatched(maeg="MAEG-P1", node="sync", attempt=1, inputs=digest({})))


def test_a_failed_review_fails_the_sub_pac_holds_up_who_depends_on_it_and_orders_a_correction() -> None:
    play = started()
    play.executed("n1")
    play.say(play.ber("n1", BAD))
    assert play.state("n1") == "FAILED"
    assert held_up(play.run) == ("n3",)
    (pack,) = due(play.run)
    assert isinstance(pack, SubPacIssued)
    assert pack.correction is not None
    assert [each.check for each in pack.correction.findings] == ["NO_OPEN_CONFLICT"]
    assert pack.attempt == 2
    play.go_on()
    assert play.state("n1") == "DISPATCHED"
    assert held_up(play.run) == ()


def test_what_fails_as_often_as_it_may_goes_to_a_person() -> None:
    play = started(fan(attempts=2))
    for attempt in (1, 2):
        assert play.run.work["n1"].attempt == attempt
        play.say(SubPacFailed(maeg="MAEG-P1", node="n1", attempt=attempt, cause="AGENT_SILENT"))
        play.go_on()
    assert for_a_person(play.run) == ("n1",)
    by_nobody = SubPacIssued(maeg="MAEG-P1", node="n1", sub_pac="Sub-PAC-P1-A1", attempt=3, correction=CorrectionPack())
    assert play.refuses(by_nobody) == "only a person can have n1 done again"
    pack = correction(play.run.work["n1"], by="ann", reason="once more")
    assert (pack.cause, pack.by) == ("AGENT_SILENT", "ann")
    play.say(by_nobody.model_copy(update={"correction": pack}))
    play.go_on()
    for node in ("n1", "n2", "n3"):
        play.done(node)
    assert play.settle().pdo_orch.children[0].attempt == 3


def test_a_pending_review_waits_and_holds_up_what_comes_behind() -> None:
    of = fan()
    of["nodes"][1]["checks"] = [{"check": "HUMAN_REVIEW", "role": "lead", "seconds": 9}]
    play = started(of)
    play.done("n2")
    play.executed("n1")
    play.say(play.ber("n1"))
    assert play.states == "BER_PENDING COMPLETE ISSUED"
    assert due(play.run) == ()
    play.say(play.ber("n1", Evidence(waited_seconds=9)))
    assert play.state("n1") == "FAILED"


def test_a_review_is_not_made_while_one_before_it_has_not_passed() -> None:
    play = started()
    play.done("n1")
    play.done("n2")
    play.executed("n3")
    by_person = CorrectionPack(by="ann", reason="wrong")
    play.say(SubPacIssued(maeg="MAEG-P1", node="n1", sub_pac="Sub-PAC-P1-A1", attempt=2, correction=by_person))
    assert play.refuses(play.ber("n3"), Gs.BER_DEPENDENCY_UNMET) == "n3 waits for sync, n1"


def test_no_review_but_the_one_that_follows_from_the_checks_is_taken() -> None:
    play = started()
    play.executed("n1", out="no number")
    right = play.ber("n1")
    assert right.ber.verdict == "FAIL"
    play.refuses(right.model_copy(update={"ber": right.ber.model_copy(update={"verdict": "PASS"})}))


def test_a_correction_has_only_those_done_again_whose_inputs_changed() -> None:
    of = document(
        [agent(1), agent(2, takes=("i",)), agent(3, takes=("i",)), agent(4)],
        [
            waits("root", "n1"),
            flows("n1", "n2", out="i"),
            flows("n2", "n3", out="i"),
            waits("n1", "n4"),
            waits("n3", "all", "BARRIER"),
            waits("n4", "all", "BARRIER"),
        ],
    )
    play = started(of)
    for node in ("n1", "n2"):
        play.done(node)
    play.executed("n3")
    play.executed("n4")
    assert may_change(play.run.shape, "n1") == ("n1", "n2", "n3")
    anew = SubPacIssued(
        maeg="MAEG-P1",
        node="n1",
        sub_pac="Sub-PAC-P1-A1",
        attempt=2,
        correction=CorrectionPack(by="ann", reason="wrong"),
    )
    play.say(anew)
    play.go_on()
    assert play.states == "DISPATCHED COMPLETE BER_PENDING BER_PENDING"
    play.executed("n1", out=2)
    play.say(play.ber("n1"))
    assert play.run.stale == {"n2"}
    assert due(play.run) == (
        SubPacIssued(maeg="MAEG-P1", node="n2", sub_pac="Sub-PAC-P1-A2", attempt=2, changed=("i",)),
    )
    play.go_on()
    assert play.states == "COMPLETE DISPATCHED BER_PENDING BER_PENDING"
    play.done("n2")
    assert play.run.stale == frozenset()
    play.say(play.ber("n3"), play.ber("n4"))
    play.go_on()
    assert [play.run.work[node].attempt for node in ("n1", "n2", "n3", "n4")] == [2, 2, 1, 1]


def test_what_has_become_stale_and_right_again_is_left_alone() -> None:
    play = started(chain())
    play.done("n1")
    play.done("n2")
    play.executed("n3")
    play.say(by_ann(1, 2), *dispatches(play))
    play.go_on()
    play.executed("n1", out=5)
    play.say(play.ber("n1"))
    assert play.run.stale == {"n2"}
    play.refuses(SubPacIssued(maeg="MAEG-P1", node="n2", sub_pac="Sub-PAC-P1-A2", attempt=2, changed=("x",)))
    play.refuses(
        SubPacIssued(maeg="MAEG-P1", node="n2", sub_pac="Sub-PAC-P1-A2", attempt=2, correction=CorrectionPack())
    )
    play.say(by_ann(1, 3))
    assert play.run.stale == {"n2"}
    assert restored(kept(play.run)) == play.run, "nobody could reckon it now"
    assert due(play.run) == tuple(dispatches(play))
    play.go_on()
    play.done("n1", out=1)
    assert play.run.stale == frozenset()
    play.say(play.ber("n3"))
    play.go_on()
    assert [play.run.work[node].attempt for node in ("n1", "n2", "n3")] == [3, 1, 1]
    play.settle()


def test_nothing_is_final_and_nothing_is_aggregated_on_inputs_that_have_changed() -> None:
    play = started(chain())
    play.done("n1")
    play.done("n2")
    play.executed("n3")
    play.say(play.ber("n3"))
    play.say(PdoAgentFinalized(maeg="MAEG-P1", node="n3", attempt=1, pdo=outcome(play.run, "n3")))
    play.say(by_ann(2, 2))
    play.say(*dispatches(play))
    play.executed("n2")
    play.say(play.ber("n2"), by_ann(1, 2))
    play.say(*dispatches(play))
    play.executed("n1", out=5)
    play.say(play.ber("n1"))
    play.say(PdoAgentFinalized(maeg="MAEG-P1", node="n1", attempt=2, pdo=outcome(play.run, "n1")))
    assert play.run.stale == {"n2"}
    assert play.states == "COMPLETE PDO_PENDING COMPLETE"
    final = PdoAgentFinalized(maeg="MAEG-P1", node="n2", attempt=2, pdo=outcome(play.run, "n2"))
    assert play.refuses(final) == "that is not the outcome of n2"
    whole = PdoOrchAggregated(maeg="MAEG-P1", root="0" * 64)
    assert play.refuses(whole, Gs.PDO_ORCH_INCOMPLETE) == "1 outcomes are not final: n2"
    assert not replace(play.run, complete=3).is_complete


def test_what_may_be_given_other_inputs_once_more_waits_for_them() -> None:
    play = started(chain())
    play.done("n1")
    play.done("n2")
    play.say(by_ann(2, 2))
    play.go_on()
    play.executed("n2", out=7)
    play.say(by_ann(1, 2))
    play.go_on()
    play.executed("n1", out=9)
    play.say(play.ber("n1"))
    assert play.run.stale == {"n2"}
    play.go_on()
    assert play.states == "COMPLETE DISPATCHED DISPATCHED"
    play.done("n2", out=1)
    assert play.run.stale == frozenset()
    play.done("n3")
    assert [play.run.work[node].attempt for node in ("n1", "n2", "n3")] == [2, 3, 1]


def test_who_takes_from_what_is_to_be_done_again_waits_for_it() -> None:
    play = started(chain())
    play.done("n1")
    play.done("n2")
    for number, out in ((2, 7), (1, 9)):
        play.say(by_ann(number, 2))
        play.say(
            SubPacDispatched(maeg="MAEG-P1", node=f"n{number}", attempt=2, inputs=digest(play.run.inputs(f"n{number}")))
        )
        play.executed(f"n{number}", out)
        play.say(play.ber(f"n{number}"))
    assert play.run.stale == {"n2", "n3"}
    assert due(play.run) == (
        SubPacIssued(maeg="MAEG-P1", node="n2", sub_pac="Sub-PAC-P1-A2", attempt=3, changed=("i",)),
    )


def test_only_the_next_attempt_of_the_right_sub_pac_is_issued() -> None:
    play = Play(fan())
    first = SubPacIssued(maeg="MAEG-P1", node="n1", sub_pac="Sub-PAC-P1-A1", attempt=1)
    play.refuses(first.model_copy(update={"sub_pac": "Sub-PAC-P1-A2"}))
    play.refuses(first.model_copy(update={"attempt": 2}))
    play.refuses(first.model_copy(update={"correction": CorrectionPack()}))
    play.refuses(first.model_copy(update={"changed": ("one",)}))
    play.say(first)
    assert play.refuses(first) == "n1 is ISSUED"
    play.go_on()
    play.refuses(first.model_copy(update={"attempt": 2}))
    by_person = first.model_copy(update={"attempt": 2, "correction": CorrectionPack(by="ann")})
    assert play.refuses(by_person) == "n1 is at work"


def test_what_an_attempt_has_declared_is_remembered_once_and_of_no_older_attempt() -> None:
    play = started()
    made = declared(play.run, "n1", 1, "app")
    assert made.of("n1").declared == ("app",)
    assert declared(made, "n1", 1, "app") is made
    assert declared(made, "n1", 2, "other") is made
    assert declared(made, "n1", 1, "other").of("n1").declared == ("app", "other")


def test_a_late_word_on_an_older_attempt_does_not_count() -> None:
    play = started()
    play.say(SubPacStarted(maeg="MAEG-P1", node="n1", attempt=1))
    play.say(SubPacFailed(maeg="MAEG-P1", node="n1", attempt=1, cause="AGENT_SILENT"))
    play.go_on()
    play.say(SubPacStarted(maeg="MAEG-P1", node="n1", attempt=2))
    late = SubPacExecuted(maeg="MAEG-P1", node="n1", attempt=1, fence=1, outputs={"out": 1})
    assert play.refuses(late) == "attempt 1 of n1 is not the one that counts"


def test_the_table_has_a_row_for_every_state_and_every_state_can_be_reached() -> None:
    assert set(FOLLOWS) == {None, *STATES}
    assert {state for row in FOLLOWS.values() for state in row.values()} == set(STATES)


def test_the_ledger_has_one_entry_for_each_of_its_facts() -> None:
    entries = [fact.ENTRY for fact in FACTS if fact.ENTRY is not None]
    assert sorted(entries) == sorted(
        {
            "MAEG_CREATED", "SUB_PAC_ISSUED", "SUB_PAC_DISPATCHED", "SUB_PAC_EXECUTED", "SUB_PAC_FAILED",
            "BER_AGENT_GENERATED", "PDO_AGENT_FINALIZED", "PDO_ORCH_AGGREGATED", "WRAP_ORCH_ACCEPTED",
        }
    )  # fmt: skip


def test_the_documentation_shows_the_table() -> None:
    (shown,) = re.findall(r"```mermaid\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert shown == diagram()


def blank(kind: Any) -> Any:  # noqa: ANN401 - a fact that says nothing
    return kind.model_construct()


@pytest.mark.parametrize("kind", [fact for fact in FACTS if fact is not MaegCreated])
def test_whatever_is_said_of_an_unknown_graph_is_refused(kind: type[Fact]) -> None:
    refused = denied(None, blank(kind))
    assert refused is not None
