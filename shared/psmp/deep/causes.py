"""Which needs exactly cannot stand together: every minimal set, by asking again about fewer.

A set is made minimal by leaving out one need after another. The other sets are found as Reiter's hitting set tree does
(1987): whatever else clashes still does when one member of each known set is gone. A need with an address of its own is
not left out to see what happens: without it the package comes from the index, which is another question.
"""

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from psmp.deep.problem import Element, Problem
from psmp.deep.report import Proof
from psmp.deep.solution import Answer, Solved, Unsolvable


class Refute(Protocol):
    """Asks whether a problem is unsolvable whatever is allowed; the same question has the same answer."""

    async def __call__(self, problem: Problem) -> Answer:
        """The answer; Undetermined also where nothing more may be asked."""


@dataclass(frozen=True, slots=True)
class Core:
    """Needs that cannot stand together; unless ``minimal`` is false none can be spared. ``answer`` is the proof."""

    elements: tuple[Element, ...]
    answer: Unsolvable
    minimal: bool = True

    @property
    def artifacts(self) -> tuple[str, ...]:
        """Whose needs they are, sorted."""
        return tuple(sorted({artifact for artifact, _ in self.elements}))


@dataclass(frozen=True, slots=True)
class Cores:
    """The minimal clashing sets of one problem; ``complete`` is false where there may be more, or smaller ones."""

    cores: tuple[Core, ...]
    complete: bool


async def find_cores(problem: Problem, answer: Unsolvable, refute: Refute, *, most: int) -> Cores:
    """Up to ``most`` minimal clashing sets of ``problem``, for which ``answer`` is the proof; always at least one."""
    found = [await _shrink(problem, answer, refute)]
    complete = found[0].minimal
    pending = deque(frozenset({element}) for element in _spared(found[0].elements))
    seen = set(pending)
    while pending:
        removed = pending.popleft()
        core = next((core for core in found if not removed.intersection(core.elements)), None)
        if core is None:
            if len(found) >= most:
                return _sorted(found, complete=False)
            rest = problem.only(set(problem.elements) - removed)
            told = await refute(rest)
            if not isinstance(told, Unsolvable):
                complete = complete and isinstance(told, Solved)
                continue
            core = await _shrink(rest, told, refute)
            complete = complete and core.minimal
            found.append(core)
        for element in _spared(core.elements):
            more = removed | {element}
            if more not in seen:
                seen.add(more)
                pending.append(more)
    return _sorted(found, complete=complete)


def _sorted(found: list[Core], *, complete: bool) -> Cores:
    return Cores(tuple(sorted(found, key=lambda core: core.elements)), complete)


async def _shrink(problem: Problem, answer: Unsolvable, refute: Refute) -> Core:
    """A minimal clashing set of ``problem``. What its proof does not speak of goes first, at one blow."""
    elements, minimal = problem.elements, True
    named = _named(problem, answer.proof)
    if len(named) < len(elements):
        told = await refute(problem.only(named))
        if isinstance(told, Unsolvable):
            elements, answer = named, told
    for element in _spared(elements) if len(elements) > 1 else ():
        fewer = tuple(each for each in elements if each != element)
        told = await refute(problem.only(fewer))
        if isinstance(told, Unsolvable):
            elements, answer = fewer, told
        else:
            minimal = minimal and isinstance(told, Solved)
    return Core(elements, answer, minimal)


def _spared(elements: Iterable[Element]) -> list[Element]:
    """Those that may be left out."""
    return [(artifact, need) for artifact, need in elements if not need.url]


def _named(problem: Problem, proof: Proof) -> tuple[Element, ...]:
    """The needs that the proof speaks of: root and package."""
    spoken: Collection[str] = proof.mentioned
    return tuple(
        (root.artifact, need)
        for root in problem.roots
        for need in root.needs
        if root.name in spoken and need.name in spoken
    )
