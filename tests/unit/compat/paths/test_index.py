"""The index of paths answers as a comparison of every two claims would, whoever came first and whoever left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.compat.paths.claims import claims_of
from psmp.compat.paths.clashes import PathClash
from psmp.compat.paths.index import PathIndex
from psmp.compat.paths.names import InvalidPath
from psmp.words.values import Passage, PathClaim, Severity, Suggestion
from tests.unit.compat.paths import worlds
from tests.unit.compat.paths.worlds import Declaration

KEYS = sorted({path.removesuffix("/") for path in worlds.PATHS})


def clashing(index: PathIndex) -> dict[str, PathClash]:
    return {clash.subject: clash for clash in index.clashes(KEYS)}


def doubtful(index: PathIndex) -> set[tuple[str, tuple[str, str]]]:
    artifacts = [f"a{number}" for number in range(6)]
    return {(each.path, each.artifacts) for artifact in artifacts for each in index.unknowns(artifact)}


def warned(index: PathIndex) -> list[tuple[str, ...]]:
    return [index.warnings(f"a{number}") for number in range(6)]


def released(latest: worlds.Latest, suggestion: Suggestion) -> dict[str, tuple[PathClaim, ...]]:
    given = {(change.artifact, change.name) for change in suggestion.changes}
    return {
        artifact: tuple(word for word in said if (artifact, word.path) not in given)
        for artifact, said in latest.items()
    }


@worlds.often
@given(worlds.histories)
def test_the_index_answers_as_a_comparison_of_every_two_claims(history: list[Declaration]) -> None:
    index = worlds.told(history)
    clashes, doubts = worlds.by_comparison(dict(history))
    assert {path: set(clash.causes) for path, clash in clashing(index).items()} == clashes
    assert doubtful(index) == {(path, pair) for path, pairs in doubts.items() for pair in pairs}


@worlds.seldom
@given(worlds.histories)
def test_it_answers_the_same_as_one_that_saw_only_what_stands_now(history: list[Declaration]) -> None:
    index, fresh = worlds.told(history), PathIndex()
    for artifact, said in dict(history).items():
        fresh.put(artifact, worlds.agent_of(artifact), index.of(artifact)[0].sequence if said else 1, said)
    assert clashing(index) == clashing(fresh)
    assert doubtful(index) == doubtful(fresh)
    assert warned(index) == warned(fresh)


@worlds.seldom
@given(
    worlds.histories.map(dict).flatmap(
        lambda latest: st.tuples(st.just(list(latest.items())), st.permutations(list(latest.items())))
    )
)
def test_the_order_of_arrival_changes_nothing(orders: tuple[list[Declaration], list[Declaration]]) -> None:
    one, other = PathIndex(), PathIndex()
    for index, order in ((one, orders[0]), (other, orders[1])):
        for artifact, said in order:
            index.put(artifact, worlds.agent_of(artifact), 1 + int(artifact[1:]), said)
    assert clashing(one) == clashing(other)
    assert doubtful(one) == doubtful(other)
    assert warned(one) == warned(other)


@worlds.seldom
@given(worlds.histories, worlds.claims(), st.integers(0, 5))
def test_adding_a_claim_never_clears_a_clash_and_a_doubt_only_by_a_passage(
    history: list[Declaration], more: PathClaim, number: int
) -> None:
    latest, artifact = dict(history), f"a{number}"
    before = worlds.told(latest.items())
    after = worlds.told({**latest, artifact: (*latest.get(artifact, ()), more)}.items())
    found = {path: set(clash.causes) for path, clash in clashing(after).items()}
    for path, clash in clashing(before).items():
        assert set(clash.causes) <= found[path]
    for path, pair in doubtful(before) if not more.passages else ():
        assert pair in found.get(path, ()) or (path, pair) in doubtful(after)


@worlds.seldom
@given(worlds.histories, worlds.declarations)
def test_withdrawing_restores_what_was_before(history: list[Declaration], more: Declaration) -> None:
    before = worlds.told([*history, (more[0], ())])
    after = worlds.told([*history, more])
    after.drop(more[0])
    assert clashing(after) == clashing(before)
    assert warned(after) == warned(before)
    assert after.of(more[0]) == ()


@worlds.seldom
@given(worlds.histories, worlds.declarations)
def test_what_is_not_touched_clashes_as_before(history: list[Declaration], more: Declaration) -> None:
    index = worlds.told(history)
    before = clashing(index)
    touched = index.put(more[0], worlds.agent_of(more[0]), 2, more[1])
    after = clashing(index)
    assert {path: before.get(path) for path in KEYS if path not in touched} == {
        path: after.get(path) for path in KEYS if path not in touched
    }


@worlds.seldom
@given(worlds.histories)
def test_once_all_is_withdrawn_nothing_is_kept(history: list[Declaration]) -> None:
    index = worlds.told(history)
    for artifact in dict(history):
        index.drop(artifact)
    assert not index._claims
    assert index._root.is_bare
    assert not index._root.makers
    assert not index._root.aliases


@worlds.often
@given(worlds.histories)
def test_every_suggestion_works_and_asks_for_no_more_than_it_must(history: list[Declaration]) -> None:
    latest = dict(history)
    for path, clash in clashing(worlds.told(history)).items():
        assert [each.n for each in clash.suggestions] == list(range(1, len(clash.suggestions) + 1))
        assert 1 <= len(clash.suggestions) <= 5
        for suggestion in clash.suggestions:
            assert path not in worlds.by_comparison(released(latest, suggestion))[0]
            giving = {change.artifact for change in suggestion.changes}
            for spared in giving:
                kept = [change for change in suggestion.changes if change.artifact != spared]
                less = suggestion.model_copy(update={"changes": tuple(kept)})
                assert path in worlds.by_comparison(released(latest, less))[0]


@worlds.seldom
@given(worlds.histories)
def test_the_parties_are_who_clashes_and_every_cause_is_a_clash_by_itself(history: list[Declaration]) -> None:
    latest = dict(history)
    for path, clash in clashing(worlds.told(history)).items():
        assert {claim.artifact for claim in clash.parties} == {each for cause in clash.causes for each in cause}
        for cause in clash.causes:
            alone = worlds.told([(artifact, latest[artifact]) for artifact in cause])
            assert clashing(alone)[path].causes == (cause,)


@worlds.seldom
@given(worlds.histories)
def test_what_an_artifact_claims_is_given_back_and_means_the_same(history: list[Declaration]) -> None:
    index = worlds.told(history)
    for artifact, said in dict(history).items():
        claims = index.of(artifact)
        agent, sequence = worlds.agent_of(artifact), claims[0].sequence if claims else 1
        assert claims == claims_of(artifact, agent, sequence, said)
        assert claims_of(artifact, agent, sequence, [claim.word() for claim in claims]) == claims


def test_what_is_touched_is_what_is_or_was_claimed_and_the_claimed_folders_above() -> None:
    index = PathIndex()
    assert index.put("a", "A", 1, [PathClaim(path="src/"), PathClaim(path="./src/x/a.py")]) == ("src", "src/x/a.py")
    assert index.put("b", "B", 2, [PathClaim(path="src/x/b.py")]) == ("src", "src/x/b.py")
    assert index.put("a", "A", 3, [PathClaim(path="doc/a.md")]) == ("doc/a.md", "src", "src/x/a.py")
    assert index.drop("b") == ("src/x/b.py",)
    assert index.drop("b") == ()


def test_an_invalid_claim_changes_nothing() -> None:
    index = PathIndex()
    index.put("a", "A", 1, [PathClaim(path="a.py")])
    with pytest.raises(InvalidPath):
        index.put("a", "A", 2, [PathClaim(path="b.py"), PathClaim(path="../c.py")])
    assert [claim.path for claim in index.of("a")] == ["a.py"]
    assert index.clashes(["b.py", "./a.py", "nowhere/at/all"]) == ()
    with pytest.raises(InvalidPath):
        index.clashes(["/b.py"])


def test_a_crowd_on_one_file_is_cut_the_same_way_for_every_order_and_says_so() -> None:
    names = [f"a{number:02}" for number in range(40)]
    one, other = PathIndex(), PathIndex()
    for index, order in ((one, names), (other, list(reversed(names)))):
        for name in order:
            index.put(name, f"agent-{name}", 1, [PathClaim(path="README.md", base="x", ranges=((1, 9),))])
    (clash,) = one.clashes(["README.md"])
    assert other.clashes(["README.md"]) == (clash,)
    assert not clash.complete
    assert len(clash.causes) == 32
    assert clash.suggestions == ()
    assert clash.text.endswith("At least 29 more combinations clash.")


def test_who_is_in_the_way_of_all_others_is_asked_to_give_way() -> None:
    index = PathIndex()
    for number in range(60):
        lines = PathClaim(path="app.py", base="x", ranges=((10 * number + 1, 10 * number + 5),))
        index.put(f"a{number}", f"agent-{number % 7}", 1, [lines])
    index.put("whole", "Other", 2, [PathClaim(path="app.py")])
    (clash,) = index.clashes(["app.py"])
    assert not clash.complete
    assert clash.severity == Severity.HIGH
    assert [each.text for each in clash.suggestions] == ["Other gives up all of app.py in whole"]


def test_a_doubt_and_a_warning_are_bounded() -> None:
    index = PathIndex()
    for number in range(30):
        words = [
            PathClaim(path="app.py", base=f"b{number}", ranges=((1, 2),)),
            PathClaim(path="data/" + "x" * number, mode="read"),
            PathClaim(path="LIB.py"[: number % 2 + 1].swapcase() + "IB.py"[number % 2 :], mode="read"),
        ]
        index.put(f"a{number}", f"agent-{number}", 1, words)
    index.put("last", "Last", 2, [PathClaim(path="data", mode="delete")])
    assert len(index.unknowns("a0")) == 20
    assert len(index.warnings("last")) == 20


def test_at_most_five_ways_out_are_listed() -> None:
    index = PathIndex()
    for number in range(8):
        lines = PathClaim(path="app.py", base="x", ranges=((20 * (number // 2) + 1, 20 * (number // 2) + 5),))
        index.put(f"a{number}", f"agent-{number}", 1, [lines])
    (clash,) = index.clashes(["app.py"])
    assert len(clash.causes) == 4
    assert [each.n for each in clash.suggestions] == [1, 2, 3, 4, 5]
    assert all(len(each.changes) == 4 for each in clash.suggestions)


def test_what_would_ask_too_much_is_not_suggested() -> None:
    index = PathIndex()
    index.put("above", "A", 1, [PathClaim(path="src/")])
    index.put("below", "B", 1, [PathClaim(path=f"src/{number}.py") for number in range(30)])
    (clash,) = index.clashes(["src"])
    assert [each.text for each in clash.suggestions] == ["A gives up all of src/ in above"]


def test_of_three_names_that_look_alike_two_are_left_when_one_goes() -> None:
    index = PathIndex()
    for name, path in (("a", "Ab"), ("b", "AB"), ("c", "aB")):
        index.put(name, name, 1, [PathClaim(path=path)])
    assert len(index.warnings("a")) == 2
    index.drop("c")
    assert index.warnings("a") == ("Ab and AB are one and the same on some file systems",)
    index.drop("b")
    assert index.warnings("a") == ()


def clashes_of(*said: PathClaim) -> set[tuple[str, str]]:
    index = PathIndex()
    for number, word in enumerate(said):
        index.put(f"a{number}", f"agent-{number}", 1, [word])
    return {cause for clash in index.clashes(["app.py"]) for cause in clash.causes}


def lines(*ranges: tuple[int, int] | tuple[int, int, str], base: str = "x") -> PathClaim:
    return PathClaim(path="app.py", base=base, ranges=ranges)


def test_the_same_change_made_by_many_clashes_only_with_what_else_meets_it() -> None:
    assert clashes_of(lines((5, 9, "p")), lines((5, 9, "p")), lines((5, 9, "p"))) == set()
    assert clashes_of(lines((5, 9, "p")), lines((5, 9, "p")), lines((9, 9))) == {("a0", "a2"), ("a1", "a2")}
    assert clashes_of(lines((5, 9, "p")), lines((1, 2)), lines((5, 9, "q")), lines((20, 21))) == {("a0", "a2")}


def test_lines_are_compared_over_passages_in_a_crowd_too() -> None:
    passages = (Passage(base="x", hunks=((1, 1, 10),)), Passage(base="y", hunks=()), Passage(base="z", hunks=()))
    newer = PathClaim(path="app.py", base="y", ranges=((15, 19, "p"), (40, 41)), passages=passages)
    assert clashes_of(lines((5, 9, "p")), newer, newer) == {("a1", "a2")}
    assert clashes_of(lines((5, 9, "q")), newer) == {("a0", "a1")}
    assert clashes_of(lines((30, 30), (45, 46)), newer, lines((5, 6), base="w")) == {("a0", "a1")}
    assert clashes_of(lines((32, 33)), newer) == set()


def test_there_is_no_doubt_where_other_claims_of_the_two_clash_or_follow_on_each_other() -> None:
    index = PathIndex()
    index.put("a", "A", 1, [lines((1, 2)), PathClaim(path="app.py", mode="create", ranges=((1, 1, "y"),))])
    index.put("b", "B", 1, [lines((1, 2), base="y"), lines((1, 2))])
    index.put("c", "C", 1, [PathClaim(path="app.py", mode="read", base="w")])
    assert [clash.causes for clash in index.clashes(["app.py"])] == [(("a", "b"),)]
    assert index.unknowns("a") == index.unknowns("b") == index.unknowns("c") == ()


def test_who_shares_the_base_is_not_in_doubt_because_a_third_does_not() -> None:
    index = PathIndex()
    index.put("d", "D", 1, [lines((90, 91))])
    index.put("e", "E", 1, [lines((95, 96))])
    index.put("f", "E", 1, [lines((95, 96), base="y")])
    assert index.unknowns("e") == ()
    assert [each.artifacts for each in index.unknowns("d")] == [("d", "f")]


def test_a_claim_is_put_again_as_the_words_that_it_makes() -> None:
    passage = Passage(base="w", hunks=((1, 2, 3),))
    for word in (
        PathClaim(path="a", mode="create", ranges=((1, 1, "p"),)),
        PathClaim(path="a", base="x", ranges=((1, 1, "p"), (5, 6)), passages=(passage,)),
        PathClaim(path="a/", mode="delete"),
    ):
        (claim,) = claims_of("a", "A", 1, [word])
        assert claim.word() == word
