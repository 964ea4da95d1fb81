"""From what a caller passes to words that can be sent; every fault is said with its place, before anything is sent."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from math import inf
from typing import Any, Final, TypeVar

from packaging.requirements import InvalidRequirement, Requirement
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_json

from psmp.client.clock import written
from psmp.client.errors import Invalid
from psmp.words import strict, subjects
from psmp.words.envelope import Person
from psmp.words.ids import UUID_PATTERN, ProjectKey
from psmp.words.strict import Fault, Malformed
from psmp.words.values import Change, Dependency, PathClaim, Phase, Target, Word

Needs = Iterable[Dependency | Mapping[str, Any] | str]
"""Dependencies as they may be passed: values, mappings of their fields, or PEP 508 strings such as ``pandas>=2.0``."""

Claims = Iterable[PathClaim | Mapping[str, Any] | str]
"""Path claims as they may be passed: values, mappings of their fields, or paths that are written as a whole."""

Changes = Iterable[Change | Mapping[str, Any]]
"""Changes as they may be passed: values, or mappings of their fields."""

Targets = Iterable[Target | Mapping[str, Any]]
"""Environments as they may be passed."""

MISSING: Final = "this is needed"
LONGEST_NAME: Final = 200

_KINDS: Final = re.compile(r">|([a-z]+|\*)\.([a-z]+|\*)")
_UUID7: Final = re.compile(UUID_PATTERN)

W = TypeVar("W", bound=Word)


def build(word: type[W], **fields: object) -> W:
    """A word from arguments; those that are None are left out. Raises ``Invalid``."""
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        raw = to_json(given)
        strict.parse(raw)
        return word.model_validate_json(raw)
    except Malformed as malformed:
        raise Invalid(malformed.faults) from None
    except ValidationError as error:
        raise Invalid(_faults(error)) from None
    except (PydanticSerializationError, ValueError) as error:
        raise Invalid([Fault("", str(error))]) from None


def _faults(error: ValidationError) -> list[Fault]:
    return [Fault(strict.pointer(each["loc"]), each["msg"]) for each in error.errors(include_url=False)]


def identity(place: str, value: str | None) -> str:
    """``value`` as an id of a tenant, project or agent; raises ``Invalid``."""
    if value is None:
        raise Invalid([Fault(f"/{place}", MISSING)])
    if not subjects.is_id(value):
        problem = f"{value!r} is not an id: one letter or digit, then up to 63 letters, digits, _ or -"
        raise Invalid([Fault(f"/{place}", problem)])
    return value


def sequence(place: str, value: int) -> int:
    """The number of an event; raises ``Invalid`` for what is none."""
    if value < 1:
        raise Invalid([Fault(f"/{place}", f"{value} is the number of no event: they begin with 1")])
    return value


def person(name: str | None, contact: str | None) -> Person:
    """Who speaks; raises ``Invalid``."""
    for place, text in (("person", name), ("contact", contact)):
        if text is not None and not 0 < len(text) <= LONGEST_NAME:
            raise Invalid([Fault(f"/{place}", f"{len(text)} characters, 1 to {LONGEST_NAME} are taken")])
    return Person(name, contact)


def key(tenant: str, project: str) -> ProjectKey:
    """A project's key; raises ``Invalid``."""
    return ProjectKey(identity("tenant", tenant), identity("project", project))


def command_id(value: str | None) -> str | None:
    """``value`` if it is a UUIDv7 or None; raises ``Invalid``."""
    if value is None or _UUID7.fullmatch(value):
        return value
    raise Invalid([Fault("/command_id", f"{value!r} is not a UUIDv7 in lower case; leave it out to have one made")])


def moment(value: datetime | str | None) -> str | None:
    """A time in a question, RFC 3339 in UTC; raises ``Invalid`` for one without a zone."""
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise Invalid([Fault("/time", "a time without a zone; say datetime.now(UTC), for example")])
    return written(value)


def dependencies(needs: Needs | None) -> Sequence[object] | None:
    """Dependencies ready for ``build``; raises ``Invalid``."""
    if needs is None:
        return None
    if isinstance(needs, str | Mapping | Dependency):
        raise Invalid([Fault("/dependencies", "a list is needed, even of one")])
    return [requirement(place, each) if isinstance(each, str) else each for place, each in enumerate(needs)]


def requirement(place: int, text: str) -> Dependency:
    """The dependency that a PEP 508 string says; raises ``Invalid``."""
    try:
        return _read(text)
    except InvalidRequirement as error:
        problem = f"{text!r} cannot be read as, for example, 'pandas>=2.0': {str(error).splitlines()[0]}"
        raise Invalid([Fault(f"/dependencies/{place}", problem)]) from None


@lru_cache(maxsize=1024)
def _read(text: str) -> Dependency:
    parsed = Requirement(text)
    return Dependency(
        name=parsed.name,
        constraint=str(parsed.specifier),
        extras=tuple(sorted(parsed.extras)),
        marker=str(parsed.marker) if parsed.marker else None,
        reference=parsed.url,
    )


def paths(claims: Claims | None) -> Sequence[object] | None:
    """Path claims ready for ``build``; raises ``Invalid``."""
    if claims is None:
        return None
    if isinstance(claims, str | Mapping | PathClaim):
        raise Invalid([Fault("/paths", "a list is needed, even of one")])
    return [{"path": each} if isinstance(each, str) else each for each in claims]


def listed(place: str, values: Iterable[str]) -> Sequence[str]:
    """Several names ready for ``build``; raises ``Invalid`` for a text, which would be taken letter by letter."""
    if isinstance(values, str):
        raise Invalid([Fault(f"/{place}", "a list is needed, even of one")])
    return list(values)


def one_of(place: str, ways: Mapping[str, object]) -> str:
    """The one that is given; raises ``Invalid`` unless it is one."""
    given = [name for name, value in ways.items() if value is not None]
    if len(given) != 1:
        problem = f"{' and '.join(given) or 'nothing'} given; one of {', '.join(ways)} is needed"
        raise Invalid([Fault(f"/{place}", problem)])
    return given[0]


def phases(states: Sequence[Phase | str]) -> tuple[Phase, ...]:
    """States by name; raises ``Invalid``."""
    unknown = [each for each in states if each not in Phase.__members__]
    if unknown or not states:
        problem = f"{', '.join(map(repr, unknown)) or 'nothing'} given; the states are {', '.join(Phase)}"
        raise Invalid([Fault("/states", problem)])
    return tuple(Phase(each) for each in states)


def kinds(pattern: str) -> str:
    """A pattern of kinds of events, such as ``conflict.*``; raises ``Invalid``."""
    if not _KINDS.fullmatch(pattern):
        problem = f"{pattern!r} selects nothing; say conflict.* or artifact.declared, or > for all"
        raise Invalid([Fault("/kind", problem)])
    return pattern


def seconds(value: float) -> float:
    """A time limit; raises ``Invalid`` unless it is more than nothing and comes to an end."""
    if not 0 < value < inf:
        raise Invalid([Fault("/timeout", f"{value} s; more than 0 are needed, and an end")])
    return float(value)
