"""Two patches settle if and only if git's way of merging makes one text of them, and doubts are told."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.compat.paths.edits import Edit, FileChange, digest, joined
from psmp.compat.paths.merge import MOST_LINES, Stop, merged, settle
from psmp.words.values import PathClaim
from tests.unit.compat.paths.worlds import often

Text = tuple[bytes, ...]


def lines(*names: str) -> Text:
    return tuple(f"{name}\n".encode() for name in names)


BASE = lines("1", "2", "3", "4", "5", "6")


@st.composite
def versions(draw: st.DrawFn) -> tuple[Edit, ...]:
    """What somebody makes of the base, here and there."""
    found: list[Edit] = []
    start = draw(st.integers(1, 3))
    while start <= len(BASE):
        end = draw(st.integers(start, min(start + 2, len(BASE) + 1)))
        new = draw(st.lists(st.sampled_from(lines("x", "y")), min_size=int(end == start), max_size=2))
        edit = Edit(start, BASE[start - 1 : end - 1], tuple(new))
        if edit.old != edit.new:
            found.append(edit)
        start = end + draw(st.integers(1, 4))
    return tuple(found)


def written(*edits: Edit, base: str = "x") -> FileChange:
    return FileChange("app.py", "write", base, None, edits)


def moved(*edits: Edit, to: str = "new.py") -> FileChange:
    return FileChange("app.py", "delete", "x", None, edits, to)


def applied(edits: Sequence[Edit]) -> list[bytes]:
    result = list(BASE)
    for edit in reversed(edits):
        result[edit.start - 1 : edit.end - 1] = edit.new
    return result


def merged_by_hand(one: Sequence[Edit], other: Sequence[Edit]) -> list[bytes] | None:
    """Gap by gap and line by line, as git does it: None where both touch a place and do not make the same of it."""
    touched = [{2 * at for at in range(e.start, e.end + 1)} | {2 * at + 1 for at in range(e.start, e.end)} for e in one]
    rivals = [
        {2 * at for at in range(e.start, e.end + 1)} | {2 * at + 1 for at in range(e.start, e.end)} for e in other
    ]
    places: list[set[int]] = []
    for place in [*touched, *rivals]:
        near = [each for each in places if each & place]
        places = [each for each in places if each not in near] + [place.union(*near)]
    result = list(BASE)
    for place in sorted(places, key=min, reverse=True):
        mine = [edit for edit, each in zip(one, touched, strict=True) if each <= place]
        theirs = [edit for edit, each in zip(other, rivals, strict=True) if each <= place]
        start, end = min(place) // 2, max(place) // 2
        texts = []
        for side in filter(None, (mine, theirs)):
            text = list(BASE)[: end - 1]
            for edit in reversed(side):
                text[edit.start - 1 : edit.end - 1] = edit.new
            texts.append(text[start - 1 :])
        if any(text != texts[0] for text in texts):
            return None
        result[start - 1 : end - 1] = texts[0]
    return result


@often
@given(versions(), versions())
def test_two_patches_settle_if_and_only_if_git_s_way_merges_them(
    one: tuple[Edit, ...], other: tuple[Edit, ...]
) -> None:
    stops = settle([written(*one)], [written(*other)])
    assert bool(stops) == (merged_by_hand(one, other) is None)


@often
@given(versions(), versions())
def test_settling_is_symmetric(one: tuple[Edit, ...], other: tuple[Edit, ...]) -> None:
    assert settle([written(*one)], [written(*other)]) == settle([written(*other)], [written(*one)])


@often
@given(versions(), versions())
def test_whoever_looks_beyond_git_stops_at_less_and_at_nothing_else(
    one: tuple[Edit, ...], other: tuple[Edit, ...]
) -> None:
    strict, fine = (settle([written(*one)], [written(*other)], beyond_git=beyond) for beyond in (False, True))
    assert [stop for stop in strict if stop.merged is None] == fine


@often
@given(versions(), versions())
def test_what_is_merged_without_doubt_holds_what_both_put_in(one: tuple[Edit, ...], other: tuple[Edit, ...]) -> None:
    mine, theirs = applied(one), applied(other)
    text = merged(BASE, mine, theirs)
    assert text == merged(BASE, theirs, mine)
    if text is not None:
        new = [line for line in text if line not in BASE]
        for side in (mine, theirs):
            put_in = [line for line in side if line not in BASE]
            rest = iter(new)
            assert all(line in rest for line in put_in)
        kept = [line for line in text if line in BASE]
        assert kept == [line for line in BASE if line in mine and line in theirs]


@often
@given(versions())
def test_who_changes_nothing_takes_the_other_s_text(one: tuple[Edit, ...]) -> None:
    assert merged(BASE, applied(one), BASE) == tuple(applied(one))
    assert merged(BASE, applied(one), applied(one)) == tuple(applied(one))


@pytest.mark.parametrize(
    ("one", "other", "text"),
    [
        (lines("a", "2", "3"), lines("1", "b", "3"), lines("a", "b", "3")),
        (lines("a", "b", "3"), lines("a", "2", "3"), lines("a", "b", "3")),
        (lines("a", "b", "3"), lines("a", "c", "3"), None),
        (lines("1", "new", "2", "3"), lines("1", "b", "3"), None),
        (lines("1", "new", "2", "3"), lines("1", "old", "2", "3"), None),
        (lines("2", "3"), lines("1", "b", "3"), None),
        (lines("1", "2", "c"), lines("a", "2", "3"), lines("a", "2", "c")),
    ],
)
def test_a_text_is_in_doubt_or_not(one: Text, other: Text, text: Text | None) -> None:
    assert merged(lines("1", "2", "3"), one, other) == text


def test_a_place_that_is_too_large_is_in_doubt() -> None:
    base = lines(*map(str, range(MOST_LINES + 1)))
    assert merged(base, lines("a", *map(str, range(1, MOST_LINES + 1))), base) is None


def change(path: str, mode: str, **said: object) -> FileChange:
    return FileChange(path, mode, **said)  # type: ignore[arg-type]


EDIT = Edit(1, lines("1"), lines("a"))


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (change("a", "write", edits=(EDIT,)), change("b", "write", edits=(EDIT,)), None),
        (change("a", "delete"), change("a", "delete"), None),
        (change("a", "delete"), change("a", "write", edits=()), "what one writes the other deletes"),
        (change("a", "write", result="x"), change("a", "write", result="x"), None),
        (change("a", "write", result="x"), change("a", "write", result="y"), "it cannot be merged by lines"),
        (change("a", "write", result="x"), change("a", "write", edits=()), None),
        (change("a", "write", base="x", edits=(EDIT,)), change("a", "write", edits=()), None),
        (
            change("a", "write", base="x", edits=(EDIT,)),
            change("a", "write", base="y", edits=(EDIT,)),
            "the patches are not of one base",
        ),
        (change("a", "create"), change("a", "create"), "both create it, each with its own content"),
        (change("a", "create", edits=(EDIT,)), change("a", "create", edits=(EDIT,)), None),
        (change("a", "create"), change("a", "write", edits=(EDIT,)), "the patches are not of one base"),
        (change("a", "create"), change("a/b/c", "create"), "a file to the one, a folder to the other"),
        (change("a", "delete"), change("a/b/c", "create"), None),
        (change("a", "create"), change("a/b/c", "delete"), None),
    ],
)
def test_what_two_patches_do_to_a_file_clashes_or_not(one: FileChange, other: FileChange, reason: str | None) -> None:
    for mine, theirs in ((one, other), (other, one)):
        assert settle([mine], [theirs]) == ([] if reason is None else [Stop("a", reason)])


def test_a_clash_of_lines_names_them_all() -> None:
    one = written(Edit(2, lines("2", "3"), lines("b", "c")), Edit(6, lines("6"), ()))
    other = written(Edit(3, lines("3", "4"), lines("C")), Edit(6, lines("6"), ()))
    assert settle([one], [other]) == [Stop("app.py", "both change these lines", (2, 5))]
    apart = written(Edit(1, (), lines("0")), Edit(4, lines("4"), lines("d")))
    assert settle([apart], [written(Edit(6, lines("6"), ()))]) == []


def test_edits_that_touch_are_one_and_such_as_are_over_each_other_are_a_fault() -> None:
    one, next_to_it = Edit(1, lines("1"), lines("a")), Edit(2, (), lines("b"))
    assert joined([one, next_to_it, Edit(4, lines("4"), ())]) == (
        Edit(1, lines("1"), lines("a", "b")),
        Edit(4, lines("4"), ()),
    )
    with pytest.raises(ValueError, match="two changes of line 1"):
        joined([one, one])


def test_the_claims_that_follow_from_a_change_name_its_lines_and_what_comes_there() -> None:
    assert list(written(EDIT).claims()) == [PathClaim(path="app.py", base="x", ranges=((1, 2, digest(lines("a"))),))]
    assert list(change("a", "create").claims()) == [PathClaim(path="a", mode="create")]
    assert list(change("a", "create", result="x").claims()) == [
        PathClaim(path="a", mode="create", ranges=((1, 1, "x"),))
    ]
    assert list(change("a", "delete", base="x").claims()) == [PathClaim(path="a", mode="delete", base="x")]
    assert list(change("a", "write", base="x").claims()) == [PathClaim(path="a", base="x")]
    assert list(change("a", "write", edits=()).claims()) == [PathClaim(path="a", ranges=())]
    many = written(*(Edit(2 * n, lines("o"), lines("n")) for n in range(1, 1003)))
    assert [len(claim.ranges or ()) for claim in many.claims()] == [1000, 2]


SECOND = Edit(2, lines("2"), lines("two"))
FOURTH = Edit(4, lines("4"), lines("four"))


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        (moved(), written(SECOND), []),
        (moved(), FileChange("app.py", "write", "x"), []),
        (moved(FOURTH), written(SECOND), []),
        (moved(SECOND), written(SECOND), []),
        (moved(SECOND), written(SECOND._replace(new=lines("zwei"))), ["both change these lines"]),
        (moved(SECOND), written(FOURTH, base="y"), ["the patches are not of one base"]),
        (FileChange("app.py", "delete", "x", None, None, "new.py"), written(FOURTH), ["it cannot be merged by lines"]),
        (moved(), FileChange("app.py", "delete", "x"), ["what one moves the other deletes"]),
        (moved(), moved(to="c.py"), ["both move it, each to its own place"]),
        (moved(), moved(FOURTH), []),
        (moved(SECOND), moved(SECOND._replace(new=lines("zwei"))), ["both change these lines"]),
    ],
)
def test_what_one_changes_in_a_file_that_the_other_moves_comes_along(
    one: FileChange, other: FileChange, reasons: list[str]
) -> None:
    assert [stop.reason for stop in settle([one], [other])] == reasons
    assert [stop.reason for stop in settle([other], [one])] == reasons


def test_the_claims_of_a_move_say_where_to_and_which_lines_change() -> None:
    claim = PathClaim(path="app.py", mode="delete", base="x", ranges=((2, 3, digest(SECOND.new)),), moved="new.py")
    assert list(moved(SECOND).claims()) == [claim]
    untold = FileChange("app.py", "delete", "x", None, None, "new.py")
    assert list(untold.claims()) == [PathClaim(path="app.py", mode="delete", base="x", moved="new.py")]


def test_who_move_a_file_to_the_same_place_are_merged_by_what_they_change_on_the_way() -> None:
    one, other = (FileChange("new.py", "create", None, result) for result in ("1", "2"))
    assert settle([moved(SECOND), one], [moved(FOURTH), other]) == []
    untold = FileChange("app.py", "delete", "x", None, None, "new.py")
    assert [stop.path for stop in settle([untold, one], [moved(FOURTH), other])] == ["new.py"]
