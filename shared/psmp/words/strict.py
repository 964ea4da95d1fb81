"""JSON as PSMP takes it: RFC 8259 less everything that two readers could read differently.

Refused, with a JSON pointer (RFC 6901) to the place where there is one: more than 64 KiB, not UTF-8, not JSON, nesting over
16, duplicate keys, NaN and infinities, control characters in text and lone surrogates.
"""

import json
from dataclasses import dataclass
from typing import Any, Final, Never

MAX_BYTES: Final = 65_536
MAX_DEPTH: Final = 16


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


@dataclass(frozen=True, slots=True)
class _Repeated:
    """Stands where an object had the same key twice, until the walk that knows the path finds it."""

    key: str


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Repeated:
    built = dict(pairs)
    if len(built) == len(pairs):
        return built
    seen: set[str] = set()
    return _Repeated(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]


def _no_constant(name: str) -> Never:
    raise Malformed(Fault("", f"{name} is not JSON; leave the number out or use null"))


def parse(raw: bytes) -> Any:  # noqa: ANN401 - JSON is any of its types
    """The value that ``raw`` spells; raises ``Malformed``."""
    if len(raw) > MAX_BYTES:
        raise Malformed(Fault("", f"{len(raw)} bytes, at most {MAX_BYTES} are taken"))
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_pairs, parse_constant=_no_constant)
    except Malformed:
        raise
    except UnicodeDecodeError as error:
        raise Malformed(Fault("", f"not UTF-8 at byte {error.start}")) from None
    except json.JSONDecodeError as error:
        raise Malformed(Fault("", f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}")) from None
    except RecursionError:
        raise Malformed(Fault("", f"nested deeper than {MAX_DEPTH}")) from None
    except ValueError as error:  # an integer of more digits than Python reads
        raise Malformed(Fault("", str(error))) from None
    _walk(value, (), 1)
    return value


def pointer(path: tuple[str | int, ...]) -> str:
    """The JSON pointer (RFC 6901) of a path of keys and indexes."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _walk(value: object, path: tuple[str | int, ...], depth: int) -> None:
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            raise Malformed(Fault(pointer(path), f"nested deeper than {MAX_DEPTH}"))
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            if isinstance(key, str):
                _check_text(key, path)
            _walk(item, (*path, key), depth + 1)
    elif isinstance(value, _Repeated):
        raise Malformed(Fault(pointer((*path, value.key)), "this key stands twice in one object"))
    elif isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise Malformed(Fault(pointer(path), "this number is too large"))


def _check_text(text: str, path: tuple[str | int, ...]) -> None:
    if text.isprintable():
        return
    for place, character in enumerate(text):
        code = ord(character)
        if (code < 0x20 and character not in "\n\t") or 0x7F <= code < 0xA0:  # noqa: PLR2004 - C0, DEL and C1
            raise Malformed(Fault(pointer(path), f"control character U+{code:04X} at {place}"))
        if 0xD800 <= code < 0xE000:  # noqa: PLR2004 - UTF-16 surrogates
            raise Malformed(Fault(pointer(path), f"lone surrogate U+{code:04X} at {place}"))
