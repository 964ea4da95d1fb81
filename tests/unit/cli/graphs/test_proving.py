"""The settlement of a graph proved from records alone: each test plants what one step alone tells."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from psmp.cli.app import run
from psmp.cli.exits import Exit
from psmp.cli.graphs.attesting import stated
from psmp.cli.graphs.proving import Proved, Prover
from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.notes import Malformed
from psmp.ledger.settlements import settled
from psmp.ledger.statements import Subject
from psmp.rules.orchestration.running import Run
from psmp.words.events import MaegCreated, PdoAgentFinalized, PdoOrchAggregated, SlotGranted, WrapOrchAccepted
from tests.bundles import LOG, Log, Maker, key_file, pruned, rechained, root, zipped
from tests.histories import KEY
from tests.orchestrated import MAEG, told
from tests.recording import Recording

ZEROS = "0" * 64


@pytest.fixture(scope="module")
def world() -> Recording:
    """A whole run, settled under a checkpoint that its own records have."""
    return told()


@pytest.fixture(scope="module")
def bodies(world: Recording) -> list[bytes]:
    return signed_over([each.body for each in world.records])


def place(bodies: Sequence[bytes], kind: type) -> int:
    """The number of the last event of a kind."""
    found = [number for number, body in enumerate(bodies, 1) if json.loads(body)["type"] == f"psmp.{kind.KIND}.v1"]  # type: ignore[attr-defined]
    return found[-1]


def edited(bodies: Sequence[bytes], number: int, **data: object) -> list[bytes]:
    """The records with one changed, linked anew behind it as whoever holds the keys can do it."""
    said = json.loads(bodies[number - 1])
    said["data"] |= data
    changed = json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()
    return rechained([*bodies[: number - 1], changed, *bodies[number:]], number)


def signed_over(bodies: Sequence[bytes]) -> list[bytes]:
    """The records with the WRAP naming the checkpoint over all that is before it, as the signer makes it."""
    number = place(bodies, WrapOrchAccepted)
    return edited(bodies, number, checkpoint=named(bodies, number - 1))


def named(bodies: Sequence[bytes], size: int) -> str:
    """A checkpoint as a WRAP names it."""
    return f"{size} {root(Log(KEY, list(bodies[:size])).leaves).hex()}"


def prove(bodies: Sequence[bytes], *sizes: int) -> Proved:
    """What came of the settled graph, where checkpoints of these sizes were signed."""
    sizes = sizes or (place(bodies, WrapOrchAccepted) - 1,)
    proof = Prover(KEY, frozenset(named(bodies, size) for size in sizes)).all(bodies)
    assert not proof.broken
    return next(each for each in proof.graphs if each.maeg == MAEG)


def steps(of: Proved) -> list[int]:
    return [each.step for each in of.flaws]


def test_a_settlement_is_proved_from_the_records(world: Recording, bodies: list[bytes]) -> None:
    run: Run = world.state.runs[MAEG]
    found = prove(bodies)
    assert found.holds
    assert (found.state, found.outcomes, found.root) == ("SETTLED", 2, run.root)
    assert found.wrap == place(bodies, WrapOrchAccepted)


def test_2_a_fact_out_of_turn_is_found(bodies: list[bytes]) -> None:
    number = place(bodies, PdoAgentFinalized)
    again = rechained([*bodies[:number], bodies[number - 1], *bodies[number:]], number + 1)
    assert steps(prove(signed_over(again))) == [2]


def test_2_a_start_that_no_token_allows_is_found(bodies: list[bytes]) -> None:
    number = place(bodies, SlotGranted)
    early = rechained([*bodies[:number], bodies[number - 1], *bodies[number:]], number + 1)
    assert steps(prove(signed_over(early)))[0] == 2


def test_3_an_outcome_that_is_not_of_its_node_is_found(bodies: list[bytes]) -> None:
    assert steps(prove(signed_over(edited(bodies, place(bodies, PdoAgentFinalized), pdo=ZEROS)))) == [3]


def test_3_an_output_that_was_changed_is_found(bodies: list[bytes]) -> None:
    executed = [n for n, b in enumerate(bodies, 1) if json.loads(b)["type"] == "psmp.subpac.executed.v1"]
    found = steps(prove(signed_over(edited(bodies, executed[-1], outputs={"out": 3}))))
    assert found == [3, 4, 2, 5], "nor is the root over that, which a person agreed to and which is settled"


def test_4_a_root_that_is_not_over_the_outcomes_is_found(bodies: list[bytes]) -> None:
    assert steps(prove(signed_over(edited(bodies, place(bodies, PdoOrchAggregated), root=ZEROS)))) == [4]


def test_4_a_second_aggregation_is_found(bodies: list[bytes]) -> None:
    number = place(bodies, PdoOrchAggregated)
    again = rechained([*bodies[:number], bodies[number - 1], *bodies[number:]], number + 1)
    assert steps(prove(signed_over(again))) == [4]


def test_4_an_aggregation_of_some_is_found(bodies: list[bytes]) -> None:
    number, outcome = place(bodies, PdoOrchAggregated), place(bodies, PdoAgentFinalized)
    early = [*bodies[: outcome - 1], bodies[number - 1]]
    early = rechained([*early, *bodies[outcome - 1 :]], outcome)
    assert steps(prove(signed_over(early))) == [4]


def test_5_a_second_wrap_is_found(bodies: list[bytes]) -> None:
    number = place(bodies, WrapOrchAccepted)
    again = rechained([*bodies[:number], bodies[number - 1], *bodies[number:]], number + 1)
    assert steps(prove(again, number - 1)) == [5]


def test_5_a_wrap_of_another_root_is_found(bodies: list[bytes]) -> None:
    assert steps(prove(edited(bodies, place(bodies, WrapOrchAccepted), root=ZEROS))) == [5]


def test_5_a_wrap_ahead_of_the_aggregation_is_found(bodies: list[bytes]) -> None:
    number, wrap = place(bodies, PdoOrchAggregated), place(bodies, WrapOrchAccepted)
    early = rechained([*bodies[: number - 1], bodies[wrap - 1], *bodies[number - 1 :]], number)
    assert steps(prove(early))[0] == 5


def test_6_a_checkpoint_that_nobody_signed_is_found(bodies: list[bytes]) -> None:
    assert steps(prove(bodies, 3)) == [6]


def test_6_a_checkpoint_that_does_not_cover_the_aggregation_is_found(bodies: list[bytes]) -> None:
    number, size = place(bodies, WrapOrchAccepted), place(bodies, PdoOrchAggregated) - 1
    early = edited(bodies, number, checkpoint=named(bodies, size))
    assert steps(prove(early, size)) == [6]


def test_all_that_does_not_hold_is_told_and_where(bodies: list[bytes]) -> None:
    outcomes = [n for n, b in enumerate(bodies, 1) if json.loads(b)["type"] == f"psmp.{PdoAgentFinalized.KIND}.v1"]
    forged = bodies
    for number in outcomes:
        forged = edited(forged, number, pdo=ZEROS)
    forged = signed_over(edited(forged, place(forged, WrapOrchAccepted), root=ZEROS))
    found = prove(forged, 3)
    assert [(each.step, each.record) for each in found.flaws] == [
        *((3, number) for number in outcomes),
        (5, place(bodies, WrapOrchAccepted)),
    ]
    assert (found.state, found.holds) == ("SETTLED", False)


def test_behind_what_nothing_can_follow_on_nothing_more_is_told(bodies: list[bytes]) -> None:
    number = place(bodies, MaegCreated)
    second = edited(bodies, number, maeg=MAEG)
    for records in (second, [*second[:number], *second[number + 1 :]]):
        proof = Prover(KEY, frozenset({named(bodies, place(bodies, WrapOrchAccepted) - 1)})).all(records)
        assert [(each.maeg, bool(each.flaws)) for each in proof.graphs][:1] == [(MAEG, True)]
        assert not proof.broken


def test_a_graph_that_is_given_up_is_not_settled(bodies: list[bytes]) -> None:
    proof = Prover(KEY, frozenset({named(bodies, place(bodies, WrapOrchAccepted) - 1)})).all(bodies)
    assert [each.state for each in proof.graphs] == ["SETTLED", "ABANDONED"]


def test_what_is_pruned_and_what_is_no_record_is_said(bodies: list[bytes]) -> None:
    assert "record 1 the hash alone" in Prover(KEY, frozenset()).all([pruned(bodies[0]), *bodies[1:]]).pruned
    assert "record 1" in Prover(KEY, frozenset()).all([b"{}", *bodies[1:]]).broken
    assert "record 2" in Prover(KEY, frozenset()).all([bodies[0], *bodies[2:]]).broken


def bundle(folder: Path, bodies: Sequence[bytes], *sizes: int) -> tuple[str, str]:
    """A bundle of these records and the file of trusted keys."""
    log = Log(KEY, list(bodies))
    log.sign(LOG, sizes=sizes or (place(bodies, WrapOrchAccepted) - 1, len(bodies)))
    keys = folder / "keys"
    keys.write_text(key_file())
    return str(zipped(Maker([log]).write(folder / "made"), folder / "bundle.zip")), str(keys)


def test_a_bundle_is_proved_offline(bodies: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, keys = bundle(tmp_path, bodies)
    assert run(["maeg", "verify", path, "--keys", keys]) == Exit.DONE
    assert run(["maeg", "verify", path, "--keys", keys, "--maeg", MAEG]) == Exit.DONE
    said = capsys.readouterr().out
    assert "2 outcomes recomputed, each proved to stand under the root" in said
    assert run(["maeg", "verify", path, "--keys", keys, "--maeg", "MAEG-P2", "-o", "json"]) == Exit.STALE
    assert json.loads(capsys.readouterr().out)["graphs"][0]["state"] == "ABANDONED"
    assert run(["maeg", "verify", path, "--keys", keys, "--maeg", "MAEG-P9"]) == Exit.NOT_FOUND


def test_a_bundle_that_was_tampered_with_ends_with_7(
    bodies: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = edited(bodies, place(bodies, PdoAgentFinalized), pdo=ZEROS)
    path, keys = bundle(tmp_path, forged)  # by whoever has the keys
    assert run(["maeg", "verify", path, "--keys", keys]) == Exit.INTEGRITY
    log = Log(KEY, list(bodies))
    log.sign(LOG, sizes=(len(bodies),))
    log.records = forged  # by somebody else
    assert run(["maeg", "verify", str(Maker([log]).write(tmp_path / "other")), "--keys", keys]) == Exit.INTEGRITY
    said = capsys.readouterr().out
    assert "step 3, record" in said
    assert "does not hold" in said


def test_what_cannot_be_verified_is_asked_for(bodies: list[bytes], tmp_path: Path) -> None:
    path, keys = bundle(tmp_path, bodies)
    assert run(["maeg", "verify", path]) == Exit.USAGE
    assert run(["maeg", "verify", f"{path}.nothing", "--keys", keys]) == Exit.NOT_FOUND
    assert run(["maeg", "verify", keys, "--keys", path]) == Exit.USAGE
    log = tmp_path / "log.jsonl"
    log.write_bytes(bodies[0])
    assert run(["maeg", "verify", str(log), "--keys", keys]) == Exit.USAGE


def test_the_statement_is_about_the_wrap_and_its_checkpoint(bodies: list[bytes]) -> None:
    graph = prove(bodies)
    said = stated(graph, "psmp.example.org", "2026-11-26T00:00:00.000000Z")
    statement = json.loads(said.statement)
    hashes = [sha256(each.encode()).hexdigest() for each in (said.checkpoint, said.wrap)]
    assert [each["digest"]["sha256"] for each in statement["subject"]] == hashes
    assert json.loads(said.wrap)["pdo_orch"]["root"] == graph.root
    assert said.checkpoint.splitlines()[:2] == ["psmp.example.org/acme/rag", graph.checkpoint.split()[0]]
    assert "PSMP_MAEG_SETTLED_ONCE" in statement["predicate"]["properties"]


def test_nothing_is_stated_of_what_is_not_settled(bodies: list[bytes]) -> None:
    forged = prove(edited(bodies, place(bodies, PdoAgentFinalized), pdo=ZEROS))
    with pytest.raises(ValueError, match="not settled"):
        stated(forged, "psmp.example.org", "2026-11-26T00:00:00.000000Z")
    checkpoint = Checkpoint("psmp.example.org/acme/rag", 1, bytes(32))
    with pytest.raises(Malformed):
        settled(checkpoint, Subject("x", b""), (), verifier="urn:x", time="")
