"""Cores that the resolver found become clashes with places, agents and bounded sentences, each told once."""

import pytest

from psmp.deep.causes import Core
from psmp.deep.clashes import Origin, Sighting, as_conflict, gather, sight, trace
from psmp.deep.problem import Element, Group, Need, Problem, Root
from psmp.deep.report import Fact
from psmp.deep.wording import MOST_LINES, MOST_PREMISES, place, sentence
from psmp.words.values import Target
from tests.unit.deep.saying import LINUX, problem, root, unsolvable

TF, NUMPY = ("ml", Need("tensorflow", "==2.15.*", purpose="training")), ("data", Need("numpy", ">=2"))
WHOLE = problem(root("ml", TF[1]), root("data", NUMPY[1]))
FACT = Fact("tensorflow", ("",), "numpy", ("<2",))


def core(*elements: Element, facts: tuple[Fact, ...] = (), whole: Problem = WHOLE) -> Core:
    return Core(tuple(sorted(elements)), unsolvable(whole, facts))


def seen(*elements: Element, facts: tuple[Fact, ...] = (), whole: Problem = WHOLE, published: bool = True) -> Sighting:
    found = core(*elements, facts=facts, whole=whole)
    return sight(whole, found, trace(whole, found), published=published, complete=True)


def test_kinds_of_clash() -> None:
    assert seen(TF, NUMPY, facts=(FACT,)).kind == "transitive"
    plain = problem(root("a", Need("x", "<2")), root("b", Need("x", ">=2")))
    assert seen(*plain.elements, whole=plain).kind == "version"
    rare = problem(root("a", Need("x", ">1,<2")))
    assert seen(*rare.elements, whole=rare, published=False).kind == "no-version"


def test_a_chain_that_proves_nothing_is_not_told() -> None:
    open_ended = seen(TF, NUMPY, facts=(Fact("tensorflow", ("",), "numpy", ("<3",)),))
    assert (open_ended.kind, open_ended.chain, open_ended.subject) == ("transitive", None, "numpy")
    assert seen(TF, NUMPY).subject == "numpy"
    (clash,) = gather([open_ended])
    assert clash.chain == ()
    assert clash.text == (
        "Because agent-data requires numpy>=2 (data) and agent-ml requires tensorflow==2.15.* (ml), no set of versions "
        "satisfies the runtime scope on python3.11-linux."
    )


def test_the_same_in_two_targets_is_one_clash_and_supersets_are_no_causes() -> None:
    later = problem(*WHOLE.roots, target=Target(python="3.12"))
    third = ("ml", Need("keras", "<3"))
    more = problem(root("ml", TF[1], third[1]), root("data", NUMPY[1]), root("z", Need("numpy", ">=2.1")))
    facts = (FACT, Fact("keras", ("",), "numpy", ("<2",)))
    (clash,) = gather(
        [
            seen(TF, NUMPY, facts=(FACT,), whole=later),
            seen(TF, NUMPY, facts=(FACT,)),
            seen(third, NUMPY, facts=facts, whole=more),
            seen(third, ("z", Need("numpy", ">=2.1")), facts=facts, whole=more),
        ]
    )
    assert clash.targets == ("python3.11-linux", "python3.12-linux")
    assert clash.causes == (("data", "ml"), ("ml", "z"))
    assert len(clash.cores) == 3
    assert clash.text.count("Also, because") == 2


def test_of_many_causes_the_rest_is_counted() -> None:
    needs = [(f"a{number}", Need("numpy", f"<1.{number}")) for number in range(6)]
    whole = problem(root("data", NUMPY[1]), *(root(artifact, need) for artifact, need in needs))
    found = [seen(NUMPY, need, whole=whole) for need in needs]
    assert gather(found)[0].text.endswith(" 3 more combinations clash.")
    assert gather(found[:4])[0].text.endswith(" 1 more combination clashes.")


def test_a_smaller_cause_takes_the_place_of_a_larger() -> None:
    wide = seen(TF, NUMPY, facts=(FACT,))
    alone = seen(("data", NUMPY[1]))
    assert gather([wide, Sighting(WHOLE, alone.core, "transitive", "numpy", None, complete=True)])[0].causes == (
        ("data",),
    )


@pytest.mark.parametrize(("group", "severity"), [("runtime", "critical"), ("dev", "high")])
def test_as_words(group: Group, severity: str) -> None:
    whole = Problem("own", LINUX, group, WHOLE.roots)
    (clash,) = gather([seen(TF, NUMPY, facts=(FACT,), whole=whole)])
    conflict = as_conflict(clash, "C-1", {"ml": Origin(2, 9), "data": Origin(1, 4)})
    assert (conflict.severity, conflict.scope, conflict.environment) == (severity, group, "own")
    assert conflict.identity == ("transitive", "pypi", "numpy", "own", group)
    data, ml = conflict.parties
    assert (data.artifact, data.constraint, data.version, data.sequence) == ("data", ">=2", 1, 4)
    assert (ml.constraint, ml.purpose, ml.agent) == ("tensorflow==2.15.*", "training", "agent-ml")
    with pytest.raises(KeyError):
        as_conflict(clash, "C-1", {})


def test_a_sentence_names_artifacts_markers_and_links() -> None:
    elements: list[Element] = [
        ("a", Need("x", ">=1", marker="os_name == 'posix'")),
        ("a", Need("y", "<2")),
        ("b", Need("z")),
    ]
    told = sentence("version", "x", elements, None, agents={"a": "a", "b": "ann"}, where="here")
    assert told == (
        "Because a requires x>=1 where os_name == 'posix' and y<2 and ann requires z (b), "
        "no version of x satisfies here."
    )


def test_a_sentence_does_not_grow_without_end() -> None:
    many: list[Element] = [(f"a{n:02}", Need("x", f">={n}")) for n in range(MOST_PREMISES + 5)]
    told = sentence("no-version", "x", many, None, agents={a: a for a, _ in many}, where="here")
    assert "and 6 more requirements exclude the rest, the index has no version of x that satisfies here." in told
    wide: list[Element] = [("a", Need(f"x{n}")) for n in range(MOST_LINES + 2)]
    assert "x4, and 3 more, no set" in sentence("transitive", "x", wide, None, agents={"a": "a"}, where="here")


def test_places() -> None:
    assert place("runtime", ["one"], None) == "the runtime scope on one"
    assert place("dev", ["one", "two", "three"], "gpu") == (
        "the runtime and dev scopes together of environment gpu on one, two, and three"
    )


def test_agents_are_those_of_the_causes() -> None:
    whole = problem(*WHOLE.roots, Root("z", "zoe", (Need("other"),)))
    (clash,) = gather([seen(TF, NUMPY, facts=(FACT,), whole=whole)])
    assert clash.agents == (("data", "agent-data"), ("ml", "agent-ml"))
