"""Signed notes (C2SP signed-note) with Ed25519 keys, and the timestamped cosignatures of witnesses (tlog-cosignature).

A note is a text that ends in a newline, an empty line, and one line for each signature. Times are POSIX seconds.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MOST_BYTES: Final = 1_000_000
MOST_SIGNATURES: Final = 100
_NAME: Final = re.compile(r"^[^\s+]+\Z")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_ID: Final = 4
_TIME: Final = 8
_SIGNATURE: Final = 64
_KEY: Final = 32


class Kind(IntEnum):
    """What a key signs: the ``LOG``'s own text, or a ``WITNESS``'s statement that it saw it at a time."""

    LOG = 1
    WITNESS = 4


class Malformed(ValueError):
    """These are not the bytes of a note, a key or a checkpoint."""


class Untrusted(ValueError):
    """No key that is trusted has signed the note, or the signature of one does not hold."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under its name. ``key`` is 32 bytes (RFC 8032)."""

    name: str
    kind: Kind
    key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names its key, beside the name."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key).digest()[:_ID]

    def __str__(self) -> str:
        """The key as it is written down: ``name+id+key``."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.key).decode()}"

    @classmethod
    def read(cls, written: str) -> Self:
        """What ``str`` wrote; raises ``Malformed``."""
        name, _, rest = written.strip().partition("+")
        identity, _, key = rest.partition("+")
        try:
            kind, *public = b64decode(key, validate=True)
            found = cls(name, Kind(kind), bytes(public))
        except (ValueError, NotBase64) as error:
            raise Malformed(f"not a verifier key: {written!r}") from error
        if not _NAME.match(name) or len(public) != _KEY or found.id.hex() != identity:
            raise Malformed(f"not a verifier key: {written!r}")
        return found

    def verify(self, text: str, signature: bytes) -> int | None:
        """The time at which ``signature`` of ``text`` was made, None for a log's; raises ``InvalidSignature``."""
        time = None
        message = text.encode()
        if self.kind is Kind.WITNESS:
            time = int.from_bytes(signature[:_TIME], "big")
            message, signature = _witnessed(text, time), signature[_TIME:]
        Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        return time


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A private key under its name. ``seed`` is 32 bytes and a secret.

    The key is made ready once: to make it for each signature takes twice as long as to sign.
    """

    name: str
    kind: Kind
    seed: bytes
    verifier: Verifier = field(init=False, compare=False)
    """The public half."""
    _private: Ed25519PrivateKey = field(init=False, compare=False)
    _id: bytes = field(init=False, compare=False)

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise Malformed(f"a key's name has no space and no plus: {self.name!r}")
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        verifier = Verifier(self.name, self.kind, private.public_key().public_bytes_raw())
        object.__setattr__(self, "_private", private)
        object.__setattr__(self, "verifier", verifier)
        object.__setattr__(self, "_id", verifier.id)

    def sign(self, text: str, time: int = 0) -> str:
        """The signature's line. A witness says that it saw ``text`` at ``time``."""
        return f"— {self.name} {b64encode(self._id + self.signature(text, time)).decode()}\n"

    def signature(self, text: str, time: int = 0) -> bytes:
        """The signature alone; that of a witness begins with its time."""
        if self.kind is Kind.WITNESS:
            return time.to_bytes(_TIME, "big") + self._private.sign(_witnessed(text, time))
        return self._private.sign(text.encode())


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signature lines, ``(name, key id and signature)``. Nothing is verified yet."""

    text: str
    signatures: tuple[tuple[str, bytes], ...]

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """A note's bytes; raises ``Malformed``."""
        if len(raw) > MOST_BYTES:
            raise Malformed(f"a note has at most {MOST_BYTES} bytes, this has {len(raw)}")
        try:
            whole = raw.decode()
        except UnicodeDecodeError as error:
            raise Malformed("a note is UTF-8") from error
        text, empty, lines = whole.rpartition("\n\n")
        if not empty or not lines.endswith("\n") or _CONTROL.search(whole):
            raise Malformed("a note is a text, an empty line and signature lines, with no control characters")
        signatures = tuple(map(_line, lines.removesuffix("\n").split("\n")))
        if len(signatures) > MOST_SIGNATURES:
            raise Malformed(f"a note has at most {MOST_SIGNATURES} signatures, this has {len(signatures)}")
        return cls(text + "\n", signatures)

    def signed_by(self, trusted: Iterable[Verifier]) -> dict[Verifier, int | None]:
        """Which of the ``trusted`` keys have signed it, and when the witnesses among them did.

        Signatures of other keys are ignored. Raises ``Untrusted`` when one of a trusted key does not hold.
        """
        known = {(each.name, each.id): each for each in trusted}
        found: dict[Verifier, int | None] = {}
        for name, signature in self.signatures:
            verifier = known.get((name, signature[:_ID]))
            if verifier is None or verifier in found:
                continue
            try:
                found[verifier] = verifier.verify(self.text, signature[_ID:])
            except InvalidSignature:
                raise Untrusted(f"the signature of {name} does not hold") from None
        return found


def seal(text: str, signatures: Sequence[str]) -> bytes:
    """The bytes of a note: ``text`` under ``signatures``, lines as ``Signer.sign`` makes them."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise Malformed("a note's text ends in a newline and has no control characters")
    return f"{text}\n{''.join(signatures)}".encode()


def _line(line: str) -> tuple[str, bytes]:
    match line.split(" "):
        case ["—", name, encoded] if _NAME.match(name):
            try:
                signature = b64decode(encoded, validate=True)
            except NotBase64 as error:
                raise Malformed(f"not a signature line: {line!r}") from error
            if len(signature) > _ID:
                return name, signature
    raise Malformed(f"not a signature line: {line!r}")


def _witnessed(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
