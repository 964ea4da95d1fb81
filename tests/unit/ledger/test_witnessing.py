"""A witness keeps to the specification: one test breaks each of its numbered steps, and only that."""

from base64 import b64encode
from dataclasses import replace

import pytest

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import Frontier, leaf, prove_consistency
from psmp.ledger.notes import Kind, Malformed, Note, Signer, seal
from psmp.ledger.proofs import consistency
from psmp.ledger.tiles import reading
from psmp.ledger.witnessing import LARGEST, SIZE_TYPE, Rejected, Submission, judge, keys_for

LOG = Signer("psmp.example", Kind.LOG, bytes(range(32)))
OTHER = Signer("psmp.example", Kind.LOG, bytes(range(1, 33)))
ORIGIN = "psmp.example/acme/shop"
LEAVES = {(0, number): leaf(bytes([number])) for number in range(9)}
NODES = reading({}, LEAVES)


def tree(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, Frontier.at(NODES, size).root)


def signed(checkpoint: Checkpoint, *keys: Signer) -> str:
    return seal(checkpoint.text, [key.sign(checkpoint.text) for key in keys or (LOG,)]).decode()


def submitted(older: int, checkpoint: Checkpoint, *keys: Signer, proof: list[bytes] | None = None) -> Submission:
    proof = prove_consistency(NODES, older, checkpoint.size) if proof is None else proof
    return Submission.read(consistency(older, proof, signed(checkpoint, *keys)).encode())


KEYS = [LOG.verifier]


def test_what_extends_what_was_seen_is_cosigned() -> None:
    assert judge(submitted(0, tree(3)), KEYS, None) == tree(3)
    assert judge(submitted(3, tree(8)), KEYS, tree(3)) == tree(8)
    assert judge(submitted(4, tree(9)), KEYS, tree(4)) == tree(9)


def test_the_same_is_cosigned_again() -> None:
    assert judge(submitted(8, tree(8), proof=[]), KEYS, tree(8)) == tree(8)


def test_of_two_signatures_one_that_is_trusted_is_enough() -> None:
    assert judge(submitted(0, tree(3), OTHER, LOG), KEYS, None) == tree(3)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 00\n\n",
        b"old -1\n\n",
        b"new 0\n\n",
        b"old 0 \n\n",
        b"old 12345678901234567890\n\n",
        b"old 0\n\nno note",
        b"old 0\n" + b"\n".join([b64encode(bytes(32))] * 64) + b"\n\n",
        b"old 0\nnot base64\n\n",
        b"old 0\n" + b64encode(bytes(31)) + b"\n\n",
        b"old 0\n" + b64encode(bytes(32)).replace(b"A=", b"B=") + b"\n\n",
        b"old 0\n\n" + seal("no checkpoint\n", [LOG.sign("no checkpoint\n")]),
    ],
)
def test_1_what_cannot_be_read_is_malformed(body: bytes) -> None:
    whole = body + signed(tree(3)).encode() if body.endswith(b"\n\n") else body
    with pytest.raises(Malformed):
        Submission.read(whole)


def test_1_it_starts_from_no_more_than_it_has() -> None:
    rejected = judge(submitted(5, tree(3), proof=[]), KEYS, tree(5))
    assert isinstance(rejected, Rejected)
    assert rejected.status == 400


def test_2_a_log_that_is_not_known_is_not_found() -> None:
    assert keys_for(ORIGIN, KEYS) == KEYS
    assert keys_for("psmp.example", KEYS) == KEYS
    for other in ("psmp.example.org/acme/shop", "psmp.exampl/e", "other/psmp.example/x"):
        assert keys_for(other, KEYS) == []
    assert judge(submitted(0, tree(3)), [], None) == Rejected(404, "this log is not known here\n")


def test_3_without_a_signature_that_is_trusted_and_holds_it_is_forbidden() -> None:
    rejected = judge(submitted(0, tree(3), OTHER), KEYS, None)
    assert isinstance(rejected, Rejected)
    assert rejected.status == 403
    good = submitted(0, tree(3))
    [(name, raw)] = good.note.signatures
    forged = replace(good, note=Note(good.note.text, ((name, raw[:-1] + bytes([raw[-1] ^ 1])),)))
    rejected = judge(forged, KEYS, None)
    assert isinstance(rejected, Rejected)
    assert rejected.status == 403


@pytest.mark.parametrize(("older", "seen", "told"), [(0, 3, "3\n"), (2, 3, "3\n"), (3, 0, "0\n"), (8, 3, "3\n")])
def test_4_it_starts_from_what_was_seen_and_else_is_told_that(older: int, seen: int, told: str) -> None:
    judged = judge(submitted(older, tree(8)), KEYS, tree(seen) if seen else None)
    assert judged == Rejected(409, told, SIZE_TYPE)


def test_5_another_root_of_the_same_size_is_a_conflict_without_a_size() -> None:
    judged = judge(submitted(8, replace(tree(8), root=bytes(32)), proof=[]), KEYS, tree(8))
    assert isinstance(judged, Rejected)
    assert (judged.status, judged.kind) == (409, "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    ("older", "checkpoint", "proof"),
    [
        (3, replace(tree(8), root=bytes(32)), None),
        (3, tree(8), []),
        (3, tree(8), [bytes(32)]),
        (8, tree(8), [bytes(32)]),
        (0, tree(3), [bytes(32)]),
    ],
)
def test_6_a_proof_that_does_not_hold_cannot_be_processed(
    older: int, checkpoint: Checkpoint, proof: list[bytes] | None
) -> None:
    judged = judge(submitted(older, checkpoint, proof=proof), KEYS, tree(older) if older else None)
    assert isinstance(judged, Rejected)
    assert judged.status == 422


def test_the_largest_submission_that_can_be_needed_is_smaller_than_the_bound() -> None:
    body = consistency(1, [bytes(32)] * 63, seal(tree(3).text, [LOG.sign(tree(3).text)] * 100).decode())
    assert len(body) < LARGEST
