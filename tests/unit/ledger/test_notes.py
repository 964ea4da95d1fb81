"""Notes against a published one, and everything that must not pass for a note."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import EMPTY
from psmp.ledger.notes import MOST_BYTES, MOST_SIGNATURES, Kind, Malformed, Note, Signer, Untrusted, Verifier, seal

PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
"""The example that the Go checksum database's note package documents, with its key."""

LOG = Signer("psmp.example/acme/rag", Kind.LOG, bytes(range(32)))
NEXT = Signer("psmp.example/acme/rag", Kind.LOG, bytes(range(1, 33)))
WITNESS = Signer("witness.example/w1", Kind.WITNESS, bytes(range(2, 34)))
TEXT = Checkpoint("psmp.example/acme/rag", 3, EMPTY).text


def test_a_published_note_is_read_and_verified() -> None:
    verifier = Verifier.read(PUBLISHED_KEY)
    assert str(verifier) == PUBLISHED_KEY
    assert Note.read(PUBLISHED).signed_by([verifier]) == {verifier: None}


def test_a_published_note_that_was_altered_is_not() -> None:
    altered = Note.read(PUBLISHED.replace(b"know", b"know,"))
    with pytest.raises(Untrusted, match=r"^the signature of PeterNeumann does not hold$"):
        altered.signed_by([Verifier.read(PUBLISHED_KEY)])


def test_a_log_and_a_witness_sign_one_note_and_the_witness_says_when() -> None:
    note = Note.read(seal(TEXT, [LOG.sign(TEXT), WITNESS.sign(TEXT, 1_795_255_200)]))
    assert note.text == TEXT
    found = note.signed_by([LOG.verifier, WITNESS.verifier])
    assert found == {LOG.verifier: None, WITNESS.verifier: 1_795_255_200}


def test_while_a_key_is_replaced_either_is_enough() -> None:
    note = Note.read(seal(TEXT, [LOG.sign(TEXT), NEXT.sign(TEXT)]))
    for known in ([LOG.verifier], [NEXT.verifier]):
        assert list(note.signed_by(known)) == known


def test_signatures_of_other_keys_count_for_nothing_even_under_the_same_name() -> None:
    assert Note.read(seal(TEXT, [NEXT.sign(TEXT)])).signed_by([LOG.verifier]) == {}


def test_a_witness_cannot_sign_in_the_name_of_the_log() -> None:
    same = Signer(LOG.name, Kind.WITNESS, LOG.seed)
    assert Note.read(seal(TEXT, [same.sign(TEXT, 1)])).signed_by([LOG.verifier]) == {}


def test_another_time_than_that_of_the_signature_is_seen() -> None:
    line = WITNESS.sign(TEXT, 10)
    name, signed = Note.read(seal(TEXT, [line])).signatures[0]
    later = signed[:4] + (11).to_bytes(8, "big") + signed[12:]
    forged = Note(TEXT, ((name, later),))
    with pytest.raises(Untrusted):
        forged.signed_by([WITNESS.verifier])


@given(st.binary(min_size=5, max_size=80))
def test_no_other_bytes_are_a_signature(signature: bytes) -> None:
    forged = Note(TEXT, ((LOG.name, LOG.verifier.id + signature),))
    with pytest.raises(Untrusted):
        forged.signed_by([LOG.verifier])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\nno signature\n",
        b"text\n\n\xe2\x80\x94 name c2lnbmF0dXJl",
        b"text\n\n-- name c2lnbmF0dXJl\n",
        b"text\n\n\xe2\x80\x94 na+me c2lnbmF0dXJl\n",
        b"text\n\n\xe2\x80\x94 name c2lnbmF0dXJ\n",
        b"text\n\n\xe2\x80\x94 name c2ln\n",
        b"text\n\n\xe2\x80\x94  c2lnbmF0dXJl\n",
        b"te\txt\n\n\xe2\x80\x94 name c2lnbmF0dXJl\n",
        b"te\xffxt\n\n\xe2\x80\x94 name c2lnbmF0dXJl\n",
        b"t" * MOST_BYTES + b"\n\n\xe2\x80\x94 name c2lnbmF0dXJl\n",
        b"text\n\n" + b"\xe2\x80\x94 name c2lnbmF0dXJl\n" * (MOST_SIGNATURES + 1),
    ],
)
def test_what_is_not_a_note_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        Note.read(raw)


def test_a_text_may_have_empty_lines_of_its_own() -> None:
    text = "one\n\ntwo\n"
    assert Note.read(seal(text, [LOG.sign(text)])).text == text


@pytest.mark.parametrize("text", ["no newline", "a\tb\n"])
def test_what_could_not_be_read_is_not_sealed(text: str) -> None:
    with pytest.raises(Malformed):
        seal(text, [LOG.sign(text)])


@pytest.mark.parametrize(
    "written",
    [
        "",
        "name",
        "name+00000000+AAAA",
        PUBLISHED_KEY.replace("c74f20a3", "c74f20a4"),
        PUBLISHED_KEY.replace("+ARpc", "+ERpc"),
        "name+00000000+not base64",
        f"+{LOG.verifier.id.hex()}+{b64encode(b'1' + LOG.verifier.key).decode()}",
    ],
)
def test_what_is_not_a_key_is_refused(written: str) -> None:
    with pytest.raises(Malformed, match=r"^not a verifier key"):
        Verifier.read(written)


def test_a_name_that_would_break_a_line_is_refused() -> None:
    with pytest.raises(Malformed):
        Signer("a b", Kind.LOG, bytes(32))


def test_a_signer_does_not_tell_its_secret() -> None:
    assert LOG.seed.hex() not in repr(LOG)
    assert str(LOG.seed) not in repr(LOG)


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    assert Checkpoint.read(TEXT) == Checkpoint("psmp.example/acme/rag", 3, EMPTY)


@pytest.mark.parametrize(
    "text",
    [
        "origin\n3\n",
        "origin\n03\n" + b64encode(EMPTY).decode() + "\n",
        "origin\n-3\n" + b64encode(EMPTY).decode() + "\n",
        "origin\n٣\n" + b64encode(EMPTY).decode() + "\n",
        "\n3\n" + b64encode(EMPTY).decode() + "\n",
        "origin\n3\nAAAA\n",
        "origin\n3\nnot base64\n",
        "origin\n3\n" + b64encode(EMPTY).decode() + "\nextension\n",
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match=r"^not a checkpoint"):
        Checkpoint.read(text)
