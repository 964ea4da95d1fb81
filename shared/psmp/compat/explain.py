"""A clash in words, in the grammar of uv."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from psmp.compat.requirement import Stake

MOST_SENTENCES: Final = 3
"""How many minimal clashes get a sentence of their own."""

MOST_PREMISES: Final = 8
"""How many demands are named in one sentence."""

MOST_NAMES: Final = 3
"""How many of those who demand the same are named."""

Core = Sequence[Sequence[Stake]]
"""Groups of stakes, alike within a group: one of each group clash, and no group can be spared."""


def explain(subject: str, cores: Sequence[Core], *, complete: bool) -> str:
    """Why no version of ``subject`` will do, in a sentence for each core, bounded.

    With ``complete`` false there may be more cores than these.
    """
    involved = {stake.artifact: stake.agent for core in cores for group in core for stake in group}
    agents = Counter(involved.values())
    sentences: list[str] = []
    for core in cores[:MOST_SENTENCES]:
        premises = [_premise(subject, group, agents) for group in core[:MOST_PREMISES]]
        if len(core) > MOST_PREMISES:
            premises.append(f"{len(core) - MOST_PREMISES} more demands exclude the rest")
        opening = "Also, because" if sentences else "Because"
        sentences.append(f"{opening} {_listed(premises)}, no version of {subject} satisfies the runtime scope.")
    unsaid = len(cores) - len(sentences)
    if unsaid:
        clashes = "combination clashes" if unsaid == 1 else "combinations clash"
        sentences.append(f"{'' if complete else 'At least '}{unsaid} more {clashes}.")
    elif not complete:
        sentences.append("There may be more clashes than this.")
    return " ".join(sentences)


def _premise(subject: str, group: Sequence[Stake], agents: Counter[str]) -> str:
    names = [f"{stake.agent} ({stake.artifact})" if agents[stake.agent] > 1 else stake.agent for stake in group]
    if len(names) > MOST_NAMES:
        names[MOST_NAMES - 1 :] = [f"{len(names) - MOST_NAMES + 1} more"]
    require = "requires" if len(names) == 1 else "each require"
    said = f"{_listed(names)} {require} {subject}{group[0].text}"
    return f"{said}, which admits no version" if group[0].span.is_empty else said


def _listed(items: Sequence[str]) -> str:
    if len(items) <= 2:  # noqa: PLR2004 -- two things are joined by a plain "and", more by commas
        return " and ".join(items)
    return f"{', '.join(items[:-1])}, and {items[-1]}"
