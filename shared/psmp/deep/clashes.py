"""What clashes, where and why, put together over all targets and told once; as words it is a conflict of the log."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from psmp.deep.causes import Core
from psmp.deep.chain import Chain, derive
from psmp.deep.problem import Group, Problem
from psmp.deep.wording import ClashKind, place, sentence
from psmp.words.values import Conflict, Party, Severity, Suggestion

MOST_SENTENCES: Final = 3
"""How many minimal clashes get a sentence of their own."""


class Origin(NamedTuple):
    """Where an artifact's declaration stands: its version, and the sequence of the event that said so."""

    version: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """One minimal clashing set in one problem: what kind of clash on which package, and how it comes about."""

    problem: Problem
    core: Core
    kind: ClashKind
    subject: str
    chain: Chain | None
    complete: bool


@dataclass(frozen=True, slots=True)
class Clash:
    """Needs that cannot stand together on account of package ``subject``, in ``targets``.

    ``causes`` are the minimal clashing sets of artifacts, sorted; ``cores`` the needs in them. Where ``complete`` is
    false there may be more, or smaller ones. ``chain`` leads from the declarations down to the clash of the first
    cause; it is empty where none could be derived.
    """

    kind: ClashKind
    subject: str
    environment: str | None
    group: Group
    targets: tuple[str, ...]
    causes: tuple[tuple[str, ...], ...]
    complete: bool
    text: str
    chain: tuple[str, ...]
    cores: tuple[Core, ...]
    agents: tuple[tuple[str, str], ...]
    suggestions: tuple[Suggestion, ...] = ()


def trace(problem: Problem, core: Core) -> Chain | None:
    """How the needs of the core come together, as far as its proof makes it plain."""
    return derive(core.elements, core.answer.proof.facts, (root.name for root in problem.roots))


def sight(problem: Problem, core: Core, chain: Chain | None, *, published: bool, complete: bool) -> Sighting:
    """What kind of clash it is. ``published`` is false where the index has nothing that the chain ends on."""
    packages = {need.name for _, need in core.elements}
    subject = chain.subject if chain else min(packages)
    kind: ClashKind = "transitive"
    if chain and not published:
        kind = "no-version"
    elif chain and chain.disjoint and not any(chain.links):
        kind = "version"
    elif chain and not chain.disjoint:
        chain = None
    return Sighting(problem, core, kind, subject, chain, complete)


def gather(sightings: Iterable[Sighting]) -> tuple[Clash, ...]:
    """The clashes by environment, group, package and kind; the same in several targets is one."""
    groups: dict[tuple[str, Group, str, ClashKind], list[Sighting]] = {}
    for sighting in sightings:
        problem = sighting.problem
        key = (problem.environment or "", problem.group, sighting.subject, sighting.kind)
        groups.setdefault(key, []).append(sighting)
    return tuple(_clash(kind, subject, groups[key]) for key in sorted(groups) for *_, subject, kind in (key,))


def _clash(kind: ClashKind, subject: str, sightings: Sequence[Sighting]) -> Clash:
    problem = sightings[0].problem
    cores: dict[tuple[object, ...], Sighting] = {}
    for sighting in sightings:
        cores.setdefault(sighting.core.elements, sighting)
    targets = tuple(sorted({str(sighting.problem.target) for sighting in sightings}))
    agents = {root.artifact: root.agent for each in sightings for root in each.problem.roots}
    told = sorted(cores.values(), key=lambda each: (len(each.core.elements), each.core.elements))
    involved = {artifact for each in told for artifact in each.core.artifacts}
    first = told[0].chain
    return Clash(
        kind,
        subject,
        problem.environment,
        problem.group,
        targets,
        _minimal(each.core.artifacts for each in told),
        all(each.complete for each in sightings),
        _text(kind, subject, told, agents, place(problem.group, targets, problem.environment)),
        first.sentences(told[0].core.elements) if first else (),
        tuple(each.core for each in told),
        tuple(sorted((artifact, agent) for artifact, agent in agents.items() if artifact in involved)),
    )


def _minimal(sets: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    kept: list[tuple[str, ...]] = []
    for artifacts in sorted(set(sets), key=lambda each: (len(each), each)):
        if not any(set(small) <= set(artifacts) for small in kept):
            kept.append(artifacts)
    return tuple(kept)


def _text(kind: ClashKind, subject: str, told: Sequence[Sighting], agents: dict[str, str], where: str) -> str:
    sentences = [
        sentence(kind, subject, each.core.elements, each.chain, agents=agents, where=where, also=each is not told[0])
        for each in told[:MOST_SENTENCES]
    ]
    unsaid = len(told) - len(sentences)
    if unsaid:
        sentences.append(f"{unsaid} more {'combination clashes' if unsaid == 1 else 'combinations clash'}.")
    return " ".join(sentences)


def as_conflict(clash: Clash, conflict_id: str, origins: Mapping[str, Origin]) -> Conflict:
    """The clash as the log knows it. Raises KeyError where ``origins`` lacks an artifact of its causes."""
    agents = dict(clash.agents)
    elements = sorted({element for core in clash.cores for element in core.elements})
    parties = tuple(
        Party(
            artifact=artifact,
            version=origins[artifact].version,
            agent=agents[artifact],
            constraint=need.constraint if need.name == clash.subject else need.said,
            purpose=need.purpose,
            sequence=origins[artifact].sequence,
            scope=need.scope,
            marker=need.marker or None,
        )
        for artifact, need in elements
    )
    return Conflict(
        id=conflict_id,
        kind=clash.kind,
        ecosystem="pypi",
        subject=clash.subject,
        scope=clash.group,
        severity=Severity.CRITICAL if clash.group == "runtime" else Severity.HIGH,
        environments=clash.targets,
        causes=clash.causes,
        parties=parties,
        text=clash.text,
        suggestions=clash.suggestions,
        complete=clash.complete,
        environment=clash.environment,
        chain=clash.chain or None,
    )
