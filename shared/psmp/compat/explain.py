"""A clash in words, in the grammar of uv."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from psmp.compat.board import Group
from psmp.compat.proof import Core, Proof
from psmp.compat.requirement import PYTHON, Requirement, Stake, Subject

MOST_SENTENCES: Final = 3
"""How many minimal clashes get a sentence of their own."""

MOST_PREMISES: Final = 8
"""How many demands are named in one sentence."""

MOST_NAMES: Final = 3
"""How many of those who demand the same are named."""


def explain(subject: Subject, group: Group, proof: Proof, environments: Sequence[str]) -> str:
    """Why nothing will do, in a sentence for each core, bounded.

    ``environments`` names where, unless it is everywhere.
    """
    involved = {stake.artifact: stake.agent for core in proof.cores for one in core for stake in one}
    agents = Counter(involved.values())
    conclusion = _conclusion(subject, group, proof) + (f" on {listed(environments)}" if environments else "")
    sentences: list[str] = []
    for core in proof.cores[:MOST_SENTENCES]:
        opening = "Also, because" if sentences else "Because"
        sentences.append(f"{opening} {listed(_premises(core, agents))}, {conclusion}.")
    unsaid = len(proof.cores) - len(sentences)
    if unsaid:
        clashes = "combination clashes" if unsaid == 1 else "combinations clash"
        sentences.append(f"{'' if proof.complete else 'At least '}{unsaid} more {clashes}.")
    elif not proof.complete:
        sentences.append("There may be more clashes than this.")
    return " ".join(sentences)


def listed(items: Sequence[str]) -> str:
    """Items in a sentence."""
    if len(items) <= 2:  # noqa: PLR2004 -- two things are joined by a plain "and", more by commas
        return " and ".join(items)
    return f"{', '.join(items[:-1])}, and {items[-1]}"


def _conclusion(subject: Subject, group: Group, proof: Proof) -> str:
    if subject.ecosystem == PYTHON:
        return f"no Python satisfies the {group.name}"
    sourced = any(party.ask.reference for party in proof.parties)
    name = f"{subject.name} in {subject.environment}" if subject.environment else subject.name
    return f"no {'source' if sourced else 'version'} of {name} satisfies the {group.name}"


def _premises(core: Core, agents: Counter[str]) -> list[str]:
    premises = [_premise(group, agents) for group in core[:MOST_PREMISES]]
    if len(core) > MOST_PREMISES:
        premises.append(f"{len(core) - MOST_PREMISES} more demands exclude the rest")
    return premises


def _premise(group: Sequence[Stake], agents: Counter[str]) -> str:
    names = [f"{stake.agent} ({stake.artifact})" if agents[stake.agent] > 1 else stake.agent for stake in group]
    if len(names) > MOST_NAMES:
        names[MOST_NAMES - 1 :] = [f"{len(names) - MOST_NAMES + 1} more"]
    require = "requires" if len(names) == 1 else "each require"
    said = f"{listed(names)} {require} {_demand(group[0])}"
    return f"{said}, which admits no version" if group[0].span.is_empty else said


def _demand(stake: Stake) -> str:
    """What is demanded; several constraints of one artifact are said as one."""
    first = stake.requirements[0]
    if len(stake.requirements) == 1 or stake.references:
        return listed([_single(requirement) for requirement in stake.requirements])
    joint = "@" if first.subject.ecosystem == "npm" else ""
    return f"{first.subject.shown}{joint}{stake.text}"


def _single(requirement: Requirement) -> str:
    scope = requirement.ask.scope
    return f"{requirement}" if scope == "runtime" else f"{requirement} ({scope})"
