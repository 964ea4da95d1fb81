"""What two claims are to each other is symmetric and as counted, and a path has one valid spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.compat.paths.claims import Claim, Relation, claims_of, relate
from psmp.compat.paths.index import PathIndex
from psmp.compat.paths.names import InvalidPath, folded, normal
from psmp.compat.paths.passages import carry
from psmp.words.values import Hunk, Passage, PathClaim
from tests.unit.compat.paths import worlds


def the(word: PathClaim, agent: str = "A") -> Claim:
    (claim,) = claims_of(f"of-{agent}", agent, 1, [word])
    return claim


def write(*ranges: tuple[int, int] | tuple[int, int, str], base: str | None = "x") -> PathClaim:
    return PathClaim(path="app.py", base=base, ranges=ranges)


def move(*ranges: tuple[int, int] | tuple[int, int, str]) -> PathClaim:
    return PathClaim(path="app.py", mode="delete", base="x", ranges=ranges, moved="./b.py")


Edit = tuple[int, int, int]


@st.composite
def edits(draw: st.DrawFn) -> tuple[Edit, ...]:
    """Changes of a small file from top to bottom, none at another."""
    found: list[Edit] = []
    line = 1
    while line <= worlds.LINES and draw(st.booleans()):
        start = draw(st.integers(line, worlds.LINES))
        end = draw(st.integers(start, worlds.LINES))
        found.append((start, end, draw(st.integers(0, 2))))
        line = end + 1
    return tuple(found)


def applied(lines: list[str], made: tuple[Hunk, ...], by: str, among: tuple[Edit, ...] = ()) -> list[str]:
    """The lines once the edits are made, in which those ``among`` are made already."""
    result = list(lines)
    for start, end, count, *_ in reversed(made):
        shift = sum(new - (e - s) for s, e, new in among if e <= start)
        result[start + shift - 1 : end + shift - 1] = [f"{by}{start}.{number}" for number in range(count)]
    return result


@worlds.often
@given(edits(), edits())
def test_who_works_on_lines_apart_comes_to_one_text_whoever_is_first(
    mine: tuple[Edit, ...], theirs: tuple[Edit, ...]
) -> None:
    one = the(write(*(edit[:2] for edit in mine)), "A")
    other = the(write(*(edit[:2] for edit in theirs)), "B")
    if relate(one, other) is Relation.APART:
        lines = [str(number) for number in range(1, worlds.LINES)]
        first = applied(applied(lines, mine, "A"), theirs, "B", mine)
        assert first == applied(applied(lines, theirs, "B"), mine, "A", theirs)
        new = {
            f"{by}{s}.{n}" for by, made in (("A", mine), ("B", theirs)) for s, _, count in made for n in range(count)
        }
        assert new <= set(first)


@worlds.often
@given(worlds.line_ranges(), worlds.hunk_lists())
def test_what_is_carried_covers_what_is_left_of_it_and_what_came_where_it_was(
    lines: tuple[int, int] | tuple[int, int, str], hunks: tuple[Hunk, ...]
) -> None:
    older = [str(number) for number in range(1, worlds.LINES + 2)]
    newer = applied(older, hunks, "new")
    start, end = lines[:2]
    ((first, last, _),) = carry([(start, end, None)], hunks)
    shown = set(newer[first - 1 : last - 1])
    assert {line for line in older[start - 1 : end - 1] if line in newer} <= shown
    for hunk in hunks:
        if worlds.places(*hunk[:2]) & worlds.places(start, end):
            assert {f"new{hunk[0]}.{number}" for number in range(hunk[2])} <= shown


@worlds.often
@given(worlds.line_ranges(), worlds.hunk_lists())
def test_a_digest_is_carried_only_where_nothing_but_the_place_has_changed(
    lines: tuple[int, int] | tuple[int, int, str], hunks: tuple[Hunk, ...]
) -> None:
    start, end = lines[:2]
    ((first, last, digest),) = carry([(start, end, "p")], hunks)
    met = any(worlds.places(*hunk[:2]) & worlds.places(start, end) for hunk in hunks)
    assert digest == (None if met else "p")
    assert met or last - first == end - start


@worlds.often
@given(worlds.line_ranges(), worlds.line_ranges(), worlds.hunk_lists())
def test_carrying_never_parts_what_meets(
    one: tuple[int, int] | tuple[int, int, str],
    other: tuple[int, int] | tuple[int, int, str],
    hunks: tuple[Hunk, ...],
) -> None:
    (mine, theirs) = carry([(*one[:2], None), (*other[:2], None)], hunks)
    if worlds.places(*one[:2]) & worlds.places(*other[:2]):
        assert worlds.places(*mine[:2]) & worlds.places(*theirs[:2])


@worlds.often
@given(worlds.claims(), worlds.claims())
def test_what_two_claims_are_to_each_other_is_symmetric_and_as_counted(one: PathClaim, other: PathClaim) -> None:
    mine, theirs = the(one, "A"), the(other, "B")
    relation = relate(mine, theirs)
    assert relation is relate(theirs, mine)
    kind = "clash" if relation.clashes else relation.name.lower()
    assert kind == worlds.judged([one], [other])


@worlds.often
@given(worlds.claims(), worlds.claims())
def test_one_agent_orders_its_own_work(one: PathClaim, other: PathClaim) -> None:
    assert relate(the(one, "A"), the(other, "A")) is Relation.APART


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        (write((10, 20)), write((20, 30)), Relation.MEET),
        (write((10, 20)), write((21, 30)), Relation.APART),
        (write((10, 10)), write((10, 20)), Relation.MEET),
        (write((20, 20)), write((10, 20)), Relation.MEET),
        (write((5, 5)), write((5, 5)), Relation.MEET),
        (write((5, 5, "p")), write((5, 5, "p")), Relation.APART),
        (write((10, 20, "p")), write((10, 20, "p"), (30, 31)), Relation.APART),
        (write((10, 20, "p"), (20, 25, "q")), write((10, 20, "p"), (20, 25, "q")), Relation.APART),
        (write((10, 20, "p"), (20, 25, "q")), write((10, 20, "p")), Relation.MEET),
        (write((1, 2)), write((1, 2), base="y"), Relation.UNKNOWN),
        (write((1, 2)), write((1, 2), base=None), Relation.UNKNOWN),
        (write((1, 2), base=None), write((2, 3), base=None), Relation.MEET),
        (write((1, 2)), PathClaim(path="app.py", mode="read"), Relation.APART),
        (PathClaim(path="app.py", mode="delete"), PathClaim(path="app.py", mode="delete", base="x"), Relation.APART),
        (write(), write((1, 2), base="y"), Relation.APART),
        (write(), PathClaim(path="app.py", mode="delete"), Relation.LOST),
        (write(), PathClaim(path="app.py"), Relation.MEET),
        (PathClaim(path="app.py", mode="create"), write((1, 2), base="y"), Relation.UNKNOWN),
        (PathClaim(path="app.py", mode="create", ranges=((1, 1, "y"),)), write((1, 2), base="y"), Relation.APART),
        (PathClaim(path="app.py", mode="create"), write((1, 2), base=None), Relation.MEET),
        (PathClaim(path="app.py", mode="create"), PathClaim(path="app.py", mode="delete"), Relation.LOST),
        (PathClaim(path="app.py", mode="create"), PathClaim(path="app.py", mode="create"), Relation.TWICE),
        (PathClaim(path="app.py"), PathClaim(path="app.py/x"), Relation.INSIDE),
        (PathClaim(path="app.py"), PathClaim(path="app.pyx"), Relation.APART),
        (PathClaim(path="a/", mode="delete"), PathClaim(path="a/b", mode="delete"), Relation.APART),
        (move(), write((1, 2)), Relation.APART),
        (move((10, 20)), write((21, 22)), Relation.APART),
        (move((10, 20)), write((20, 22)), Relation.MEET),
        (move((10, 20, "p")), write((10, 20, "p")), Relation.APART),
        (move((10, 20)), write((1, 2), base="y"), Relation.UNKNOWN),
        (move(), write((1, 2), base="y"), Relation.APART),
        (move(), PathClaim(path="app.py"), Relation.MEET),
        (PathClaim(path="app.py", mode="delete", moved="b.py"), write((1, 2)), Relation.LOST),
        (PathClaim(path="app.py", mode="delete", moved="b.py"), write(), Relation.LOST),
        (move(), move((1, 2)), Relation.APART),
        (move(), PathClaim(path="app.py", mode="delete"), Relation.LOST),
        (move(), PathClaim(path="app.py", mode="delete", moved="c.py"), Relation.LOST),
        (move(), PathClaim(path="app.py", mode="create"), Relation.UNKNOWN),
    ],
)
def test_what_two_claims_are_to_each_other(one: PathClaim, other: PathClaim, relation: Relation) -> None:
    assert relate(the(one, "A"), the(other, "B")) is relation
    index = PathIndex()
    index.put("a", "A", 1, [one])
    index.put("b", "B", 2, [other])
    assert bool(index.clashes([one.path, other.path])) is relation.clashes
    assert bool(index.unknowns("a")) is (relation is Relation.UNKNOWN)


def test_lines_are_carried_from_the_older_base_to_the_newer() -> None:
    older = write((10, 20, "p"))
    passage = Passage(base="x", hunks=((1, 1, 5), (30, 40, 0)))
    newer = PathClaim(path="app.py", base="y", ranges=((15, 25, "p"), (40, 50)), passages=(passage,))
    assert relate(the(older, "A"), the(newer, "B")) is Relation.APART
    moved = newer.model_copy(update={"ranges": ((25, 26),)})
    assert relate(the(older, "A"), the(moved, "B")) is Relation.MEET


@pytest.mark.parametrize(
    ("lines", "hunks", "carried"),
    [
        ((10, 20, "p"), (), (10, 20, "p")),
        ((10, 20, "p"), ((1, 2, 5), (30, 31, 0)), (14, 24, "p")),
        ((10, 20, "p"), ((15, 16, 3),), (10, 22, None)),
        ((10, 20, "p"), ((5, 12, 1), (18, 30, 2)), (5, 14, None)),
        ((10, 20, "p"), ((20, 20, 4),), (10, 24, None)),
        ((10, 10, "p"), ((1, 1, 1), (9, 10, 0)), (10, 10, None)),
    ],
)
def test_where_lines_are_on_a_newer_base(
    lines: tuple[int, int, str], hunks: tuple[Hunk, ...], carried: tuple[int, int, str | None]
) -> None:
    assert carry([lines], hunks) == [carried]


def test_claims_of_one_artifact_on_one_base_are_one_claim() -> None:
    said = [write((1, 2)), write((5, 6, "p"), (1, 2)), write((9, 9), base="y")]
    assert [claim.ranges for claim in claims_of("a", "A", 1, said)] == [((1, 2, None), (5, 6, "p")), ((9, 9, None),)]
    assert [
        claim.ranges for claim in claims_of("a", "A", 1, [*said, write((2, 3)), PathClaim(path="app.py", base="y")])
    ] == [
        ((1, 3, None), (5, 6, "p")),
        None,
    ]


@pytest.mark.parametrize(
    "path", ["a", "src/", "./a/b.py", ".github/x", "a b/ü.txt", "..a/b..", "a/...", "x:y/z", "~/a"]
)
def test_a_path_within_the_project_is_valid(path: str) -> None:
    assert normal(path) == path.removeprefix("./")


@pytest.mark.parametrize(
    ("path", "place", "fault"),
    [
        ("/etc/passwd", "character 0", "is absolute"),
        ("C:/a.py", "character 0", "starts with a drive"),
        ("a/../b", "character 2", "leads upwards with '..'"),
        ("..", "character 0", "leads upwards with '..'"),
        ("./../b", "character 2", "leads upwards with '..'"),
        ("a/./b", "character 2", "has a segment '.'"),
        ("././a", "character 2", "has a segment '.'"),
        (".", "character 0", "has a segment '.'"),
        ("a//b", "character 2", "has an empty segment"),
        ("a//", "character 2", "has an empty segment"),
        ("a\\b", "character 1", "holds a backslash"),
        ("a\nb", "character 1", "holds a control character"),
        ("a\u2028b", "character 1", "holds a control character"),
        ("a\ud800", "character 1", "holds half of a surrogate pair"),
        ("./", "character 2", "names nothing"),
        ("a" * 1025, "character 1024", "is longer than 1024 characters"),
    ],
)
def test_a_path_that_is_none_is_a_fault_at_its_place(path: str, place: str, fault: str) -> None:
    with pytest.raises(InvalidPath) as caught:
        normal(path)
    assert (caught.value.place, caught.value.fault) == (place, fault)
    assert caught.value.hint
    assert str(caught.value).endswith(f"{fault}, at {place}")
    assert len(str(caught.value)) < 160


@given(st.text(alphabet="./\\a:C\n \ud800é", max_size=8))
def test_a_valid_path_has_one_spelling_and_is_a_list_of_names(path: str) -> None:
    try:
        spelled = normal(path)
    except InvalidPath:
        return
    assert normal(spelled) == spelled
    names = spelled.removesuffix("/").split("/")
    assert all(name not in {"", ".", ".."} and "\\" not in name for name in names)


@pytest.mark.parametrize(
    ("word", "place"),
    [
        (write((0, 2)), "ranges[0]"),
        (write((1, 2), (5, 4)), "ranges[1]"),
        (PathClaim(path="src/", ranges=((1, 2),)), "ranges"),
        (PathClaim(path="a.py", mode="delete", ranges=((1, 2),)), "ranges"),
        (PathClaim(path="a.py", passages=(Passage(base="x", hunks=()),)), "passages"),
        (PathClaim(path="a.py", moved="b.py"), "moved"),
        (PathClaim(path="a/", mode="delete", moved="b"), "moved"),
        (PathClaim(path="a", mode="delete", moved="b/"), "moved"),
        (PathClaim(path="a", mode="delete", moved="../b"), "character 0"),
        (PathClaim(path="a.py", base="y", passages=(Passage(base="x", hunks=((3, 2, 1),)),)), "passages[0].hunks[0]"),
        (PathClaim(path="a.py", base="y", passages=(Passage(base="x", hunks=((3, 4, -1),)),)), "passages[0].hunks[0]"),
        (
            PathClaim(path="a.py", base="y", passages=(Passage(base="x", hunks=((3, 5, 1), (4, 6, 1))),)),
            "passages[0].hunks[1]",
        ),
    ],
)
def test_a_claim_on_lines_that_cannot_be_is_a_fault_at_its_place(word: PathClaim, place: str) -> None:
    with pytest.raises(InvalidPath) as caught:
        claims_of("a", "A", 1, [word])
    assert caught.value.place == place


@pytest.mark.parametrize(
    ("one", "other"),
    [("README.md", "readme.MD"), ("é", "e\u0301"), ("Straße", "STRASSE"), ("a.", "a"), ("a. .", "A")],
)
def test_names_that_some_disks_cannot_tell_apart_have_one_fold(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_names_that_every_disk_can_tell_apart_have_two_folds() -> None:
    assert folded("a.py") != folded("b.py")
    assert folded("...") == "..."
