"""Whether all that an output's schema admits is taken by an input's: proved, refuted by a value, or not known.

``FITS`` is proved keyword by keyword. ``MISMATCH`` shows a value that the one admits and the other does not take, and
both were asked. What neither way decides is ``UNPROVEN``: it is said and blocks nobody, for every value is checked
against both schemas before it is handed on. That is so where an input names its values one by one and an output is a
type whose values are as few, and where an output admits less than its keywords say one by one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import ceil, floor, isinf
from typing import Any, Final, Literal

from psmp.rules.orchestration.schemas import breach, choices, types_of
from psmp.words.orchestration.graph import Schema

_LONGEST: Final = 2000
_MANY: Final = 20
_MOST: Final = 200
_OTHER: Final = "_other"
_ANYTHING: Final[tuple[Schema, ...]] = (True, {})


@dataclass(frozen=True, slots=True)
class Fit:
    """The answer, why, and for a mismatch a value that shows it."""

    answer: Literal["FITS", "MISMATCH", "UNPROVEN"]
    reason: str = ""
    witness: Any = None


def fit(output: Schema, taken: Schema) -> Fit:
    """How an output fits an input; both schemas are without faults."""
    doubt = _doubt(output, taken)
    if not doubt:
        return Fit("FITS")
    for value in _samples(output, taken):
        if breach(output, value) is None and (why := breach(taken, value)):
            return Fit("MISMATCH", why, value)
    return Fit("UNPROVEN", doubt)


def _doubt(output: Schema, taken: Schema) -> str:
    """What of ``taken`` is not proved of all that ``output`` admits; "" when all is."""
    if taken is True or output is False:
        return ""
    if taken is False:
        return "nothing is taken"
    given = {} if output is True else output
    named = choices(given)
    if named is not None:
        admitted = (value for value in named if breach(given, value) is None)
        return next(filter(None, (breach(taken, value) for value in admitted)), "")
    if choices(taken) is not None:
        return "the input names its values one by one, the output does not"
    types = types_of(taken)
    strange = [each for each in types_of(given) if each not in types and not (each == "integer" and "number" in types)]
    if strange:
        return f"the output may be {strange[0]}"
    return next(filter(None, (_doubt_of(each, given, taken) for each in types_of(given))), "")


def _doubt_of(kind: str, given: Mapping[str, Any], taken: Mapping[str, Any]) -> str:
    match kind:
        case "integer" | "number":
            low, high = (_least_whole, _most_whole) if kind == "integer" else (_low, _high)
            inside = low(given) >= low(taken) and high(given) <= high(taken)
            return "" if inside else "the output may be a number out of bounds"
        case "string":
            return "" if _is_as_long(given, taken, "Length") else "the output may be too long or too short a text"
        case "array":
            if not _is_as_long(given, taken, "Items"):
                return "the output may have too many or too few items"
            return _doubt(given.get("items", True), taken.get("items", True)) if given.get("maxItems") != 0 else ""
        case "object":
            return _doubt_of_objects(given, taken)
        case _:
            return ""


def _low(schema: Mapping[str, Any]) -> tuple[float, bool]:
    """The lower bound, and whether it is not itself admitted; greater is stricter."""
    least, beyond = schema.get("minimum", float("-inf")), schema.get("exclusiveMinimum", float("-inf"))
    return max((least, False), (beyond, "exclusiveMinimum" in schema))


def _high(schema: Mapping[str, Any]) -> tuple[float, bool]:
    """The upper bound, and whether it is itself admitted; less is stricter."""
    most, below = schema.get("maximum", float("inf")), schema.get("exclusiveMaximum", float("inf"))
    return min((most, True), (below, "exclusiveMaximum" not in schema))


def _least_whole(schema: Mapping[str, Any]) -> tuple[float, bool]:
    """The least whole number that is admitted."""
    bound, beyond = _low(schema)
    return (bound if isinf(bound) else floor(bound) + 1 if beyond else ceil(bound)), False


def _most_whole(schema: Mapping[str, Any]) -> tuple[float, bool]:
    """The greatest whole number that is admitted."""
    bound, within = _high(schema)
    return (bound if isinf(bound) else floor(bound) if within else ceil(bound) - 1), True


def _is_as_long(given: Mapping[str, Any], taken: Mapping[str, Any], of: str) -> bool:
    least, most = f"min{of}", f"max{of}"
    endless = float("inf")
    return bool(given.get(least, 0) >= taken.get(least, 0) and given.get(most, endless) <= taken.get(most, endless))


def _doubt_of_objects(given: Mapping[str, Any], taken: Mapping[str, Any]) -> str:
    lacking = next((name for name in taken.get("required", ()) if name not in given.get("required", ())), None)
    if lacking is not None:
        return f"the output may lack {lacking}"
    ours, theirs = given.get("properties", {}), taken.get("properties", {})
    rest, others = given.get("additionalProperties", True), taken.get("additionalProperties", True)
    named = (_doubt(ours.get(name, rest), theirs.get(name, others)) for name in dict.fromkeys((*ours, *theirs)))
    return next(filter(None, named), "") or _doubt(rest, others)


def _samples(schema: Schema, other: Schema) -> Iterator[Any]:
    """Values that ``schema`` may admit, not too many, chosen where ``other`` has its bounds."""
    if schema in _ANYTHING and other in _ANYTHING:
        yield from (None, "x", 1)
        return
    yield from islice(_typed_samples(schema, other), _MOST)


def _typed_samples(schema: Schema, other: Schema) -> Iterator[Any]:
    given: Mapping[str, Any] = schema if isinstance(schema, dict) else {}
    taken: Mapping[str, Any] = other if isinstance(other, dict) else {}
    yield from choices(given) or ()
    for kind in types_of(given):
        match kind:
            case "null":
                yield None
            case "boolean":
                yield from (True, False)
            case "integer" | "number":
                yield from _numbers(given, taken)
            case "string":
                yield from ("x" * length for length in _lengths(given, taken, "Length", _LONGEST))
            case "array":
                yield from _arrays(given, taken)
            case _:
                yield from _objects(given, taken)


def _numbers(given: Mapping[str, Any], taken: Mapping[str, Any]) -> Iterator[float]:
    bounds = [
        each[word]
        for each in (given, taken)
        for word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        if word in each
    ]
    for bound in (0, *bounds):
        yield from (bound, bound - 1, bound + 1, bound + 0.5, bound - 0.5)


def _lengths(given: Mapping[str, Any], taken: Mapping[str, Any], of: str, most: int) -> list[int]:
    bounds = [each[word] for each in (given, taken) for word in (f"min{of}", f"max{of}") if word in each]
    near = {near for bound in (0, *bounds) for near in (bound - 1, bound, bound + 1)}
    return [each for each in sorted(near) if 0 <= each <= most]


def _arrays(given: Mapping[str, Any], taken: Mapping[str, Any]) -> Iterator[list[Any]]:
    inner = given.get("items", True)
    fit_in = [each for each in _samples(inner, taken.get("items", True)) if breach(inner, each) is None]
    for length in _lengths(given, taken, "Items", _MANY):
        if length and fit_in:
            yield from ([each, *[fit_in[0]] * (length - 1)] for each in fit_in)
        elif not length:
            yield []


def _objects(given: Mapping[str, Any], taken: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    ours, theirs = given.get("properties", {}), taken.get("properties", {})
    rest, others = given.get("additionalProperties", True), taken.get("additionalProperties", True)
    needed = given.get("required", ())
    fit_in: dict[str, list[Any]] = {}
    for name in dict.fromkeys((*needed, *ours, *theirs, _OTHER)):
        inner = ours.get(name, rest)
        fit_in[name] = [each for each in _samples(inner, theirs.get(name, others)) if breach(inner, each) is None]
    if not all(fit_in[name] for name in needed):
        return
    least = {name: fit_in[name][0] for name in needed}
    yield least
    for name, values in fit_in.items():
        yield from ({**least, name: each} for each in values)
