"""Key files: one key a line under the use it has, private ones for who signs, public ones for who verifies.

    log psmp.example.org+1a2b3c4d+AWvq...
    receipt psmp.example.org/receipts+5e6f7a8b+AX0c...
    statement psmp.example.org/statements+0d1e2f3a+AQfe...
    witness witness.example.com+9c8d7e6f+BHVt...

A private key's line has ``PRIVATE+KEY+`` before the name, as Go's note package writes it. Empty lines and lines that
begin with ``#`` are nothing. While a key is being replaced the old and the new one stand in both files.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Final, TypeVar

from psmp.ledger.notes import Kind, Malformed, Signer, Verifier
from psmp.ledger.origins import DEPLOYMENT, dispatches, receipts, statements

_PRIVATE: Final = "PRIVATE+KEY+"
_SEED: Final = 32
K = TypeVar("K", Signer, Verifier)


class Use(StrEnum):
    """What is signed with a key: checkpoints, promises of single records, what is said of a bundle or a project.

    With that of ``DISPATCH`` tokens for agents are signed, and the log says by which.
    """

    LOG = "log"
    RECEIPT = "receipt"
    STATEMENT = "statement"
    WITNESS = "witness"
    DISPATCH = "dispatch"

    @property
    def kind(self) -> Kind:
        """How a key of this use signs."""
        return Kind.WITNESS if self is Use.WITNESS else Kind.LOG


Keys = Mapping[Use, tuple[K, ...]]
"""The keys of a file; each use is there, the keys of a use in the order of their lines."""


_BELOW: Final = {Use.RECEIPT: receipts(""), Use.STATEMENT: statements(""), Use.DISPATCH: dispatches("")}


def misnamed(use: Use, name: str) -> str:
    """What a key of this use that is to be called ``name`` must be called instead; "" where that is its name.

    One rule: a ``log`` key is called as the deployment is (``psmp.example.org``), the others of the deployment are with
    their use behind it, ``/receipts``, ``/statements`` or ``/dispatch``. A witness calls its key as it likes.
    """
    if use is Use.WITNESS:
        return ""
    end = _BELOW.get(use, "")
    deployment = name.removesuffix(end) if end else name
    if not DEPLOYMENT.match(deployment):
        return f"psmp.example.org{end}"
    return "" if f"{deployment}{end}" == name else f"{deployment}{end}"


def read_public(lines: Iterable[str]) -> Keys[Verifier]:
    """The keys to verify with; raises ``Malformed`` with the number of the line."""
    return _read(lines, Verifier.read)


def read_private(lines: Iterable[str]) -> Keys[Signer]:
    """The keys to sign with; raises ``Malformed`` with the number of the line, and never with the key."""
    return _read(lines, _signer)


def private(signer: Signer) -> str:
    """A private key as it is written down: ``PRIVATE+KEY+name+id+key``."""
    raw = b64encode(bytes([signer.kind]) + signer.seed).decode()
    return f"{_PRIVATE}{signer.name}+{signer.verifier.id.hex()}+{raw}"


def _signer(written: str) -> Signer:
    name, _, rest = written.removeprefix(_PRIVATE).partition("+")
    identity, _, encoded = rest.partition("+")
    try:
        kind, *seed = b64decode(encoded, validate=True)
        signer = Signer(name, Kind(kind), bytes(seed))
    except (ValueError, NotBase64):
        raise Malformed("not a private key") from None
    if not written.startswith(_PRIVATE) or len(seed) != _SEED or signer.verifier.id.hex() != identity:
        raise Malformed("not a private key")
    return signer


def _read(lines: Iterable[str], read: Callable[[str], K]) -> Keys[K]:
    found: dict[Use, list[K]] = {use: [] for use in Use}
    for number, line in enumerate(lines, 1):
        use, _, written = line.strip().partition(" ")
        if not use or use.startswith("#"):
            continue
        try:
            key = read(written.strip())
            fits = key.kind is Use(use).kind
        except ValueError as error:
            raise Malformed(f"line {number}: {error}") from None
        if not fits:
            raise Malformed(f"line {number}: a key of another type than {use} keys are")
        found[Use(use)].append(key)
    return {use: tuple(keys) for use, keys in found.items()}
