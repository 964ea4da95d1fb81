"""The signer signs one past and no second one: one test breaks each of its numbered rules, and only that."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import Frontier, Nodes, leaf, prove_consistency
from psmp.ledger.notes import Kind, Signer, seal
from psmp.ledger.signing import Refusal, Why, Wish
from psmp.ledger.tiles import reading
from psmp_signer.rules import is_ours, judge, recalled

HERE = "psmp.example"
ORIGIN = f"{HERE}/acme/shop"
LOG = Signer(HERE, Kind.LOG, bytes(range(32)))


def nodes_of(*leaves: int) -> Nodes:
    return reading({}, {(0, place): leaf(bytes([each])) for place, each in enumerate(leaves)})


NODES = nodes_of(*range(12))


def tree(size: int, nodes: Nodes = NODES) -> Checkpoint:
    return Checkpoint(ORIGIN, size, Frontier.at(nodes, size).root)


def wish(older: int, size: int, nodes: Nodes = NODES, **other: object) -> Wish:
    proof = tuple(prove_consistency(nodes, older, size)) if older <= size else ()
    asked = {"origin": ORIGIN, "size": size, "root": tree(size, nodes).root, "older": older, "proof": proof}
    return Wish.model_validate(asked | other)


def why(judged: Checkpoint | Refusal) -> Why:
    assert isinstance(judged, Refusal)
    return judged.why


def test_the_first_checkpoint_and_what_extends_it_are_signed() -> None:
    assert judge(HERE, wish(0, 3), None) == tree(3)
    assert judge(HERE, wish(3, 8), tree(3)) == tree(8)
    assert judge(HERE, wish(0, 2, origin=f"{HERE}/anchor"), None) == replace(tree(2), origin=f"{HERE}/anchor")


@pytest.mark.parametrize(
    "origin",
    [
        "psmp.example.org/acme/shop",
        "other/acme/shop",
        HERE,
        f"{HERE}/acme",
        f"{HERE}/acme/shop/more",
        f"{HERE}/acme/",
        f"{HERE}//shop",
        f"{HERE}/acme/sh op",
        f"{HERE}/acme/shop\n",
    ],
)
def test_1_only_logs_of_this_deployment_are_signed(origin: str) -> None:
    assert not is_ours(HERE, origin)
    assert why(judge(HERE, wish(0, 3, origin=origin), None)) is Why.FOREIGN


def test_2_a_log_that_shrinks_is_not_signed() -> None:
    judged = judge(HERE, wish(0, 3), tree(8))
    assert why(judged) is Why.SHRINKS
    assert isinstance(judged, Refusal)
    assert (judged.size, judged.root) == (8, tree(8).root)


@pytest.mark.parametrize("older", [0, 5, 8])
def test_3_the_same_is_signed_again_whatever_it_starts_from(older: int) -> None:
    assert judge(HERE, wish(older, 8), tree(8)) == tree(8)


def test_3_another_root_of_the_same_size_is_not_signed() -> None:
    assert why(judge(HERE, wish(0, 8, nodes_of(*range(7), 99)), tree(8))) is Why.FORKS


@pytest.mark.parametrize("older", [0, 2, 4, 8])
def test_4_what_starts_from_elsewhere_is_told_where_from(older: int) -> None:
    judged = judge(HERE, wish(older, 8), tree(3))
    assert why(judged) is Why.OUT_OF_STEP
    assert isinstance(judged, Refusal)
    assert (judged.size, judged.root) == (3, tree(3).root)


def test_4_what_is_not_proved_to_begin_with_what_was_signed_is_not_signed() -> None:
    altered = nodes_of(0, 99, *range(2, 12))
    assert why(judge(HERE, wish(3, 8, altered), tree(3))) is Why.UNPROVED
    assert why(judge(HERE, wish(3, 8, proof=()), tree(3))) is Why.UNPROVED
    assert why(judge(HERE, wish(3, 8, root=bytes(32)), tree(3))) is Why.UNPROVED


@given(sizes=st.lists(st.integers(1, 12), max_size=6), altered=st.integers(0, 11), when=st.integers(0, 5))
def test_what_is_signed_is_one_past_whatever_is_asked(sizes: list[int], altered: int, when: int) -> None:
    """Somebody alters a record at some time; everything that is signed is of one and the same tree."""
    signed: list[Checkpoint] = []
    other = nodes_of(*(99 if number == altered else number for number in range(12)))
    for turn, size in enumerate(sizes):
        nodes = other if turn >= when else NODES
        last = signed[-1] if signed else None
        judged = judge(HERE, wish(last.size if last else 0, size, nodes), last)
        if isinstance(judged, Checkpoint):
            signed.append(judged)
    trees = [{tree(each.size, nodes) for each in signed} for nodes in (NODES, other)]
    assert set(signed) in trees
    assert [each.size for each in signed] == sorted(each.size for each in signed)


class TestRecalled:
    def test_a_note_of_its_own_tells_a_signer_that_has_forgotten(self) -> None:
        note = seal(tree(5).text, [LOG.sign(tree(5).text)]).decode()
        assert recalled(wish(5, 8, note=note), [LOG.verifier]) == tree(5)

    def test_no_other_note_does(self) -> None:
        stranger = Signer(HERE, Kind.LOG, bytes(32))
        elsewhere = replace(tree(5), origin=f"{HERE}/acme/other")
        wrong = tree(6).text
        for note in (
            "",
            "nonsense",
            seal(tree(5).text, [stranger.sign(tree(5).text)]).decode(),
            seal(elsewhere.text, [LOG.sign(elsewhere.text)]).decode(),
            seal(tree(5).text, [LOG.sign(wrong)]).decode(),
            seal("no checkpoint\n", [LOG.sign("no checkpoint\n")]).decode(),
        ):
            assert recalled(wish(5, 8, note=note), [LOG.verifier]) is None
