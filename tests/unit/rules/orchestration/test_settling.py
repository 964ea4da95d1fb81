"""There is one settlement of the whole, over outcomes that cannot be changed, or none."""

from dataclasses import replace

from psmp.rules.orchestration.deciding import due
from psmp.rules.orchestration.settling import aggregation, inclusion, is_included, outcome, settlement
from psmp.words.orchestration.checks import Made
from psmp.words.orchestration.codes import Denied, Gs
from psmp.words.orchestration.facts import (
    CorrectionPack,
    PdoAgentFinalized,
    PdoOrch,
    PdoOrchAggregated,
    SubPacFailed,
    SubPacIssued,
    WrapOrchAccepted,
)
from tests.unit.rules.orchestration.play import BAD, settled, started


def test_an_outcome_is_what_its_parts_say_and_changes_with_each_of_them() -> None:
    play = started()
    play.executed("n1")
    play.say(play.ber("n1"))
    right = outcome(play.run, "n1")
    play.refuses(PdoAgentFinalized(maeg="MAEG-P1", node="n1", attempt=1, pdo="0" * 64))
    made = Made(artifact="a", version=1, type="code", accepted=True)
    ber = play.ber("n1", BAD).ber
    work = play.run.work["n1"]
    others = [
        replace(work, values={"i": 1}),
        replace(work, outputs={"out": 2}),
        replace(work, ber=ber),
        replace(work, ber=None),
        replace(work, made=(made,)),
        replace(work, attempt=2),
    ]
    hashes = {outcome(replace(play.run, work={**play.run.work, "n1": other}), "n1") for other in others}
    assert len(hashes | {right}) == len(others) + 1
    play.say(SubPacFailed(maeg="MAEG-P1", node="n1", attempt=1, cause="OUTCOME_FAILURE"))
    play.go_on()
    play.executed("n1")
    play.say(play.ber("n1"))
    assert outcome(play.run, "n1") != right


def test_there_is_no_aggregation_before_all_outcomes_are_final() -> None:
    play = started()
    play.done("n1")
    early = PdoOrchAggregated(maeg="MAEG-P1", root="0" * 64)
    assert play.refuses(early, Gs.PDO_ORCH_INCOMPLETE) == "2 outcomes are not final: n2, n3"
    play.done("n2")
    play.executed("n3")
    play.say(play.ber("n3"))
    play.say(*[fact for fact in due(play.run) if isinstance(fact, PdoAgentFinalized)])
    assert play.refuses(early, Gs.PDO_ORCH_INCOMPLETE) == "that is not the root over all outcomes"
    play.go_on()
    assert play.refuses(early) == "all outcomes are aggregated already"


def test_after_the_aggregation_nothing_of_a_node_is_changed() -> None:
    play = settled()
    again = SubPacIssued(
        maeg="MAEG-P1", node="n1", sub_pac="Sub-PAC-P1-A1", attempt=2, correction=CorrectionPack(by="ann")
    )
    assert play.refuses(again).endswith("nothing of them is changed any more")
    assert due(play.run) == ()


def test_there_is_one_settlement_of_the_whole_or_none() -> None:
    play = started()
    early = WrapOrchAccepted(maeg="MAEG-P1", root="0" * 64, checkpoint="x")
    play.refuses(early, Gs.WRAP_PARTIAL_EXECUTION)
    assert isinstance(settlement(play.run), Denied)
    play = settled()
    refused = settlement(play.run)
    assert isinstance(refused, Denied)
    assert refused.code is Gs.WRAP_PARTIAL_EXECUTION
    play.refuses(early, Gs.WRAP_PARTIAL_EXECUTION)
    wrap = play.settle()
    assert [child.sub_pac for child in wrap.pdo_orch.children] == [f"Sub-PAC-P1-A{n}" for n in (1, 2, 3)]
    assert play.run.root is not None
    twice = early.model_copy(update={"root": play.run.root})
    assert play.refuses(twice, Gs.WRAP_PARTIAL_EXECUTION) == "the whole is settled already"


def test_what_settles_names_no_node() -> None:
    for fact in (PdoOrchAggregated, WrapOrchAccepted):
        assert not {"node", "nodes", "children", "sub_pac", "sub_pacs", "attempt"} & set(fact.model_fields)


def test_every_outcome_is_proved_to_stand_under_the_root_and_nothing_else_is() -> None:
    orch = settled().run
    aggregated = aggregation(orch)
    assert isinstance(aggregated, PdoOrch)
    assert aggregated.root == orch.root
    size = len(aggregated.children)
    for index, child in enumerate(aggregated.children):
        proof = inclusion(aggregated, index)
        assert is_included(child.pdo, index, size, proof, aggregated.root)
        assert not is_included("0" * 64, index, size, proof, aggregated.root)
        assert not is_included(child.pdo, (index + 1) % size, size, proof, aggregated.root)
