"""What is believed: trusted keys and their signed notes (C2SP signed-note, tlog-checkpoint, tlog-cosignature)."""

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

USES: Final = {"log": 1, "receipt": 1, "statement": 1, "witness": 4}
"""What a trusted key may be for, and the type of its signatures."""
RECEIPT: Final = "psmp receipt v1\n"
BUNDLE: Final = "psmp bundle v1\n"
MOST_SIGNATURES: Final = 100
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_HEAD: Final = re.compile(r"([^\n]+)\n([1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n")


class Wrong(Exception):
    """The tool was asked wrongly, or what it was given cannot be read at all."""


@dataclass(frozen=True)
class Finding:
    """What does not hold, and the step that tells. The flaw is in the records ``first`` to ``last``; 0: in a file."""

    step: int
    kind: str
    expected: str
    found: str
    first: int = 0
    last: int = 0


class Flawed(Exception):
    """A step fails."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"{finding.kind}: expected {finding.expected}, found {finding.found}")
        self.finding = finding


@dataclass(frozen=True)
class Key:
    """A public key that is trusted, as ``name+id+base64(type and key)`` writes it."""

    name: str
    kind: int
    raw: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that a signature begins with."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.raw).digest()[:4]

    def verify(self, text: str, signature: bytes) -> None:
        """Raises ``InvalidSignature``. A witness signs the time (8 bytes, POSIX seconds) with the text."""
        message = text.encode()
        if self.kind == USES["witness"]:
            message = b"cosignature/v1\ntime %d\n" % int.from_bytes(signature[:8], "big") + message
            signature = signature[8:]
        Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)


Trusted = dict[str, list[Key]]
"""The keys of each use."""


@dataclass(frozen=True)
class Head:
    """What a checkpoint says: the first ``size`` records of ``origin`` have this ``root``. ``kept``: from before."""

    origin: str
    size: int
    root: bytes
    kept: bool = False

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def unbase64(text: str) -> bytes:
    """The bytes, for the one spelling that they have; raises ``ValueError`` for any other."""
    raw = b64decode(text, validate=True)
    if b64encode(raw).decode() != text:
        raise ValueError("not base64 as it is written")
    return raw


def read_keys(lines: Iterable[str]) -> Trusted:
    """The keys that are trusted, ``USE KEY`` a line. Never read them from the bundle that is to be verified."""
    trusted: Trusted = {use: [] for use in USES}
    for number, line in enumerate(lines, 1):
        use, _, written = line.strip().partition(" ")
        if not use or use.startswith("#"):
            continue
        name, identity, encoded = (*written.strip().split("+", 2), "", "")[:3]
        try:
            raw = unbase64(encoded)
            key = Key(name, raw[0], raw[1:])
            Ed25519PublicKey.from_public_bytes(key.raw)
        except (ValueError, IndexError):
            raise Wrong(f"line {number} of the keys is no public key") from None
        if key.id.hex() != identity or key.kind != USES.get(use):
            raise Wrong(f"line {number} of the keys is no key of a use that is known: {', '.join(USES)}")
        trusted[use].append(key)
    if not trusted["log"]:
        raise Wrong("the keys name no `log` key: nothing could be proved")
    return trusted


def open_note(note: str, keys: Sequence[Key]) -> tuple[str, list[Key]]:
    """A signed note's text, and which of ``keys`` have signed it; raises ``Flawed``, also for one false signature."""
    text, empty, last = note.rpartition("\n\n")
    lines = last.split("\n")
    if not empty or lines.pop() or not 0 < len(lines) <= MOST_SIGNATURES or _CONTROL.search(note):
        raise Flawed(Finding(2, "no note", "a text, an empty line, signatures", repr(note[:80])))
    text += "\n"
    signed: list[Key] = []
    for line in lines:
        dash, name, encoded = (*line.split(" "), "", "")[:3]
        try:
            signature = unbase64(encoded)
        except ValueError:
            signature = b""
        if dash != "—" or not signature or line.count(" ") != 2:
            raise Flawed(Finding(2, "no note", "a signature", repr(line[:80])))
        for key in keys:
            if (key.name, key.id) == (name, signature[:4]) and key not in signed:
                try:
                    key.verify(text, signature[4:])
                except (InvalidSignature, ValueError):
                    raise Flawed(Finding(2, "false signature", f"one that {name} made", signature.hex())) from None
                signed.append(key)
    return text, signed


def read_head(text: str) -> Head:
    """The three lines of a checkpoint; raises ``Flawed``."""
    found = _HEAD.fullmatch(text)
    if found and b64encode(root := b64decode(found[3])).decode() == found[3]:
        return Head(found[1], int(found[2]), root)
    raise Flawed(Finding(2, "no checkpoint", "an origin, a size, a root", repr(text[:80])))


def read_checkpoint(note: str, trusted: Trusted) -> tuple[Head, int]:
    """A checkpoint that a log key has signed for a log of its own deployment, and how many witnesses have cosigned."""
    text, signed = open_note(note, [*trusted["log"], *trusted["witness"]])
    head = read_head(text)
    if not any(key in trusted["log"] and head.origin.startswith(f"{key.name}/") for key in signed):
        raise Flawed(Finding(2, "unsigned", f"a trusted log key's signature on {head.origin}, {head.size}", "none"))
    return head, len({key.name for key in signed if key in trusted["witness"]})


def read_receipt(note: str, trusted: Trusted) -> Head:
    """The record that is promised: its log, its number for a size, its hash for a root; raises ``Flawed``."""
    text, signed = open_note(note, trusted["receipt"])
    head = read_head(text.removeprefix(RECEIPT))
    names = [key.name.removesuffix("/receipts") for key in signed]
    if not text.startswith(RECEIPT) or not any(head.origin.startswith(f"{name}/") for name in names):
        raise Flawed(Finding(6, "unsigned", f"a trusted receipt key's signature on {head.origin}, {head.size}", "none"))
    return head


def check_manifest(note: str, trusted: Trusted, deployment: str, digest: str) -> None:
    """That a statement key of the deployment has signed a manifest of this SHA-256; raises ``Flawed``."""
    text, signed = open_note(note, trusted["statement"])
    expected = f"{BUNDLE}{deployment}\n{digest}\n"
    if text != expected:
        raise Flawed(Finding(1, "altered manifest", repr(text), repr(expected)))
    if not any(key.name == f"{deployment}/statements" for key in signed):
        raise Flawed(Finding(1, "unsigned manifest", f"a trusted statement key of {deployment}", "none"))
