"""Signatures of webhooks by the Standard Webhooks specification 1.0 (symmetric, ``v1``). Pure."""

import binascii
import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Final

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
TOLERANCE: Final = 300.0
"""Seconds that the time of a webhook may be off when it is verified; against those who send it again later."""

_TIME: Final = re.compile(r"[0-9]{1,15}")
_PREFIX: Final = "whsec_"
_VERSION: Final = "v1"
_SHORTEST, _LONGEST = 24, 64


class NotGenuine(ValueError):
    """A webhook is not from who it says, or not from now; the text says what is wrong."""


def key_of(secret: str) -> bytes:
    """The key in a secret, ``whsec_`` and then base64; raises ValueError where it is none of 24 to 64 bytes."""
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a secret is whsec_ followed by base64") from None
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"a secret has {_SHORTEST} to {_LONGEST} bytes, this one {len(key)}")
    return key


def secret_of(key: bytes, tenant: str, webhook: str, command: str) -> str:
    """The secret that a command made for a tenant's webhook: nobody can make it without ``key``, which no log has."""
    about = b"\0".join(part.encode() for part in ("psmp-webhook", tenant, webhook, command))
    return _PREFIX + b64encode(hmac.digest(key, about, hashlib.sha256)).decode()


def keys_of(text: str) -> tuple[bytes, ...]:
    """The keys in a file of them, one a line in base64, the newest first; raises ValueError for what is none."""
    return tuple(key_of(line) for line in text.split())


def sign(identity: str, timestamp: int, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """The three headers of a webhook, with a signature by each secret: a receiver may know the old or the new one."""
    made = (b64encode(_digest(identity, str(timestamp), body, key_of(secret))).decode() for secret in secrets)
    return {ID: identity, TIMESTAMP: str(timestamp), SIGNATURE: " ".join(f"{_VERSION},{each}" for each in made)}


def verify(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> str:
    """The id of a genuine webhook: keep it, and drop what comes with the same one again.

    1. It has all three headers. 2. Its time is at most five minutes off ``now`` (Unix time in seconds). 3. One of its
    signatures is of these very bytes under ``secret``. Raises ``NotGenuine``.
    """
    found = {name.lower(): value for name, value in headers.items()}
    try:
        identity, timestamp, signatures = found[ID], found[TIMESTAMP], found[SIGNATURE]  # 1
    except KeyError as missing:
        raise NotGenuine(f"there is no header {missing.args[0]}") from None
    if not _TIME.fullmatch(timestamp) or abs(now - int(timestamp)) > TOLERANCE:  # 2
        raise NotGenuine(f"its time is {timestamp[:20]!r}, too far from now")
    expected = b64encode(_digest(identity, timestamp, body, key_of(secret)))
    given = [each.partition(",") for each in signatures.split()]
    if not any(
        hmac.compare_digest(expected, value.encode()) for version, _, value in given if version == _VERSION
    ):  # 3
        raise NotGenuine("no signature is of these bytes under this secret")
    return identity


def _digest(identity: str, timestamp: str, body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b".".join((identity.encode(), timestamp.encode(), body)), hashlib.sha256)
