"""NKeys: how NATS spells the Ed25519 keys of its users, and the one that belongs to an API key. Pure.

A seed or public key is base 32 of its kind, 32 bytes and a CRC-16 (XMODEM, little endian): ``SU...`` and ``U...``.
"""

import binascii
import hashlib
from base64 import b32decode, b32encode
from typing import Final

RAW: Final = 32
"""Bytes of a seed, and of a public key."""

_SEED: Final = bytes([(18 << 3) | (20 << 3 >> 5), (20 << 3 & 31) << 3])
_USER: Final = bytes([20 << 3])
_CHECK: Final = 2
_PURPOSE: Final = b"psmp nats user v1\n"


class NotASeed(ValueError):
    """The text is no seed of a user."""


def seed_of(token: str) -> bytes:
    """The seed of the NATS user that has an API key: whoever has the token has both, and neither tells the token."""
    return hashlib.sha256(_PURPOSE + token.encode()).digest()


def spelled_seed(seed: bytes) -> str:
    """A seed as NATS clients take it."""
    return _spelled(_SEED + seed)


def spelled_public(raw: bytes) -> str:
    """A public key as a server's configuration names the user."""
    return _spelled(_USER + raw)


def read_seed(text: str) -> bytes:
    """The seed that is spelled so; raises ``NotASeed``."""
    try:
        found = b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        raise NotASeed("it is not base 32") from None
    body, check = found[:-_CHECK], found[-_CHECK:]
    if len(body) != len(_SEED) + RAW or _crc(body) != check or _spelled(body) != text:
        raise NotASeed("it is mistyped")
    if not body.startswith(_SEED):
        raise NotASeed("it is no user's")
    return body[len(_SEED) :]


def _spelled(body: bytes) -> str:
    return b32encode(body + _crc(body)).decode().rstrip("=")


def _crc(body: bytes) -> bytes:
    return binascii.crc_hqx(body, 0).to_bytes(_CHECK, "little")
