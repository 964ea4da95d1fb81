"""Every minimal set of needs that clash is found, and a proof is believed no further than it goes."""

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from psmp.deep.causes import find_cores
from psmp.deep.problem import Element, Need, Problem
from psmp.deep.solution import Answer, Solved, Undetermined, Unsolvable
from tests.unit.deep.saying import now, problem, root, unsolvable

PLACES = range(7)
ELEMENTS: list[Element] = [(f"a{place // 2}", Need(f"p{place}")) for place in PLACES]
WHOLE = problem(*(root(artifact, *(need for a, need in ELEMENTS if a == artifact)) for artifact in dict(ELEMENTS)))
CLASHES = st.lists(st.frozensets(st.sampled_from(ELEMENTS), min_size=1, max_size=4), min_size=1, max_size=5)


@dataclass
class Oracle:
    """Knows which sets clash, and nothing of how they are found; ``most`` questions are answered."""

    clashes: list[frozenset[Element]]
    terse: bool = False
    most: int = 10_000
    asked: list[frozenset[Element]] = field(default_factory=list)

    async def __call__(self, problem: Problem) -> Answer:
        elements = frozenset(problem.elements)
        if len(self.asked) >= self.most:
            return Undetermined("enough")
        self.asked.append(elements)
        return self.judge(problem)

    def judge(self, problem: Problem) -> Answer:
        elements = frozenset(problem.elements)
        found = next((clash for clash in self.clashes if clash <= elements), None)
        if found is None:
            return Solved(())
        names = {need.name for _, need in found}
        return unsolvable(problem, names=names if self.terse else None)

    def start(self, whole: Problem) -> Unsolvable:
        answer = self.judge(whole)
        assert isinstance(answer, Unsolvable)
        return answer

    @property
    def minimal(self) -> set[frozenset[Element]]:
        return {each for each in self.clashes if not any(other < each for other in self.clashes)}


@given(CLASHES, st.booleans())
def test_every_minimal_set_is_found_and_nothing_else(clashes: list[frozenset[Element]], terse: bool) -> None:
    oracle = Oracle(clashes, terse)
    found = now(find_cores(WHOLE, oracle.start(WHOLE), oracle, most=100))
    assert {frozenset(core.elements) for core in found.cores} == oracle.minimal
    assert found.complete
    assert all(core.minimal for core in found.cores)
    assert all(one.elements < other.elements for one, other in pairwise(found.cores))


@given(CLASHES, st.integers(0, 12))
def test_cut_short_what_is_listed_clashes_all_the_same(clashes: list[frozenset[Element]], most: int) -> None:
    oracle = Oracle(clashes, most=most)
    found = now(find_cores(WHOLE, oracle.start(WHOLE), oracle, most=100))
    assert found.cores
    for core in found.cores:
        assert any(clash <= frozenset(core.elements) for clash in clashes)
        assert not core.minimal or frozenset(core.elements) in oracle.minimal
    assert not found.complete or {frozenset(core.elements) for core in found.cores} == oracle.minimal


def test_no_more_causes_than_wanted() -> None:
    oracle = Oracle([frozenset({element}) for element in ELEMENTS])
    found = now(find_cores(WHOLE, oracle.start(WHOLE), oracle, most=2))
    assert len(found.cores) == 2
    assert not found.complete


def test_what_a_proof_does_not_speak_of_goes_at_one_blow() -> None:
    clash = frozenset(ELEMENTS[:2])
    oracle = Oracle([clash], terse=True)
    found = now(find_cores(WHOLE, oracle.start(WHOLE), oracle, most=9))
    assert [frozenset(core.elements) for core in found.cores] == [clash]
    assert len(oracle.asked) == 1 + 2 + 2


def test_a_proof_that_says_too_little_is_not_believed() -> None:
    oracle = Oracle([frozenset(ELEMENTS[:2])])
    found = now(find_cores(WHOLE, unsolvable(WHOLE, names=["p0"]), oracle, most=9))
    assert [core.artifacts for core in found.cores] == [("a0",)]


def test_a_need_with_an_address_is_not_left_out() -> None:
    fetched = ("b", Need("p9", url="https://host/p9-1-py3-none-any.whl"))
    whole = problem(root("a", Need("p1")), root("b", fetched[1]))
    oracle = Oracle([frozenset({("a", Need("p1"))})])
    found = now(find_cores(whole, oracle.start(whole), oracle, most=9))
    assert [core.artifacts for core in found.cores] == [("a", "b")]


def test_a_way_that_was_gone_from_its_other_end_is_not_gone_again() -> None:
    one, two, three = ELEMENTS[:3]
    oracle = Oracle([frozenset({one, two}), frozenset({two, three}), frozenset({one, three})])
    found = now(find_cores(WHOLE, oracle.start(WHOLE), oracle, most=9))
    assert len(found.cores) == 3
    assert found.complete
