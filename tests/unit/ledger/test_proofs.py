"""A proof that is handed on shows what it says, to whoever has the log's key and the record."""

import pytest

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import Frontier, leaf, prove_inclusion
from psmp.ledger.notes import Kind, Malformed, Signer, Untrusted, seal
from psmp.ledger.proofs import HEADER, Inclusion, lines
from psmp.ledger.tiles import reading

LOG = Signer("psmp.example", Kind.LOG, bytes(range(32)))
OTHER = Signer("psmp.example", Kind.LOG, bytes(range(1, 33)))
LEAVES = {(0, number): leaf(bytes([number])) for number in range(7)}
NODES = reading({}, LEAVES)
CHECKPOINT = Checkpoint("psmp.example/acme/shop", 7, Frontier.at(NODES, 7).root)
NOTE = seal(CHECKPOINT.text, [LOG.sign(CHECKPOINT.text)]).decode()


def proof(index: int) -> Inclusion:
    return Inclusion(index, tuple(prove_inclusion(NODES, index, 7)), NOTE)


@pytest.mark.parametrize("index", range(7))
def test_a_record_is_proved_to_be_where_it_is(index: int) -> None:
    read = Inclusion.read(str(proof(index)))
    assert read == proof(index)
    assert read.verify(LEAVES[0, index], [LOG.verifier]) == CHECKPOINT


def test_it_is_written_as_the_specification_has_it() -> None:
    head, _, note = str(proof(6)).partition("\n\n")
    assert head.split("\n") == [HEADER, "index 6", *lines(proof(6).proof).splitlines()]
    assert note == NOTE
    alone = Checkpoint("psmp.example/acme/new", 1, LEAVES[0, 0])
    note = seal(alone.text, [LOG.sign(alone.text)]).decode()
    read = Inclusion.read(str(Inclusion(0, (), note)))
    assert read.verify(LEAVES[0, 0], [LOG.verifier]) == alone


def test_extra_data_is_passed_over() -> None:
    assert Inclusion.read(str(proof(2)).replace("index", "extra YQ==\nindex", 1)) == proof(2)


@pytest.mark.parametrize("index", range(7))
def test_another_record_or_another_place_is_not_proved(index: int) -> None:
    with pytest.raises(Untrusted, match="is not number"):
        proof(index).verify(leaf(b"another"), [LOG.verifier])
    elsewhere = Inclusion((index + 1) % 7, proof(index).proof, NOTE)
    with pytest.raises(Untrusted, match="is not number"):
        elsewhere.verify(LEAVES[0, index], [LOG.verifier])


def test_a_key_that_is_not_trusted_proves_nothing() -> None:
    with pytest.raises(Untrusted, match="no key that is trusted"):
        proof(2).verify(LEAVES[0, 2], [OTHER.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEADER,
        f"{HEADER}\nextra YQ==",
        f"{HEADER}\nindex 01\n\n{NOTE}",
        f"{HEADER}\nindex -1\n\n{NOTE}",
        f"c2sp.org/tlog-proof@v2\nindex 1\n\n{NOTE}",
        f"{HEADER}\nindex 1\nno base64!\n\n{NOTE}",
        f"{HEADER}\nindex 1\nYQ==\n\n{NOTE}",
    ],
)
def test_what_is_no_proof_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        Inclusion.read(text)
