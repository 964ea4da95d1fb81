"""A proof of the resolver becomes a chain of links from each need to one package, or no chain where it proves none."""

from psmp.deep.chain import MOST_ALTERNATIVES, Chain, Link, derive
from psmp.deep.problem import Element, Need
from psmp.deep.report import Fact

TF = ("ml", Need("tensorflow", "==2.15.*"))
NUMPY = ("data", Need("numpy", ">=2.0"))
ROOTS = ("psmp-root-ml", "psmp-root-data")


def told(*wanted: str) -> str:
    """How it is told that tensorflow needs one of ``wanted`` of numpy."""
    chain = derive([TF, NUMPY], [Fact("tensorflow", ("",), "numpy", wanted)], ROOTS)
    assert chain
    return chain.links[0][0].versions


def test_a_line_for_each_need() -> None:
    facts = [
        Fact("psmp-root-ml", ("==0",), "tensorflow", ("==2.15.*",)),
        Fact("tensorflow", ("==2.15.0",), "numpy", ("<2.0",)),
        Fact("psmp-root-data", ("==0",), "numpy", (">=2.0",)),
    ]
    chain = derive([NUMPY, TF], facts, ROOTS)
    assert chain == Chain("numpy", ((), (Link("numpy", "<2.0"),)), ((">=2.0",), ("<2.0",)), disjoint=True)
    assert chain.sentences([NUMPY, TF]) == (
        "data requires numpy>=2.0",
        "ml requires tensorflow==2.15.*",
        "tensorflow==2.15.* needs numpy<2.0",
    )
    assert chain.lines == ("numpy<2.0", "numpy>=2.0")


def test_several_links_and_an_extra_that_is_its_own_package() -> None:
    elements: list[Element] = [("ml", Need("app", "", ("fast",))), NUMPY]
    facts = [
        Fact("app[fast]", ("==1",), "app", ("==1",)),
        Fact("app[fast]", ("==1",), "middle", (">=1",)),
        Fact("middle", ("",), "numpy", ("<2",)),
    ]
    chain = derive(elements, facts, ROOTS)
    assert chain
    assert chain.sentences(elements)[:3] == (
        "ml requires app[fast]",
        "app[fast] needs middle>=1",
        "middle>=1 needs numpy<2",
    )


def test_demands_that_leave_something_are_for_the_index_to_refuse() -> None:
    facts = [Fact("tensorflow", ("",), "numpy", ("<3",))]
    chain = derive([TF, NUMPY], facts, ROOTS)
    assert chain
    assert not chain.disjoint
    assert chain.lines == ("numpy<3", "numpy>=2.0")


def test_alternatives_cannot_be_asked_for_as_one() -> None:
    chain = derive([TF, NUMPY], [Fact("tensorflow", ("",), "numpy", ("<1", ">2,<3"))], ROOTS)
    assert chain
    assert chain.lines is None


def test_no_chain_where_ways_part() -> None:
    facts = [Fact("tensorflow", ("",), "numpy", ("<2",)), Fact("tensorflow", ("",), "other", ("<2",))]
    assert derive([TF, NUMPY], facts, ROOTS) is None


def test_no_chain_round_in_a_circle() -> None:
    facts = [Fact("tensorflow", ("",), "keras", ("",)), Fact("keras", ("",), "tensorflow", ("<2",))]
    assert derive([TF, NUMPY], facts, ROOTS) is None


def test_no_chain_where_ends_do_not_meet() -> None:
    assert derive([TF, NUMPY], [Fact("tensorflow", ("",), "other", ("<2",))], ROOTS) is None


def test_no_chain_of_constraints_that_cannot_be_read() -> None:
    assert derive([TF, NUMPY], [Fact("tensorflow", ("",), "numpy", ("<two",))], ROOTS) is None


def test_alternatives_in_few_words() -> None:
    assert told("<2") == "<2"
    assert told(">=1,<1.5", ">1.5,<2") == ">=1,!=1.5,<2"
    assert told("<1.5", ">1.5") == "!=1.5"
    assert told("==1", ">1,<2") == "==1 or >1,<2"
    assert told("==1.0", ">=1.0,<2") == ">=1.0,<2"
    assert told("<1.5", "<1.2") == "<1.5"
    assert told("==1.0", "==1.5") == "==1.0 or ==1.5"
    assert told("==1.*", "==3.*") == "==1.* or ==3.*"
    assert told("<1", ">=1.5,<2") == "<1 or >=1.5,<2"


def test_of_many_alternatives_the_range_round_them() -> None:
    many = [f"=={number}.0" for number in range(MOST_ALTERNATIVES + 1)]
    assert told(*many) == ">=0.0,<=3.0"
    assert told(*many, ">7") == ">=0.0"
