"""Claims carried from one base of a repository to another clash as they would have on a common one."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.compat.paths.claims import Claim, Relation, claims_of, relate
from psmp.compat.paths.edits import Edit, digest
from psmp.compat.paths.index import PathIndex
from psmp.compat.paths.passages import carry, made, passed, undone
from psmp.words.values import Hunk, Passage, PathClaim
from tests.unit.compat.paths import worlds

OLDER, NEWER = "x", "y"

Lines = tuple[int, int] | tuple[int, int, str]


def the(agent: str, base: str, ranges: Sequence[Lines], passages: Sequence[Passage] = ()) -> Claim:
    word = PathClaim(path="app.py", base=base, ranges=tuple(ranges), passages=tuple(passages) or None)
    (claim,) = claims_of(f"of-{agent}", agent, 1, [word])
    return claim


def over(hunks: Sequence[Hunk], one: Sequence[Lines], other: Sequence[Lines]) -> Relation:
    """What ``one`` of the older base is to ``other`` of the newer, which says how the file came from there."""
    return relate(the("A", OLDER, one), the("B", NEWER, other, [Passage(base=OLDER, hunks=tuple(hunks))]))


def plain(hunks: Sequence[Hunk]) -> list[Hunk]:
    return [hunk[:3] for hunk in hunks]


def apart(hunks: Sequence[Hunk]) -> tuple[Hunk, ...]:
    """Hunks as a diff has them: a line stays between any two."""
    kept = [hunk for before, hunk in pairwise([(0, 0, 0), *hunks]) if before[1] < hunk[0]]
    return tuple(hunk for number, hunk in enumerate(kept) if not number or kept[number - 1][1] < hunk[0])


many_lines = st.lists(worlds.line_ranges(), max_size=3)
passages = worlds.hunk_lists().map(apart)


@worlds.often
@given(many_lines, many_lines)
def test_a_passage_on_which_nothing_changed_changes_no_verdict(one: list[Lines], other: list[Lines]) -> None:
    assert over((), one, other) is relate(the("A", OLDER, one), the("B", OLDER, other))


@worlds.often
@given(many_lines, many_lines, passages)
def test_what_clashes_on_the_common_base_clashes_after_the_other_has_moved_on(
    one: list[Lines], other: list[Lines], hunks: tuple[Hunk, ...]
) -> None:
    met = [lines for lines in other for hunk in hunks if worlds.places(*lines[:2]) & worlds.places(*hunk[:2])]
    untouched = [lines for lines in other if lines not in met]
    moved = [(start, end) if known is None else (start, end, known) for start, end, known in carried(untouched, hunks)]
    if relate(the("A", OLDER, one), the("B", OLDER, untouched)) is Relation.MEET:
        assert over(hunks, one, moved) is Relation.MEET


def carried(ranges: Sequence[Lines], hunks: Sequence[Hunk]) -> list[tuple[int, int, str | None]]:
    return carry([(each[0], each[1], each[2] if len(each) == 3 else None) for each in ranges], hunks)


@worlds.often
@given(many_lines, many_lines, passages)
def test_the_way_back_tells_the_same_as_the_way_there(
    one: list[Lines], other: list[Lines], hunks: tuple[Hunk, ...]
) -> None:
    back = Passage(base=NEWER, hunks=undone(hunks))
    assert relate(the("A", OLDER, one, [back]), the("B", NEWER, other)) is over(hunks, one, other)


@worlds.often
@given(passages)
def test_there_and_back_is_where_it_began(hunks: tuple[Hunk, ...]) -> None:
    assert undone(undone(hunks)) == hunks


@worlds.often
@given(many_lines, passages, st.data())
def test_a_change_that_the_other_base_has_already_clashes_with_nothing_on_it(
    other: list[Lines], hunks: tuple[Hunk, ...], data: st.DataObject
) -> None:
    named = [hunk for hunk in hunks if len(hunk) == 5]
    landed: list[Lines] = [(hunk[0], hunk[1], hunk[4]) for hunk in named if data.draw(st.booleans())]
    assert over(hunks, landed, other) is Relation.APART


@worlds.often
@given(many_lines, many_lines, passages)
def test_digests_of_a_passage_clear_what_is_made_already_and_make_no_clash(
    one: list[Lines], other: list[Lines], hunks: tuple[Hunk, ...]
) -> None:
    known, unknown = over(hunks, one, other), over(plain(hunks), one, other)
    assert known in {unknown, Relation.APART}
    there = made(hunks)
    mine, theirs = the("A", OLDER, one).ranges or (), the("B", NEWER, other).ranges or ()
    if not (there.of_older & set(mine) or there.of_newer & set(theirs)):
        assert known is unknown


@worlds.often
@given(many_lines, many_lines, passages)
def test_the_index_says_of_two_claims_on_two_bases_what_the_claims_say(
    one: list[Lines], other: list[Lines], hunks: tuple[Hunk, ...]
) -> None:
    assert clashes(hunks, one, other) is (over(hunks, one, other) is Relation.MEET)


def clashes(hunks: tuple[Hunk, ...], one: list[Lines], other: list[Lines]) -> bool:
    """What the index says, which knows the verdict on two bases always where there is a passage."""
    index = PathIndex()
    index.put("a", "A", 1, [PathClaim(path="app.py", base=OLDER, ranges=tuple(one))])
    passage = Passage(base=OLDER, hunks=hunks)
    index.put("b", "B", 2, [PathClaim(path="app.py", base=NEWER, ranges=tuple(other), passages=(passage,))])
    assert index.unknowns("b") == ()
    return bool(index.clashes(["app.py"]))


MERGED = ((10, 13, 4, "old", "new"),)


@pytest.mark.parametrize(
    ("mine", "theirs", "relation"),
    [
        ([(10, 13, "new")], [(10, 14, "next")], Relation.APART),
        ([(10, 13, "new")], [(11, 12, "next")], Relation.APART),
        ([(10, 13, "new"), (30, 31, "p")], [(31, 32, "q")], Relation.MEET),
        ([(10, 13, "new"), (30, 31, "p")], [(12, 13, "q")], Relation.APART),
        ([(10, 13, "else")], [(10, 14, "next")], Relation.MEET),
        ([(10, 13)], [(10, 14, "next")], Relation.MEET),
        ([(10, 12, "new")], [(10, 14, "next")], Relation.MEET),
        ([(9, 13, "new")], [(10, 14, "next")], Relation.MEET),
        ([(9, 11, "p")], [(10, 14, "old")], Relation.APART),
        ([(9, 11, "p")], [(10, 14, "other")], Relation.MEET),
    ],
)
def test_who_works_on_what_was_merged_meets_only_what_was_not(
    mine: list[Lines], theirs: list[Lines], relation: Relation
) -> None:
    assert over(MERGED, mine, theirs) is relation
    assert clashes(MERGED, mine, theirs) is relation.clashes


def test_whose_base_came_from_what_another_created_follows_on_it() -> None:
    created = claims_of("a", "A", 1, [PathClaim(path="app.py", mode="create", ranges=((1, 1, OLDER),))])[0]
    follows = the("B", NEWER, [(1, 2)], [Passage(base=OLDER, hunks=((1, 2, 1),))])
    assert relate(created, follows) is relate(follows, created) is Relation.APART
    assert relate(created, the("B", NEWER, [(1, 2)], [Passage(base="z", hunks=())])) is Relation.UNKNOWN


def test_a_passage_is_made_of_the_edits_from_one_blob_to_the_other() -> None:
    edits = (Edit(2, (), (b"a\n", b"b\n")), Edit(5, (b"c\n",), ()))
    nothing = digest(())
    hunks = ((2, 2, 2, nothing, digest([b"a\n", b"b\n"])), (5, 6, 0, digest([b"c\n"]), nothing))
    assert passed(edits) == hunks
    assert undone(hunks) == ((2, 4, 0, hunks[0][4], nothing), (7, 7, 1, nothing, hunks[1][3]))
