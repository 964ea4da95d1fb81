"""Signing in to NATS with a key of its own kind, by whichever package that can sign is there."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from psmp.words.nkeys import spelled_public

SIGNS: Final = "cryptography"
"""What is needed for it; asked for by name, for the client is used without it, too."""


def can_sign() -> bool:
    """Whether what signs is installed."""
    return find_spec(SIGNS) is not None


def public(seed: bytes) -> str:
    """The name by which a server knows the user."""
    return spelled_public(_private(seed).public_key().public_bytes_raw())


def sign(seed: bytes, nonce: bytes) -> bytes:
    """The answer to a server's challenge."""
    signature: bytes = _private(seed).sign(nonce)
    return signature


@cache
def _maker() -> Any:  # noqa: ANN401 - a class of a package that may be missing
    return import_module(f"{SIGNS}.hazmat.primitives.asymmetric.ed25519").Ed25519PrivateKey


def _private(seed: bytes) -> Any:  # noqa: ANN401 - as above
    return _maker().from_private_bytes(seed)
