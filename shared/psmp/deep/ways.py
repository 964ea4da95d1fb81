"""Ways out of a clash that only a resolver sees: each is applied and solved again before it is listed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from packaging.utils import canonicalize_version
from packaging.version import InvalidVersion, Version

from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.pypi.ranges import parse
from psmp.deep.causes import Core
from psmp.deep.problem import Element, Need, Problem
from psmp.deep.solution import Answer, Solved
from psmp.words.values import Change, Suggestion

MOST: Final = 5
"""How many suggestions are listed."""

MOST_CORRECTIONS: Final = 8
"""For how many ways to break all causes suggestions are looked for."""

MOST_KEPT: Final = 64
"""How many such ways are kept while they are looked for."""

MOST_CHANGES: Final = 10
"""How many needs one suggestion may change."""


class Solve(Protocol):
    """Asks for a solution; the same question has the same answer."""

    async def __call__(self, problem: Problem) -> Answer:
        """The answer; Undetermined also where nothing more may be asked."""


@dataclass(frozen=True, slots=True)
class _Way:
    changes: tuple[Change, ...]
    text: str


async def find_ways(
    problems: Sequence[Problem], cores: Sequence[Core], others: Iterable[Core], solve: Solve, *, subject: str
) -> tuple[Suggestion, ...]:
    """At most ``MOST`` ways out of the clash whose minimal sets are ``cores``.

    ``problems`` are the same question for every target; a way must lead out in all of them. What clashes besides, the
    sets ``others``, is set aside meanwhile. First comes what keeps a bound, to the newest version that works; then an
    environment of an artifact's own; then any version at all.
    """
    bases = _bases(problems, cores, others)
    if bases is None:
        return ()
    relaxed: list[_Way] = []
    dropped: list[_Way] = []
    for correction in _corrections(cores):
        found = await _relax(bases, correction, solve)
        relaxed.extend(found[:-1])
        dropped.extend(found[-1:])
    isolated = [way for artifact in _alone(cores) if (way := await _isolate(bases, artifact, solve, subject))]
    ways = {way.changes: way for way in [*relaxed[: MOST - 1], *isolated, *dropped]}
    return tuple(
        Suggestion(n=n, changes=way.changes, text=way.text) for n, way in enumerate([*ways.values()][:MOST], 1)
    )


def _bases(problems: Sequence[Problem], cores: Sequence[Core], others: Iterable[Core]) -> list[Problem] | None:
    """The problems without one need of each other clash; None where these cannot be told apart."""
    own = {element for core in cores for element in core.elements}
    aside = set()
    for core in others:
        foreign = [element for element in core.elements if element not in own]
        if not foreign:
            return None
        aside.add(foreign[-1])
    return [problem.only(set(problem.elements) - aside) for problem in problems]


def _corrections(cores: Sequence[Core]) -> list[tuple[Element, ...]]:
    """The smallest choices of needs of which every cause has one (Berge 1989), as far as ``MOST_KEPT`` lead to them."""
    sets: list[frozenset[Element]] = [frozenset()]
    for core in cores:
        grown = {known | {element} for known in sets if not known & set(core.elements) for element in core.elements}
        sets = _smallest([*(known for known in sets if known & set(core.elements)), *grown])[:MOST_KEPT]
    return [tuple(sorted(each)) for each in sets if len(each) <= MOST_CHANGES][:MOST_CORRECTIONS]


def _smallest(sets: Iterable[frozenset[Element]]) -> list[frozenset[Element]]:
    """Those that contain no other, by the number of artifacts, then of needs, then by name."""
    kept: list[frozenset[Element]] = []
    for each in sorted(set(sets), key=lambda one: (len({artifact for artifact, _ in one}), len(one), sorted(one))):
        if not any(small <= each for small in kept):
            kept.append(each)
    return kept


def _alone(cores: Sequence[Core]) -> list[str]:
    """The artifacts without which there is no clash."""
    common = set(cores[0].artifacts).intersection(*(core.artifacts for core in cores))
    return sorted(common)


async def _relax(bases: Sequence[Problem], correction: Sequence[Element], solve: Solve) -> list[_Way]:
    """Other bounds for these needs, and none at all; nothing where not even that leads out."""
    free = {element: replace(element[1], constraint="", url="") for element in correction}
    answers = [await solve(base.exchange(free)) for base in bases]
    newest = _newest(answers)
    if newest is None:
        return []
    agents = _agents(bases)
    ways = []
    bound = {element: replace(need, constraint=_bound(element[1], newest)) for element, need in free.items()}
    if bound != free and await _stand([base.exchange(bound) for base in bases], solve):
        ways.append(_way(bound, agents))
    return [*ways, _way(free, agents)]


def _newest(answers: Sequence[Answer]) -> dict[str, str] | None:
    """The versions that were found, of several for one package the oldest; None where there was no solution."""
    found: dict[str, str] = {}
    for answer in answers:
        if not isinstance(answer, Solved):
            return None
        for package in answer.packages:
            known = found.get(package.name)
            if package.version and (known is None or Version(package.version) < Version(known)):
                found[package.name] = package.version
    return found


def _bound(need: Need, newest: Mapping[str, str]) -> str:
    """From where on, or up to where, or where alone: as much as is known to lead out."""
    version = newest.get(need.name)
    if version is None:
        return ""
    try:
        before = parse(need.constraint).span.any
        older, newer = parse(f"<={version}").span.any, parse(f">={version}").span.any
    except (InvalidConstraint, InvalidVersion):
        return f"=={version}"
    if (before & newer).is_empty:
        return f">={canonicalize_version(version, strip_trailing_zero=False)}"
    if (before & older).is_empty:
        return f"<={version}"
    return f"=={version}"


async def _isolate(bases: Sequence[Problem], artifact: str, solve: Solve, subject: str) -> _Way | None:
    """An environment of its own, where the artifact stands alone and the others without it."""
    parts = []
    for base in bases:
        own = {element for element in base.elements if element[0] == artifact}
        parts += [base.only(own), base.only(set(base.elements) - own)]
    if not await _stand(parts, solve):
        return None
    agent = _agents(bases)[artifact]
    change = Change(artifact=artifact, agent=agent, name=subject, constraint="", action="isolate", environment=artifact)
    return _Way((change,), f"{agent} -> {artifact} in an environment of its own")


async def _stand(problems: Iterable[Problem], solve: Solve) -> bool:
    for problem in problems:
        if problem.roots and not isinstance(await solve(problem), Solved):
            return False
    return True


def _way(changes: Mapping[Element, Need], agents: Mapping[str, str]) -> _Way:
    steps = sorted(changes.items())
    return _Way(
        tuple(
            Change(
                artifact=artifact,
                agent=agents[artifact],
                name=old.name,
                constraint=new.constraint,
                action="require",
                scope=old.scope,
                marker=old.marker or None,
            )
            for (artifact, old), new in steps
        ),
        "; ".join(_step(artifact, agents[artifact], old, new) for (artifact, old), new in steps),
    )


def _step(artifact: str, agent: str, old: Need, new: Need) -> str:
    wanted = new.said if new.constraint else f"any {new.package}"
    return f"{agent} -> {wanted} in {artifact} (was {old.constraint or old.url})"


def _agents(bases: Sequence[Problem]) -> Mapping[str, str]:
    return {root.artifact: root.agent for base in bases for root in base.roots}
