"""What is counted on other people's releases, over releases made by the test: no registry is asked."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from psmp.compat.paths.edits import Edit
from tests.bench import registry, releases
from tests.bench.registry import Series
from tests.bench.releases import FilePair, Tally, applied, gathered, judged, measure, neighbours


def text(*lines: int | str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


TOY = Series("pypi", "toy", ("1.0", "1.1", "1.2", "1.9"), ("2.0",))
LONG = [f"a line of its own, number {number}" for number in range(30)]
RELEASES: dict[str, dict[str, bytes]] = {
    "1.0": {"a.py": text(*range(1, 31)), "b.py": text(*range(9)), "gone.py": text(*LONG), "lost.py": text(7, 8)},
    "1.1": {"a.py": text(*range(1, 5), "five", *range(6, 31)), "gone.py": text(*LONG, "x"), "lost.py": text(7, 9)},
    "1.2": {"a.py": text(*range(1, 5), "five", *range(6, 20), "twenty", *range(21, 31)), "lost.py": text(7, 9)},
    "2.0": {"a.py": text(*range(1, 5), "five", *range(6, 20), "XX", *range(21, 30), "end"), "moved.py": text(*LONG)},
}
for version in ("1.1", "1.2"):
    RELEASES[version] = {"gone.py": text(*LONG, "x"), "b.py": text(*range(9)), **RELEASES[version]}


def fetch(_: Series, version: str) -> Mapping[str, bytes] | None:
    return RELEASES.get(version)


def told(pair: FilePair) -> tuple[str, str, bool]:
    return pair.one.path, pair.group, pair.clean


def test_every_file_that_two_sides_touch_is_a_pair_and_git_says_whether_it_is_clean(tmp_path: Path) -> None:
    with releases.CONSOLE.capture() as said:
        pairs = gathered(tmp_path, TOY, fetch, 1)
    assert said.get() == "toy 1.9: not to be had, left out\n"
    assert [told(pair) for pair in pairs if pair.kind != "single"] == [
        ("a.py", "steps, independent", True),
        ("a.py", "ahead, sharing a change", True),
        ("gone.py", "beside a rename", True),
        ("lost.py", "ahead, independent", False),
        ("a.py", "ahead, independent", False),
    ]
    singles = [(pair.clean, pair.shares) for pair in pairs if pair.kind == "single"]
    assert sorted(singles) == [(False, False), *[(True, False)] * 5, (True, True)]


def test_what_a_way_blocks_and_misses_is_held_against_git(tmp_path: Path) -> None:
    pairs = gathered(tmp_path, Series("pypi", "toy", ("1.0", "1.1", "1.2"), ("2.0",)), fetch, 1)
    sums = sum(map(judged, pairs), Tally())
    clean = sum(pair.clean for pair in pairs)
    assert (sums.pairs, sums.clean, sums.blocked[0]) == (len(pairs), clean, clean)
    sharing = sum(pair.clean and pair.shares for pair in pairs)
    assert sums.blocked[1:] == (sharing, 0, 0, 0)
    assert sums.missed == (0, 0, 0, 0, 0)
    one = next(pair for pair in pairs if pair.clean)
    assert not judged(one).is_odd
    wrong = FilePair("toy", "steps", one.one, one.other, clean=False)
    assert judged(wrong).is_odd
    assert judged(wrong).missed == (0, 1, 1, 1, 1)


def test_the_table_has_a_row_for_each_project_each_kind_and_all() -> None:
    with releases.CONSOLE.capture() as said:
        measure(1, fetch, [Series("pypi", "toy", ("1.0", "1.1", "1.2"), ("2.0",))])
    lines = said.get().splitlines()
    assert lines[0] == "toy: 12 pairs"
    assert {"toy", "all", "beside a rename"} <= {line[:20].strip() for line in lines[2:]}


def test_a_pair_that_claims_judge_otherwise_than_git_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "judged", lambda _: Tally(1, 1, (1, 1, 1, 1, 1)))
    with releases.CONSOLE.capture() as said:
        measure(1, fetch, [Series("pypi", "toy", ("1.0", "1.1", "1.2"), ("2.0",))])
    assert "  gone.py, beside a rename: clean\n" in said.get()


def test_without_a_registry_it_says_that_it_was_skipped() -> None:
    with releases.CONSOLE.capture() as said:
        measure(1, lambda *_: None)
    assert said.get() == "skipped: no registry\n"


def test_a_change_stands_beside_those_above_at_and_below_its_place() -> None:
    one = [Edit(10, (b"x",), ())]
    others = [Edit(start, (b"x",), ()) for start in (1, 5, 10, 20, 30)]
    assert [near.start for _, near in neighbours(one, others)] == [5, 10, 20]
    assert list(neighbours(one, [])) == []


@pytest.mark.parametrize(
    ("edit", "result"),
    [
        (Edit(1, (), (b"new\n",)), b"new\n1\n2"),
        (Edit(2, (b"2",), (b"2\n", b"3\n")), b"1\n2\n3\n"),
        (Edit(1, (b"1\n",), ()), b"2"),
    ],
)
def test_one_change_is_made(edit: Edit, result: bytes) -> None:
    assert applied(b"1\n2", edit) == result


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("django/db/models.py", True),
        ("x-1.0.dist-info/METADATA", False),
        (".gitattributes", False),
        ("x/locale/de.po", False),
        ("x/a b.py", False),
        ("package/lib/a.min.js", False),
    ],
)
def test_files_that_tools_write_are_passed_over(path: str, *, read: bool) -> None:
    assert registry.is_read(path) is read
