"""What the tests of the direct check draw from: requirements on one package, and what is true of them by counting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from hypothesis import settings
from hypothesis import strategies as st
from packaging.specifiers import Specifier
from packaging.version import Version

from psmp.compat import needs
from psmp.compat.board import Board
from psmp.compat.direct import Clash, check, witness
from psmp.compat.ecosystems import canonical
from psmp.compat.environments import Environments
from psmp.compat.requirement import Ask, Requirement
from psmp.words.values import Target
from tests.unit.compat.oracle import CLAUSES, Clause, V, common

often = settings(max_examples=100, deadline=None)
seldom = settings(max_examples=30, deadline=None)

HERE = Environments((Target(),))


@dataclass(frozen=True)
class Fits:
    """Nothing clashes in the runtime scope."""

    witness: str
    prerelease_only: bool = False


def requires(  # noqa: PLR0917 - in the order of the dataclass
    artifact: str,
    agent: str,
    name: str = "pkg",
    constraint: str = "",
    purpose: str = "",
    position: int = 0,
    ask: Ask | None = None,
    environment: str = "",
) -> Requirement:
    """A requirement on a Python package, in the runtime scope unless ``ask`` says otherwise."""
    subject = needs.subject("pypi", canonical(name), environment)
    return Requirement(artifact, agent, subject, ask or Ask(constraint), purpose, "", position)


def verdict(requirements: Iterable[Requirement], environments: Environments = HERE) -> Fits | Clash:
    """The only clash that requirements on one package have, or that they fit."""
    given = list(requirements)
    if not given:
        return Fits("")
    found = check(given, environments)
    if found.clashes:
        (clash,) = found.clashes
        return clash
    board = Board(given[0].subject, environments)
    for each in given:
        board.add(each.ask)
    return Fits(witness(board), any(each.startswith("prerelease-only") for each in found.warnings))


_BY_TEXT = {clause.text: clause for clause in CLAUSES}

constraints = st.lists(st.sampled_from(CLAUSES), min_size=1, max_size=3).map(
    lambda clauses: ",".join(clause.text for clause in clauses)
)

requirements = st.builds(
    lambda number, constraint, purpose: requires(
        f"a{number}", f"agent-{number % 3}", "pkg", constraint, purpose, number
    ),
    st.integers(0, 5),
    st.one_of(st.just(""), constraints),
    st.sampled_from(["", "why"]),
)

demands = st.lists(requirements, min_size=1, max_size=8)


def clauses(requirements: Iterable[Requirement]) -> list[Clause]:
    """What the oracle knows of the requirements."""
    texts = (text for requirement in requirements for text in requirement.ask.constraint.split(",") if text)
    return [_BY_TEXT.get(text) or _read(text) for text in texts]


def _read(text: str) -> Clause:
    """A clause that was made of others, as a spelling may be."""
    specifier = Specifier(text)
    v = Version(specifier.version.removesuffix(".*"))
    named = V(v.release, v.pre, v.post, v.dev, v.local, v.epoch)
    return Clause(specifier.operator, named, wildcard=specifier.version.endswith(".*"))


def admitted(requirements: Iterable[Requirement]) -> int:
    """The versions of the oracle's universe that all requirements admit, as a bit mask."""
    return common(clauses(requirements))


def without(requirements: Iterable[Requirement], artifacts: Iterable[str]) -> list[Requirement]:
    gone = set(artifacts)
    return [requirement for requirement in requirements if requirement.artifact not in gone]


def only(requirements: Iterable[Requirement], artifacts: Iterable[str]) -> list[Requirement]:
    kept = set(artifacts)
    return [requirement for requirement in requirements if requirement.artifact in kept]


def minimal(sets: Iterable[Sequence[str]]) -> set[tuple[str, ...]]:
    """Those sets of which no other is a part."""
    every = [frozenset(one) for one in sets]
    return {tuple(sorted(one)) for one in every if not any(other < one for other in every)}


def clashing_sets(requirements: Sequence[Requirement]) -> set[tuple[str, ...]]:
    """Every minimal set of artifacts that the oracle finds clashing, by trying them all."""
    return minimal(one for one in _subsets(requirements) if not admitted(only(requirements, one)))


def correcting_sets(requirements: Sequence[Requirement]) -> set[tuple[str, ...]]:
    """Every minimal set of artifacts without which the oracle finds the rest standing, by trying them all."""
    return minimal(one for one in _subsets(requirements) if admitted(without(requirements, one)))


def _subsets(requirements: Iterable[Requirement]) -> list[tuple[str, ...]]:
    artifacts = sorted({requirement.artifact for requirement in requirements})
    return [one for size in range(len(artifacts) + 1) for one in combinations(artifacts, size)]
