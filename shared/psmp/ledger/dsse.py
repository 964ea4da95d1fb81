"""DSSE 1.0 envelopes: bytes of a stated type under Ed25519 signatures, as cosign and in-toto's tools read them."""

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from psmp.ledger.notes import Malformed, Signer, Untrusted, Verifier

IN_TOTO: Final = "application/vnd.in-toto+json"
"""The type of an in-toto statement."""

EXTRACT: Final = "application/vnd.psmp.extract+json"
"""The type of an extract's manifest."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature; ``keyid`` is only a hint as to which key made it."""

    keyid: str
    sig: bytes


def pae(kind: str, payload: bytes) -> bytes:
    """What is signed: type and payload with their lengths, so that neither can be taken for the other."""
    return b" ".join((b"DSSEv1", b"%d" % len(kind.encode()), kind.encode(), b"%d" % len(payload), payload))


def keyid(verifier: Verifier) -> str:
    """How a signature names its key: ``name+id``, the beginning of the key's line in a file of public keys."""
    return f"{verifier.name}+{verifier.id.hex()}"


def sign(signer: Signer, signed: bytes) -> Signature:
    """The signature of what ``pae`` made."""
    private = Ed25519PrivateKey.from_private_bytes(signer.seed)
    return Signature(keyid(signer.verifier), private.sign(signed))


@dataclass(frozen=True, slots=True)
class Envelope:
    """Bytes of type ``kind`` under signatures. Nothing is verified yet."""

    kind: str
    payload: bytes
    signatures: tuple[Signature, ...]

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """An envelope's JSON; raises ``Malformed``."""
        try:
            match json.loads(raw):
                case {"payloadType": str(kind), "payload": str(payload), "signatures": list(signatures)}:
                    return cls(kind, b64decode(payload, validate=True), tuple(map(_signature, signatures)))
        except (ValueError, NotBase64) as error:
            raise Malformed(f"not a DSSE envelope: {error}") from error
        raise Malformed("not a DSSE envelope")

    def written(self) -> str:
        """It as JSON, in one line."""
        document = {
            "payloadType": self.kind,
            "payload": b64encode(self.payload).decode(),
            "signatures": [{"keyid": each.keyid, "sig": b64encode(each.sig).decode()} for each in self.signatures],
        }
        return json.dumps(document, separators=(",", ":"))

    def signed_by(self, trusted: Iterable[Verifier]) -> tuple[Verifier, ...]:
        """Which of the ``trusted`` keys have signed it; raises ``Untrusted`` when none has.

        What ``keyid`` says is not believed: every key is tried.
        """
        signed = pae(self.kind, self.payload)
        found = tuple(each for each in trusted if any(_holds(each, sig.sig, signed) for sig in self.signatures))
        if not found:
            raise Untrusted("no key that is trusted has signed this envelope")
        return found


def seal(kind: str, payload: bytes, signatures: Sequence[Signature]) -> Envelope:
    """The envelope; raises ``ValueError`` where nobody has signed it."""
    if not signatures:
        raise ValueError("an envelope has a signature")
    return Envelope(kind, payload, tuple(signatures))


def _signature(said: object) -> Signature:
    match said:
        case {"sig": str(sig), **others}:
            return Signature(str(others.get("keyid", "")), b64decode(sig, validate=True))
    raise Malformed("a signature has no sig")


def _holds(verifier: Verifier, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(verifier.key).verify(signature, signed)
    except InvalidSignature:
        return False
    return True
