"""Ways out of a clash lead out of it in every target, the mildest first, and do not take for ever."""

from packaging.specifiers import SpecifierSet

from psmp.deep.causes import Core
from psmp.deep.problem import Element, Need, Problem
from psmp.deep.solution import Answer, Package, Solved, Undetermined
from psmp.deep.ways import MOST, find_ways
from psmp.words.values import Suggestion, Target
from tests.unit.deep.saying import now, problem, root, unsolvable

VERSIONS = ("1.0", "1.5", "2.0", "2.5")


class Shelf:
    """Solves for packages that need nothing: of each there are ``versions``, or those of ``rare``."""

    def __init__(self, **rare: tuple[str, ...]) -> None:
        self.rare = rare

    async def __call__(self, problem: Problem) -> Answer:
        found = []
        names = sorted({need.name for _, need in problem.elements})
        for name in names:
            wanted = [SpecifierSet(need.constraint) for _, need in problem.elements if need.name == name]
            versions = [v for v in self.rare.get(name, VERSIONS) if all(each.contains(v) for each in wanted)]
            if not versions:
                return Undetermined("no")
            found.append(Package(name, versions[-1]))
        return Solved(tuple(found))


def core(whole: Problem, *elements: Element) -> Core:
    return Core(tuple(sorted(elements)), unsolvable(whole))


def texts(ways: tuple[Suggestion, ...]) -> list[str]:
    assert [way.n for way in ways] == list(range(1, len(ways) + 1))
    return [way.text for way in ways]


OLD, NEW = ("a", Need("x", "<2")), ("b", Need("x", ">=2"))
WHOLE = problem(root("a", OLD[1]), root("b", NEW[1]))


def test_bounds_then_environments_then_anything() -> None:
    ways = now(find_ways([WHOLE], [core(WHOLE, OLD, NEW)], [], Shelf(), subject="x"))
    assert texts(ways) == [
        "agent-a -> x>=2.5 in a (was <2)",
        "agent-b -> x<=1.5 in b (was >=2)",
        "agent-a -> a in an environment of its own",
        "agent-b -> b in an environment of its own",
        "agent-a -> any x in a (was <2)",
    ]
    assert [change.action for way in ways for change in way.changes] == ["require"] * 2 + ["isolate"] * 2 + ["require"]
    assert len(ways) == MOST


def test_a_version_inside_what_was_wanted_is_pinned() -> None:
    holed = ("a", Need("x", "!=2.0"))
    pinned = ("b", Need("x", "==2.0"))
    whole = problem(root("a", holed[1]), root("b", pinned[1]))
    ways = now(find_ways([whole], [core(whole, holed, pinned)], [], Shelf(), subject="x"))
    assert texts(ways)[0] == "agent-a -> x==2.0 in a (was !=2.0)"


def test_a_version_that_pep_440_does_not_know_is_pinned_as_it_is() -> None:
    odd = ("a", Need("x", "two"))
    whole = problem(root("a", odd[1]))

    async def shelf(problem: Problem) -> Answer:  # noqa: ARG001 -- whatever is asked
        return Solved((Package("x", "1.0"),))

    assert texts(now(find_ways([whole], [core(whole, odd)], [], shelf, subject="x")))[0].startswith("agent-a -> x==1.0")


def test_a_way_must_lead_out_in_every_target() -> None:
    other = problem(root("a", OLD[1]), root("b", NEW[1]), root("c", Need("x", "<2.5")))
    ways = now(find_ways([WHOLE, other], [core(WHOLE, OLD, NEW)], [], Shelf(), subject="x"))
    assert texts(ways)[0] == "agent-a -> x>=2.0 in a (was <2)"
    apart = problem(root("a", OLD[1]), root("b", NEW[1]), root("c", Need("x", "<1")), target=Target(python="3.12"))
    assert not now(find_ways([WHOLE, apart], [core(WHOLE, OLD, NEW)], [], Shelf(), subject="x"))


def test_a_bound_that_does_not_lead_out_everywhere_is_not_listed() -> None:
    low = problem(root("a", OLD[1]), root("b", NEW[1]))
    shelf = Shelf()

    async def moody(problem: Problem) -> Answer:
        return Undetermined("no") if ("a", Need("x", ">=2.5")) in problem.elements else await shelf(problem)

    assert "agent-a -> x>=2.5 in a (was <2)" not in texts(
        now(find_ways([low], [core(low, OLD, NEW)], [], moody, subject="x"))
    )


def test_other_clashes_are_set_aside() -> None:
    one, two = ("a", Need("y", "<2")), ("c", Need("y", ">=2"))
    whole = problem(root("a", OLD[1], one[1]), root("b", NEW[1]), root("c", two[1]))
    ways = now(find_ways([whole], [core(whole, OLD, NEW)], [core(whole, one, two)], Shelf(), subject="x"))
    assert texts(ways)[0] == "agent-a -> x>=2.5 in a (was <2)"


def test_clashes_that_cannot_be_told_apart_have_no_way_out_of_one() -> None:
    assert not now(find_ways([WHOLE], [core(WHOLE, OLD, NEW)], [core(WHOLE, OLD)], Shelf(), subject="x"))


def test_several_causes_are_left_by_what_they_share_or_by_all_at_once() -> None:
    third = ("c", Need("x", ">2.2"))
    whole = problem(root("a", OLD[1]), root("b", NEW[1]), root("c", third[1]))
    ways = now(find_ways([whole], [core(whole, OLD, NEW), core(whole, OLD, third)], [], Shelf(), subject="x"))
    assert texts(ways) == [
        "agent-a -> x>=2.5 in a (was <2)",
        "agent-b -> x<=1.5 in b (was >=2); agent-c -> x<=1.5 in c (was >2.2)",
        "agent-a -> a in an environment of its own",
        "agent-a -> any x in a (was <2)",
        "agent-b -> any x in b (was >=2); agent-c -> any x in c (was >2.2)",
    ]


def test_one_that_clashes_with_itself_cannot_be_isolated() -> None:
    both = problem(root("a", Need("x", "<2"), Need("x", ">=2")))
    elements = both.elements
    ways = now(find_ways([both], [core(both, *elements)], [], Shelf(), subject="x"))
    assert not any("environment" in text for text in texts(ways))


def test_a_package_without_a_version_is_left_free() -> None:
    fetched = ("a", Need("x", url="https://host/x-1-py3-none-any.whl"))
    whole = problem(root("a", fetched[1]), root("b", Need("y")))

    async def shelf(problem: Problem) -> Answer:  # noqa: ARG001 -- whatever is asked
        return Solved((Package("x", "", url="https://host/x"), Package("y", "1")))

    ways = now(find_ways([whole], [core(whole, fetched)], [], shelf, subject="x"))
    assert "agent-a -> any x in a (was https://host/x-1-py3-none-any.whl)" in texts(ways)


def test_many_large_causes_do_not_take_for_ever() -> None:
    many = [[(f"a{cause:02}-{n}", Need("x", f">={n}")) for n in range(9)] for cause in range(12)]
    whole = problem(*(root(artifact, need) for cause in many for artifact, need in cause))

    async def never(problem: Problem) -> Answer:  # noqa: ARG001 -- whatever is asked
        return Undetermined("no")

    assert not now(find_ways([whole], [core(whole, *cause) for cause in many], [], never, subject="x"))
