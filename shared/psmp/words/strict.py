"""JSON as PSMP takes it: RFC 8259 less everything that two readers could read differently.

Refused, with a JSON pointer (RFC 6901) to the place where there is one: more than 64 KiB, not UTF-8, not JSON, nesting
over 16, duplicate keys, NaN and infinities, integers beyond 2^53 - 1 (RFC 7493), control characters in text other than
newline and tab, and lone surrogates.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json, to_json

MAX_BYTES: Final = 65_536
MAX_DEPTH: Final = 16
MAX_INTEGER: Final = 2**53 - 1
LONGEST_KEY_SHOWN: Final = 100

_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a document: where (a JSON pointer; "" is the whole) and what."""

    pointer: str
    problem: str

    def __str__(self) -> str:
        return f"{self.pointer or 'document'}: {self.problem}"


class Malformed(ValueError):
    """The bytes cannot be taken; ``faults`` says where and why."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


def parse(raw: bytes, most: int = MAX_BYTES) -> Any:  # noqa: ANN401 - JSON is any of its types
    """The value that ``raw`` spells, in at most so many bytes; raises ``Malformed``.

    Bytes as our own clients write them are proved fit without a look at every part; all others are walked through.
    """
    if len(raw) > most:
        raise Malformed(Fault("", f"{len(raw)} bytes, at most {most} are taken"))
    try:
        value = from_json(raw, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return _parse_thoroughly(raw)
    squeezed = to_json(value)
    same = squeezed == raw or squeezed.translate(None, _WHITE) == raw.translate(None, _WHITE)
    return value if same and _is_surely_fit(squeezed) else _parse_thoroughly(raw)


def pointer(path: tuple[str | int, ...]) -> str:
    """The JSON pointer (RFC 6901) of a path of keys and indexes; keys too long to be read are cut."""
    return "".join("/" + _cut(str(part)).replace("~", "~0").replace("/", "~1") for part in path)


def _cut(key: str) -> str:
    return key if len(key) <= LONGEST_KEY_SHOWN else key[:LONGEST_KEY_SHOWN] + "..."


# The quick proof, for JSON that comes out of a parser and a writer as it went in, but for white space: then no key
# stands in it twice (one would be lost), no number is too large for a float, and no surrogate is alone.

_WHITE: Final = b" \n\r\t"

_HARMLESS_ESCAPES: Final = (rb"\\", rb"\"", rb"\n", rb"\t")
_ALL_BUT_QUOTES_AND_BRACKETS: Final = bytes(set(range(256)) - set(b'"{}[]'))
_AS_BRACES: Final = bytes.maketrans(b"[]", b"{}")
_AS_ZEROS: Final = bytes.maketrans(b"123456789", b"0" * 9)
_MANY_DIGITS: Final = b"0" * len(str(MAX_INTEGER))


def _is_surely_fit(raw: bytes) -> bool:
    """Whether JSON that prints back as it was surely has no bad characters, no large integers and not too many levels.

    A control character of ASCII can only stand there escaped. With the harmless escapes taken out and every other one
    refused, quotes stand only where a text begins and ends. Of quotes and brackets alone, a text without brackets is
    two neighbouring quotes, and all quotes go in such pairs just when no bracket is inside a text. Taking out the pairs
    of brackets that have nothing in them then takes out exactly one level.
    """
    if b"\\" in raw:
        for escape in _HARMLESS_ESCAPES:
            raw = raw.replace(escape, b"")
        if b"\\" in raw:
            return False
    if b"\x7f" in raw or not (raw.isascii() or raw.decode().isprintable()):
        return False
    if _MANY_DIGITS in raw.translate(_AS_ZEROS):
        return False
    brackets = raw.translate(_AS_BRACES, _ALL_BUT_QUOTES_AND_BRACKETS).replace(b'""', b"")
    levels = 0
    while brackets and levels < MAX_DEPTH:
        brackets = brackets.replace(b"{}", b"")
        levels += 1
    return not brackets


# The thorough way, for everything else: what cannot be taken is marked where it stands, and the walk finds the place.


@dataclass(frozen=True, slots=True)
class _Unfit:
    """Stands in a value for what is not taken there; ``key`` is the key that is at fault in this object, if one is."""

    problem: str
    key: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Unfit:
    built = dict(pairs)
    if len(built) == len(pairs):
        return built
    seen: set[str] = set()
    twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return _Unfit("this key stands twice in one object", (twice,) if twice.isprintable() else ())


def _integer(digits: str) -> int | _Unfit:
    short = len(digits) <= len(str(-MAX_INTEGER))  # Python does not even read an integer of some thousand digits
    value = int(digits) if short else MAX_INTEGER + 1
    return value if abs(value) <= MAX_INTEGER else _Unfit(f"integers are taken up to {MAX_INTEGER}, this one is beyond")


def _float(digits: str) -> float | _Unfit:
    value = float(digits)
    return _Unfit("this number is too large") if value in (float("inf"), float("-inf")) else value


def _constant(name: str) -> _Unfit:
    return _Unfit(f"{name} is not JSON; leave the number out or use null")


_MARKING: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_float,
    parse_constant=_constant,
)


def _parse_thoroughly(raw: bytes) -> Any:  # noqa: ANN401 - JSON is any of its types
    try:
        value = _MARKING.decode(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Malformed(Fault("", f"not UTF-8 at byte {error.start}")) from None
    except json.JSONDecodeError as error:
        raise Malformed(Fault("", f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}")) from None
    except RecursionError:
        raise Malformed(Fault("", f"nested deeper than {MAX_DEPTH}")) from None
    found = _fault(value, 1)
    if found:
        raise Malformed(Fault(pointer(tuple(reversed(found.path))), found.problem))
    return value


@dataclass(frozen=True, slots=True)
class _Found:
    """A fault on its way up to the root, gathering its path from the end."""

    problem: str
    path: list[str | int]

    def below(self, place: str | int) -> "_Found":
        self.path.append(place)
        return self


def _fault(value: object, depth: int) -> _Found | None:
    if isinstance(value, str):
        return None if value.isprintable() else _fault_in_text(value)
    if isinstance(value, _Unfit):
        return _Found(value.problem, list(value.key))
    if not isinstance(value, dict | list):
        return None
    if depth > MAX_DEPTH:
        return _Found(f"nested deeper than {MAX_DEPTH}", [])
    if isinstance(value, dict):
        for key in value:
            if not key.isprintable() and (found := _fault_in_text(key)):
                return found
    for place, item in value.items() if isinstance(value, dict) else enumerate(value):
        if found := _fault(item, depth + 1):
            return found.below(place)
    return None


def _fault_in_text(text: str) -> _Found | None:
    for what, characters in (("control character", _CONTROL), ("lone surrogate", _SURROGATE)):
        found = characters.search(text)
        if found:
            return _Found(f"{what} U+{ord(found[0]):04X} at {found.start()}", [])
    return None
