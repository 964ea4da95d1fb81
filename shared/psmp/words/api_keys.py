"""API keys of the gateway: what they look like, what they stand for, how one is recognised. Pure.

A token is ``psmp_<name>_<secret><check>``: a name of 8 letters and digits by which it is spoken of, a secret of 256
bits in base 62, and a CRC-32 that tells a mistyped token from a wrong one without asking anybody. What is kept is its
SHA-256: a secret that is random throughout cannot be guessed from it, so there is nothing for a slow hash to slow down.
"""

import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from psmp.words.ids import OWN_AGENTS, SYSTEM
from psmp.words.subjects import is_id

RANDOM_BYTES: Final = 38
"""How much chance goes into a token: 6 bytes into its name, 32 into its secret."""

BEGINS: Final = "psmp_"
"""What every token begins with."""

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LOWER: Final = 36
_NAME: Final = 8
_NAME_BYTES: Final = 6
_SECRET: Final = 43
_CHECK: Final = 6
_TOKEN: Final = re.compile(rf"psmp_([0-9a-z]{{{_NAME}}})_([0-9A-Za-z]{{{_SECRET}}})([0-9A-Za-z]{{{_CHECK}}})")


class Role(StrEnum):
    """What a key is for; the gateway says what each may do."""

    VIEWER = "viewer"
    AGENT = "agent"
    RESOLVER = "resolver"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    ADMIN = "admin"


_WORK: Final = ("artifact", "slot")
_PEACE: Final = ("conflict", "resolution", "subpac")
_PLANS: Final = ("task",)
_GOVERNANCE: Final = ("project", "alert", "letter", "maeg", "webhook")

ENTITIES: Final[Mapping[Role, tuple[str, ...]]] = MappingProxyType(
    {
        Role.VIEWER: (),
        Role.AGENT: (*_WORK, *_PEACE, *_PLANS),
        Role.RESOLVER: _PEACE,
        Role.OPERATOR: (*_PLANS, *_GOVERNANCE),
        Role.AUDITOR: (),
        Role.ADMIN: (*_WORK, *_PEACE, *_PLANS, *_GOVERNANCE),
    }
)
"""What the commands are about that each role may send, by whichever door."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret: it speaks as ``agent`` of ``tenant``, in ``projects`` or, if None, in all of them.

    ``nkey`` is the public key of its user on NATS, if it has one; ``privileged``: it is a privileged client's.
    """

    name: str
    tenant: str
    agent: str
    role: Role
    projects: frozenset[str] | None
    created: datetime
    expires: datetime
    revoked: datetime | None = None
    note: str = ""
    privileged: bool = False
    nkey: str | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything at that time."""
        return (self.revoked is None or now < self.revoked) and now < self.expires


def faults(tenant: str, agent: str, projects: frozenset[str] | None) -> list[str]:
    """What of a key that somebody wants cannot be."""
    found = [f"{what!r} is not an id" for what in (tenant, agent, *sorted(projects or ())) if not is_id(what)]
    if tenant == SYSTEM.tenant:
        found.append(f"the tenant {tenant} is PSMP's own")
    if agent.startswith(OWN_AGENTS):
        found.append(f"{agent} is a name of PSMP's own services")
    if projects is not None and not projects:
        found.append("a key for no project opens nothing")
    return found


def token(randomness: bytes) -> str:
    """A new token of ``RANDOM_BYTES`` random bytes."""
    number = int.from_bytes(randomness[:_NAME_BYTES], "big")
    name = _spelled(number % _LOWER**_NAME, _LOWER, _NAME)
    secret = _spelled(int.from_bytes(randomness[_NAME_BYTES:RANDOM_BYTES], "big"), len(_DIGITS), _SECRET)
    return f"psmp_{name}_{secret}{_check(name, secret)}"


def name_of(text: str) -> str | None:
    """The name of the key that a token is of; None for what is no token, or a mistyped one."""
    found = _TOKEN.fullmatch(text)
    return found[1] if found and found[3] == _check(found[1], found[2]) else None


def digest(text: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).digest()


def _check(name: str, secret: str) -> str:
    return _spelled(zlib.crc32(f"{name}{secret}".encode()), len(_DIGITS), _CHECK)


def _spelled(number: int, base: int, width: int) -> str:
    digits = _DIGITS if base > _LOWER else _DIGITS.lower()
    spelled = ""
    for _ in range(width):
        number, rest = divmod(number, base)
        spelled = digits[rest] + spelled
    return spelled
