"""A receipt is a promise about one record: it holds for that one, under our keys, and for nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.notes import Kind, Malformed, Note, Signer, Untrusted, seal
from psmp.ledger.receipts import Promises, verified
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey
from psmp.words.receipt import NoReceipt, Receipt

HERE = "psmp.example"
KEY = ProjectKey("acme", "shop")
OLD = Signer("psmp.example/receipts", Kind.LOG, bytes(range(32)))
NEW = Signer("psmp.example/receipts", Kind.LOG, bytes(range(1, 33)))
OTHER = Signer("psmp.example/receipts", Kind.LOG, bytes(range(2, 34)))
TRUSTED = (OLD.verifier,)
PROMISES = Promises(HERE, (OLD,))

names = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
keys = st.builds(ProjectKey, names, names)
records = st.tuples(keys, st.integers(1, 2**62), st.binary(max_size=64))


def test_a_receipt_names_the_log_the_place_and_the_bytes() -> None:
    receipt = verified(PROMISES.note(KEY, 7, b"{}"), TRUSTED)
    assert receipt == Receipt("psmp.example/acme/shop", 7, leaf_hash(b"{}"))
    assert receipt.note == PROMISES.note(KEY, 7, b"{}")


@given(records)
def test_the_same_record_has_the_same_receipt_for_ever(record: tuple[ProjectKey, int, bytes]) -> None:
    again = Promises(HERE, (Signer(OLD.name, OLD.kind, OLD.seed),))
    assert again.note(*record) == PROMISES.note(*record)


@given(records, records)
def test_a_receipt_for_one_record_verifies_for_no_other(
    one: tuple[ProjectKey, int, bytes], other: tuple[ProjectKey, int, bytes]
) -> None:
    mine, theirs = PROMISES.note(*one), PROMISES.note(*other)
    key, sequence, body = one
    promised = verified(mine, TRUSTED)
    assert (promised.key, promised.sequence, promised.leaf) == (key, sequence, leaf_hash(body))
    if one != other:
        signatures = theirs.partition("\n\n")[2]
        with pytest.raises(Untrusted):
            verified(f"{promised.text}\n{signatures}", TRUSTED)


@given(records, st.data())
def test_no_letter_of_a_receipt_can_be_changed(record: tuple[ProjectKey, int, bytes], data: st.DataObject) -> None:
    note = PROMISES.note(*record)
    end = note.index("\n\n")
    place = data.draw(st.integers(0, end - 1))
    letter = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda each: each != note[place]))
    with pytest.raises((NoReceipt, Untrusted, Malformed)):
        verified(note[:place] + letter + note[place + 1 :], TRUSTED)


def test_while_a_key_is_replaced_either_is_enough() -> None:
    note = Promises(HERE, (OLD, NEW)).note(KEY, 7, b"{}")
    assert len(Note.read(note.encode()).signatures) == 2
    for trusted in ([OLD.verifier], [NEW.verifier], [OLD.verifier, NEW.verifier]):
        assert verified(note, trusted).sequence == 7
    with pytest.raises(Untrusted, match="no key that is trusted"):
        verified(note, [OTHER.verifier])


def test_the_key_of_another_deployment_promises_nothing_of_ours() -> None:
    other = Signer("psmp.other/receipts", Kind.LOG, bytes(range(32)))
    note = Promises(HERE, (other,)).note(KEY, 7, b"{}")
    with pytest.raises(Untrusted, match=r"no key that is trusted, named psmp\.example/receipts"):
        verified(note, [other.verifier])


def test_a_signature_that_does_not_hold_spoils_one_that_does() -> None:
    text = verified(PROMISES.note(KEY, 7, b"{}"), TRUSTED).text
    spoilt = seal(text, [OLD.sign(text), NEW.sign(text + " ")]).decode()
    assert verified(spoilt, TRUSTED).text == text
    with pytest.raises(Untrusted, match="does not hold"):
        verified(spoilt, [OLD.verifier, NEW.verifier])


def test_a_checkpoint_under_the_same_key_is_no_receipt() -> None:
    text = Checkpoint("psmp.example/acme/shop", 7, bytes(32)).text
    with pytest.raises(NoReceipt):
        verified(seal(text, [OLD.sign(text)]).decode(), TRUSTED)


@pytest.mark.parametrize("tail", ["", "\n\n", "\n\nnonsense\n", "\n\n— a \ud800\n"])
def test_what_is_no_note_is_malformed(tail: str) -> None:
    with pytest.raises(Malformed):
        verified(Receipt("psmp.example/acme/shop", 7, "0" * 64).text + tail, TRUSTED)


def test_what_is_signed_must_end_with_the_receipt() -> None:
    text = Receipt("psmp.example/acme/shop", 7, "0" * 64).text + "\nand more\n"
    with pytest.raises(Untrusted, match="goes on"):
        verified(seal(text, [OLD.sign(text)]).decode(), TRUSTED)
