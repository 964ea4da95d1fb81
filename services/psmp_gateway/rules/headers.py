"""What request headers mean: how long to wait, which version is meant, which command a key names."""

import hashlib
import re
from typing import Final

from psmp.words.ids import uuid7

LONGEST_WAIT: Final = 30.0
USUAL_WAIT: Final = 10.0

_PREFERENCE: Final = re.compile(r"\s*([A-Za-z-]+)\s*(?:=\s*\"?([0-9]{1,6})\"?)?\s*(?:;.*)?")
_REFUSED: Final = re.compile(r"\bq\s*=\s*0(\.0*)?\s*(;|$)")
_TAG: Final = re.compile(r"(?:W/)?\"([0-9]{1,15})\"")
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_CLOCK_BITS: Final = 1 << 48


class Unusable(ValueError):
    """A header that cannot be used as it is."""

    def __init__(self, header: str, problem: str) -> None:
        super().__init__(f"{header}: {problem}")
        self.header, self.problem = header, problem


def wait_of(prefer: str | None, usual: float | None) -> float | None:
    """Seconds to wait for the outcome; None for not at all. ``Prefer: wait``, ``wait=5`` or ``respond-async``.

    ``usual`` is what holds when nothing is preferred; preferences that are not known are ignored (RFC 7240).
    """
    said = {each[1].lower(): each[2] for each in map(_PREFERENCE.fullmatch, (prefer or "").split(",")) if each}
    if "respond-async" in said:
        return None
    if "wait" not in said:
        return usual
    return min(float(said["wait"] or USUAL_WAIT), LONGEST_WAIT) or None


def accepts(header: str | None, *offered: str) -> str | None:
    """The first media type of ``offered`` that ``Accept`` takes; None for none. Nothing said is everything taken.

    What is preferred among those that are taken is not weighed: the order of ``offered`` is the order of choice, but
    one that is named comes before one that only a wildcard takes.
    """
    ranges = [each.partition(";") for each in (header or "*/*").lower().split(",")]
    taken = {name.strip() for name, _, rest in ranges if not _REFUSED.search(rest)}
    named = (each for each in offered if each in taken)
    wild = (each for each in offered if f"{each.partition('/')[0]}/*" in taken or "*/*" in taken)
    return next(named, None) or next(wild, None)


def tag(sequence: int) -> str:
    """The entity tag of what was changed last by the event of that sequence."""
    return f'"{sequence}"'


def named(header: str | None) -> frozenset[int] | None:
    """The events that ``If-Match`` names; None where it names none, or any. Raises ``Unusable``."""
    found = None if header is None else _sequences("If-Match", header)
    return None if isinstance(found, _Any) else found


def is_known(header: str | None, sequence: int) -> bool:
    """Whether ``If-None-Match`` says that the caller has this already. Raises ``Unusable``."""
    return header is not None and sequence in _sequences("If-None-Match", header)


class _Any(frozenset[int]):
    def __contains__(self, _: object) -> bool:
        return True


def _sequences(name: str, header: str) -> frozenset[int]:
    if header.strip() == "*":
        return _Any()
    found = [_TAG.fullmatch(each.strip()) for each in header.split(",")]
    if not all(found):
        raise Unusable(name, f"{header[:100]!r} is no entity tag of ours, such as {tag(118)}, nor a list of them")
    return frozenset(int(each[1]) for each in found if each)


def command_id(tenant: str, project: str, agent: str, key: str) -> str:
    """The id that an ``Idempotency-Key`` gives a command: the same key of the same agent is the same command for ever.

    It has the form of a UUIDv7, and a random time in it: nothing of ours reads that. Raises ``Unusable``.
    """
    if not _KEY.fullmatch(key):
        raise Unusable("Idempotency-Key", "1 to 255 visible ASCII characters are needed")
    found = hashlib.sha256(f"{tenant}\n{project}\n{agent}\n{key}".encode()).digest()
    return uuid7(int.from_bytes(found[:8], "big") % _CLOCK_BITS, found[8:18])


def bearer(authorization: str | None) -> str | None:
    """The token that is shown; None where none is."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
