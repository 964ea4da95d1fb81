"""What the unit tests of the deep check are made of."""

from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from psmp.deep.names import root_name
from psmp.deep.problem import Need, Problem, Root
from psmp.deep.report import Fact, Proof
from psmp.deep.solution import Unsolvable
from psmp.words.values import Target

T = TypeVar("T")

LINUX = Target(python="3.11", platform="linux")


def now(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    raise AssertionError("it waits for something")


def root(artifact: str, *needs: Need) -> Root:
    return Root(artifact, f"agent-{artifact}", tuple(sorted(needs)))


def problem(*roots: Root, target: Target = LINUX) -> Problem:
    return Problem(None, target, "runtime", tuple(sorted(roots)))


def unsolvable(about: Problem, facts: Iterable[Fact] = (), *, names: Iterable[str] | None = None) -> Unsolvable:
    """A proof that speaks of all roots and of all packages, or of these alone."""
    packages = {need.name for _, need in about.elements} if names is None else set(names)
    return Unsolvable(Proof(tuple(facts), frozenset({*packages, *map(root_name, about.artifacts)})), "told")
