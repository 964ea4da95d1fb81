"""A clash in words, in the grammar of uv and of the direct check."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final, Literal, assert_never

from psmp.deep.chain import Chain
from psmp.deep.problem import Element, Group, Need

MOST_PREMISES: Final = 8
"""How many artifacts are named in one sentence."""

MOST_LINES: Final = 6
"""How many needs of one artifact are named."""

ClashKind = Literal["transitive", "no-version", "version"]
"""What is wrong: packages that the named ones need; that none is published; or the constraints themselves."""


def sentence(
    kind: ClashKind,
    subject: str,
    elements: Sequence[Element],
    chain: Chain | None,
    *,
    agents: dict[str, str],
    where: str,
    also: bool = False,
) -> str:
    """Why ``elements`` cannot stand together ``where``; "also" if another reason was told before."""
    lines = chain.links if chain else ((),) * len(elements)
    told = [(artifact, need, line) for (artifact, need), line in zip(elements, lines, strict=True)]
    premises = []
    for artifact, group in groupby(told, key=lambda each: each[0]):
        needs = [_need(need) + "".join(f", which needs {link}" for link in line) for _, need, line in group]
        if len(needs) > MOST_LINES:
            needs[MOST_LINES - 1 :] = [f"{len(needs) - MOST_LINES + 1} more"]
        agent = agents[artifact]
        # The artifact stands after the first need, so that what a package needs still follows the package.
        first, *rest = _named(needs[0], artifact if artifact != agent else ""), *needs[1:]
        premises.append(f"{agent} requires {_listed([first, *rest])}")
    if len(premises) > MOST_PREMISES:
        premises[MOST_PREMISES - 1 :] = [f"{len(premises) - MOST_PREMISES + 1} more requirements exclude the rest"]
    opening = "Also, because" if also else "Because"
    return f"{opening} {_joined(premises)}, {_end(kind, subject, where)}."


def place(group: Group, targets: Sequence[str], environment: str | None) -> str:
    """The scope and the environments, as a sentence names them."""
    scope = "the runtime scope" if group == "runtime" else "the runtime and dev scopes together"
    inside = f" of environment {environment}" if environment else ""
    return f"{scope}{inside} on {_listed(targets)}"


def _end(kind: ClashKind, subject: str, where: str) -> str:
    match kind:
        case "transitive":
            return f"no set of versions satisfies {where}"
        case "version":
            return f"no version of {subject} satisfies {where}"
        case "no-version":
            return f"the index has no version of {subject} that satisfies {where}"
        case _:
            assert_never(kind)


def _need(need: Need) -> str:
    return f"{need.said} where {need.marker}" if need.marker else need.said


def _named(told: str, artifact: str) -> str:
    head, comma, tail = told.partition(", which needs ")
    return f"{head} ({artifact}){comma}{tail}" if artifact else told


def _joined(premises: Sequence[str]) -> str:
    """As a list; two of which the first has a comma of its own are kept apart by one."""
    if len(premises) == 2 and ", which needs " in premises[0]:  # noqa: PLR2004 -- a pair
        return f"{premises[0]}, and {premises[1]}"
    return _listed(premises)


def _listed(items: Sequence[str]) -> str:
    if len(items) <= 2:  # noqa: PLR2004 -- two things are joined by a plain "and", more by commas
        return " and ".join(items)
    return f"{', '.join(items[:-1])}, and {items[-1]}"
