"""DSSE envelopes, held against the specification's own example and against a check that shares no code with ours."""

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from psmp.ledger import dsse
from psmp.ledger.dsse import Envelope
from psmp.ledger.notes import Kind, Malformed, Signer, Untrusted

KEY = Signer("psmp.example/statements", Kind.LOG, bytes(range(32)))
OTHER = Signer("psmp.example/statements", Kind.LOG, bytes(range(1, 33)))
PAYLOAD = '{"what":"é"}'.encode()


def sealed(*signers: Signer) -> Envelope:
    signed = dsse.pae(dsse.IN_TOTO, PAYLOAD)
    return dsse.seal(dsse.IN_TOTO, PAYLOAD, [dsse.sign(each, signed) for each in signers])


def independent(written: str, key: bytes) -> bytes:
    """The payload, checked as the specification says and with none of our code."""
    said: dict[str, Any] = json.loads(written)
    payload, kind = b64decode(said["payload"]), said["payloadType"].encode()
    signed = b"DSSEv1 " + str(len(kind)).encode() + b" " + kind + b" " + str(len(payload)).encode() + b" " + payload
    Ed25519PublicKey.from_public_bytes(key).verify(b64decode(said["signatures"][0]["sig"]), signed)
    return payload


def test_what_is_signed_is_that_of_the_specification() -> None:
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_are_of_bytes_not_of_letters() -> None:
    assert dsse.pae("é", PAYLOAD).startswith(b"DSSEv1 2 \xc3\xa9 13 ")


def test_anybody_can_check_an_envelope() -> None:
    written = sealed(KEY).written()
    assert independent(written, KEY.verifier.key) == PAYLOAD
    with pytest.raises(InvalidSignature):
        independent(written, OTHER.verifier.key)


def test_an_envelope_is_read_as_it_is_written() -> None:
    envelope = sealed(KEY, OTHER)
    assert Envelope.read(envelope.written().encode()) == envelope
    assert envelope.signatures[0].keyid == f"{KEY.verifier.name}+{KEY.verifier.id.hex()}"
    assert str(KEY.verifier).startswith(envelope.signatures[0].keyid + "+")


def test_it_is_known_who_has_signed() -> None:
    assert sealed(KEY).signed_by([OTHER.verifier, KEY.verifier]) == (KEY.verifier,)
    assert sealed(OTHER, KEY).signed_by([KEY.verifier, OTHER.verifier]) == (KEY.verifier, OTHER.verifier)
    with pytest.raises(Untrusted):
        sealed(KEY).signed_by([OTHER.verifier])
    with pytest.raises(Untrusted):
        sealed(KEY).signed_by([])


@pytest.mark.parametrize("part", ["payload", "payloadType"])
def test_nothing_of_it_can_be_changed(part: str) -> None:
    said = json.loads(sealed(KEY).written())
    said[part] = b64encode(b'{"what":"e"}').decode() if part == "payload" else "application/json"
    with pytest.raises(Untrusted):
        Envelope.read(json.dumps(said).encode()).signed_by([KEY.verifier])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"payloadType":"t","payload":"?","signatures":[]}',
        b'{"payloadType":"t","payload":"","signatures":[{"keyid":"k"}]}',
        b'{"payloadType":"t","payload":"","signatures":[{"sig":"?"}]}',
    ],
)
def test_what_is_no_envelope_is_told(raw: bytes) -> None:
    with pytest.raises(Malformed):
        Envelope.read(raw)


def test_nothing_is_sealed_without_a_signature() -> None:
    with pytest.raises(ValueError, match="signature"):
        dsse.seal("t", b"", [])
