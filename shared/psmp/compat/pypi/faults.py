"""What is wrong with a text that is no PEP 440 constraint: where, why, and what was probably meant."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from packaging.specifiers import InvalidSpecifier, Specifier

from psmp.compat.ecosystem import InvalidConstraint, shown


def _caret(match: re.Match[str]) -> str:
    """What npm and Poetry mean by ``^``: up to the next version that changes the leftmost number other than 0."""
    numbers = match["rest"].split(".")
    fixed = next((place for place, number in enumerate(numbers) if int(number)), len(numbers) - 1)
    following = [*numbers[:fixed], str(int(numbers[fixed]) + 1)]
    return f">={match['rest']},<{'.'.join(following)}"


# Each habit of another ecosystem or slip of the hand: its shape, what is wrong with it, and what was probably meant.
# The fault stands where the group ``at`` starts; ``{at}`` in the sentence is that group. The first that fits counts.
_HABITS: Final[tuple[tuple[re.Pattern[str], str, str | Callable[[re.Match[str]], str] | None], ...]] = tuple(
    (re.compile(shape, re.IGNORECASE | re.DOTALL), fault, meant)
    for shape, fault, meant in (
        (r"(?P<at>\().*", "parentheses do not belong here", None),
        (r".*?(?P<at>\)).*", "parentheses do not belong here", None),
        (r".*?(?P<at>\|).*", "PEP 440 has no 'or'", None),
        (r"(?P<left>[<>=!~]=?\s*[^\s;]+)[\s;]+(?P<at>[<>=!~^].*)", "a comma is missing", r"\g<left>,\g<at>"),
        (r"(?P<at>\*|x|any|latest)", "any version is written as nothing at all", ""),
        (r"(?P<at>=>)(?P<rest>.*)", "'{at}' is not an operator", r">=\g<rest>"),
        (r"(?P<at>=<)(?P<rest>.*)", "'{at}' is not an operator", r"<=\g<rest>"),
        (r"(?P<at><>)(?P<rest>.*)", "'{at}' is not an operator", r"!=\g<rest>"),
        (r"(?P<at>=)(?P<rest>[^=].*)", "'{at}' is not an operator", r"==\g<rest>"),
        (r"(?P<at>!)(?P<rest>[^=].*)", "'{at}' is not an operator", r"!=\g<rest>"),
        (r"(?P<at>~)\s*(?P<rest>v?\d+)", "'{at}' is not an operator", r"==\g<rest>.*"),
        (r"(?P<at>~)(?P<rest>[^=].*)", "'{at}' is not an operator", r"~=\g<rest>"),
        (r"(?P<at>\^)\s*v?(?P<rest>[0-9]+(?:\.[0-9]+)*)", "'{at}' is not an operator", _caret),
        (r"(?P<at>v?\d.*)", "an operator is missing", r"==\g<at>"),
        (r"(?P<op>[<>]=?)(?P<rest>[^*]*)(?P<at>\.[*x])", "'{at}' goes with == and != alone", r"\g<op>\g<rest>"),
        (r"~=(?P<rest>[^*]*)(?P<at>\.[*x])", "'{at}' goes with == and != alone", r"==\g<rest>.*"),
        (r"(?P<op>[=!]=)(?P<rest>[^*]*)(?P<at>\.x)", "a wildcard is written '.*'", r"\g<op>\g<rest>.*"),
        (r"~=\s*(?P<at>v?\d+)", "'~=' needs at least two numbers", r"~=\g<at>.0"),
        (r"(?P<op>[<>~]=?)(?P<rest>[^+]*)(?P<at>\+.*)", "a local version goes with == and != alone", r"\g<op>\g<rest>"),
        (r"(?:===|[<>=!~]=|[<>])\s*(?P<at>)", "a version is missing", None),
        (r"(?:===|[<>=!~]=|[<>])\s*(?:v?(?:\d+!)?\d+(?:\.\d+)*)?(?P<at>.+)", "{at} does not belong to a version", None),
        (r"(?P<at>.*)", "{at} does not start with an operator", None),
    )
)


def diagnose(text: str) -> InvalidConstraint:
    """The first fault of ``text``, which has at least one; a hint is given only where it is itself valid."""
    start, clause = next((start, clause) for start, clause in _clauses(text) if not _is_clause(clause))
    match, fault, meant = next((m, fault, meant) for shape, fault, meant in _HABITS if (m := shape.fullmatch(clause)))
    hint = ""
    if meant is not None:
        repair = meant(match) if callable(meant) else match.expand(meant)
        hint = _hint(text[:start] + repair + text[start + len(clause) :])
    return InvalidConstraint(text, start + match.start("at"), _worded(fault, match["at"]), hint)


def _clauses(text: str) -> Iterator[tuple[int, str]]:
    """Each clause between commas, without the white space round it, and where it starts."""
    start = 0
    for part in text.split(","):
        clause = part.strip()
        if clause:
            yield start + part.index(clause), clause
        start += len(part) + 1


def _is_clause(clause: str) -> bool:
    try:
        return bool(Specifier(clause).version)
    except InvalidSpecifier:
        return False


def _worded(fault: str, token: str) -> str:
    if fault.startswith("{at}"):
        return fault.format(at=shown(token))
    return fault.format(at=token)


def _hint(repaired: str) -> str:
    constraint = repaired.strip(" ,")
    if not constraint:
        return "leave the constraint empty for any version"
    if all(_is_clause(clause) for _, clause in _clauses(constraint)):
        return f"did you mean {shown(constraint)}?"
    return ""
