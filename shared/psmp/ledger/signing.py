"""What the signer is asked, and what it answers, as JSON; bytes are base64 in it (RFC 4648, section 5)."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from psmp.ledger.merkle import SIZE

MOST: Final = 256
"""So many checkpoints may be asked for at once."""

Hash = Annotated[bytes, Field(min_length=SIZE, max_length=SIZE)]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


class Why(StrEnum):
    """Why something is not signed."""

    MALFORMED = "malformed"
    """It is not what this module describes."""
    FOREIGN = "foreign"
    """Its log is none of this deployment."""
    OUT_OF_STEP = "out_of_step"
    """It does not start from what was signed last, which the refusal names: ask again from there."""
    SHRINKS = "shrinks"
    """More than that is signed already."""
    FORKS = "forks"
    """Another root is signed for this size."""
    UNPROVED = "unproved"
    """The proof does not show that it begins with what was signed last."""


class Refusal(_Said):
    """No; ``size`` and ``root`` are what was signed last of that log, where anything was."""

    why: Why
    text: str
    size: int = 0
    root: Annotated[bytes, Field(max_length=SIZE)] = b""


class Wish(_Said):
    """To have signed that ``origin`` has this ``root`` at ``size``, which extends what was signed of it at ``older``.

    ``proof`` is that of RFC 6962, 2.1.2. ``note`` is the last checkpoint that the asker has, from which a signer that
    has lost its memory takes up again: only its own signature on it counts.
    """

    origin: Annotated[str, Field(min_length=1, max_length=400)]
    size: Annotated[int, Field(gt=0, lt=2**63)]
    root: Hash
    older: Annotated[int, Field(ge=0, lt=2**63)]
    proof: Annotated[tuple[Hash, ...], Field(max_length=128)] = ()
    note: Annotated[str, Field(max_length=65_536)] = ""


class Wishes(_Said):
    """Several of them, in order."""

    wishes: Annotated[tuple[Wish, ...], Field(min_length=1, max_length=MOST)]


class Answers(_Said):
    """To each wish the signed note, or why there is none; or why nothing of it can be read."""

    answers: tuple[str | Refusal, ...] = ()
    refused: Refusal | None = None


class Bundle(_Said):
    """To have signed that a bundle's manifest has this hash."""

    kind: Literal["bundle"] = "bundle"
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Envelope(_Said):
    """To have signed a DSSE envelope with this payload."""

    kind: Literal["dsse"] = "dsse"
    payload_type: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]
    payload: Annotated[str, Field(max_length=4_194_304)]


class Statement(_Said):
    """One of the two."""

    statement: Annotated[Bundle | Envelope, Field(discriminator="kind")]


class Signature(_Said):
    """One signature of a DSSE envelope: ``keyid`` is the key's name and id, ``sig`` is base64 as DSSE has it."""

    keyid: str
    sig: str


class Stated(_Said):
    """The signed note of a bundle, or the signatures of an envelope; or why there is neither."""

    note: str = ""
    signatures: tuple[Signature, ...] = ()
    refused: Refusal | None = None


def manifest(deployment: str, sha256: str) -> str:
    """What is signed of a bundle: that its manifest has this hash (hex)."""
    return f"psmp bundle v1\n{deployment}\n{sha256}\n"


def pae(payload_type: str, payload: str) -> str:
    """What is signed of a DSSE envelope: its pre-authentication encoding."""
    return f"DSSEv1 {len(payload_type)} {payload_type} {len(payload.encode())} {payload}"
