"""Passages from other agents' bases, as a real repository knows them."""

from dataclasses import replace
from pathlib import Path

import pytest

from psmp.cli.diffs import FromDiff, bases, with_passages
from psmp.compat.paths.claims import Claim, Relation, claims_of, relate
from psmp.compat.paths.edits import digest
from psmp.words.values import Hunk, Passage, PathClaim
from tests.unit.cli.diffs.repositories import Repository, numbered

TEN_TO_TWELVE = numbered(*range(1, 10), "ten", "eleven", "twelve", *range(13, 31))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "project")
    made.write(app__py=numbered(*range(1, 31)))
    made.commit()
    return made


def branch(repository: Repository, name: str, start: str, text: str) -> None:
    repository.git("checkout", "--quiet", "-b", name, start)
    repository.write(app__py=text)
    repository.commit()


def claims(agent: str, made: FromDiff) -> tuple[Claim, ...]:
    return claims_of(f"of-{agent}", agent, 1, made.claims)


def relation(one: FromDiff, other: FromDiff) -> Relation:
    (mine,), (theirs,) = claims("one", one), claims("two", other)
    return relate(mine, theirs)


def passages(made: FromDiff) -> list[Passage]:
    return [passage for claim in made.claims for passage in claim.passages or ()]


def written(base: str, *hunks: Hunk, path: str = "app.py") -> Claim:
    """Another agent's claim on a line of ``path``, which says itself how the file came to its base."""
    said = (Passage(base="0" * 40, hunks=hunks),) if hunks else None
    return claims_of("x", "other", 1, [PathClaim(path=path, base=base, ranges=((1, 2),), passages=said)])[0]


def test_who_works_on_a_change_that_was_merged_does_not_clash_with_it(repository: Repository) -> None:
    branch(repository, "one", "main", TEN_TO_TWELVE)
    one = repository.read("main..one")
    repository.git("checkout", "--quiet", "main")
    repository.git("merge", "--quiet", "--no-ff", "one", "-m", "r1")
    branch(repository, "two", "main", TEN_TO_TWELVE.replace("eleven", "ELEVEN"))
    two = repository.read("main..two")
    assert relation(one, two) is Relation.UNKNOWN
    bridged = with_passages(two, claims("one", one))
    assert relation(one, bridged) is Relation.APART
    was, came = digest([b"10\n", b"11\n", b"12\n"]), digest([b"ten\n", b"eleven\n", b"twelve\n"])
    assert passages(bridged) == [
        Passage(base=repository.git("rev-parse", "HEAD~2:app.py"), hunks=((10, 13, 3, was, came),))
    ]
    assert bridged.remarks == two.remarks


def test_who_was_merged_and_declares_late_does_not_clash_with_who_works_on_it(repository: Repository) -> None:
    branch(repository, "one", "main", TEN_TO_TWELVE)
    branch(repository, "two", "one", TEN_TO_TWELVE.replace("eleven", "ELEVEN"))
    one, two = repository.read("main..one"), repository.read("one..two")
    bridged = with_passages(one, claims("two", two))
    assert len(passages(bridged)) == 1
    assert relation(bridged, two) is Relation.APART


def test_a_change_that_was_not_merged_clashes_over_the_passage_where_they_meet(repository: Repository) -> None:
    branch(repository, "one", "main", TEN_TO_TWELVE)
    branch(repository, "merged", "main", numbered("new", *range(1, 31)))
    branch(repository, "near", "merged", numbered("new", *range(1, 12), "TWELVE", *range(13, 31)))
    branch(repository, "far", "merged", numbered("new", *range(1, 20), "TWENTY", *range(21, 31)))
    one = repository.read("main..one")
    near, far = (with_passages(repository.read(f"merged..{name}"), claims("one", one)) for name in ("near", "far"))
    assert relation(one, near) is Relation.MEET
    assert relation(one, far) is Relation.APART


def test_a_later_change_of_who_was_merged_in_part_clashes_still(repository: Repository) -> None:
    branch(repository, "one", "main", TEN_TO_TWELVE)
    branch(repository, "two", "one", TEN_TO_TWELVE.replace("eleven", "ELEVEN"))
    branch(repository, "more", "main", TEN_TO_TWELVE.replace("twelve", "dozen"))
    more, two = repository.read("main..more"), repository.read("one..two")
    assert relation(more, with_passages(two, claims("one", more))) is Relation.MEET


def test_a_file_that_another_created_and_that_was_changed_since_is_followed(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "-b", "one", "main")
    repository.write(made__py=numbered(1, 2, 3))
    repository.commit()
    one = repository.read("main..one")
    repository.write(made__py=numbered(1, 2, 3, 4))
    repository.commit()
    repository.write(made__py=numbered(1, 2, 3, 5))
    repository.commit()
    two = repository.read("HEAD~1..")
    assert relation(one, two) is Relation.UNKNOWN
    assert relation(one, with_passages(two, claims("one", one))) is Relation.APART


def test_a_file_of_that_name_that_another_creates_elsewhere_is_not(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "-b", "one", "main")
    repository.write(made__py=numbered(1, 2, 3))
    repository.commit()
    one = repository.read("main..one")
    repository.git("checkout", "--quiet", "main")
    repository.write(made__py=numbered(7))
    repository.commit()
    repository.write(made__py=numbered(8))
    two = with_passages(repository.read("HEAD"), claims("one", one))
    assert relation(one, two) is Relation.UNKNOWN
    assert two.remarks[-1].startswith("made.py: others claim it at a base")


def test_what_the_repository_does_not_know_stays_unknown_and_is_said(repository: Repository, tmp_path: Path) -> None:
    repository.write(app__py=TEN_TO_TWELVE)
    made = repository.read("HEAD")
    other = [written(base) for base in ("1" * 40, "v1", "x\n" * 20)]
    told = with_passages(made, other)
    assert (told.claims, len(told.remarks)) == (made.claims, 1)
    patch = tmp_path / "some.patch"
    patch.write_text(repository.git("diff", "--full-index") + "\n", encoding="utf-8")
    alone = with_passages(replace(repository.read(str(patch)), folder=tmp_path), other)
    assert len(alone.remarks) == 1
    assert with_passages(made, [written("1" * 40, path="else.py")]) == made


def test_a_patch_beside_its_repository_is_bridged_and_nothing_is_written_there(repository: Repository) -> None:
    branch(repository, "one", "main", TEN_TO_TWELVE)
    old = repository.git("rev-parse", "main:app.py")
    repository.write(app__py=TEN_TO_TWELVE.replace("29", "twenty-nine"))
    patch = repository.folder.parent / "some.patch"
    patch.write_text(repository.git("diff", "--full-index") + "\n", encoding="utf-8")
    before = repository.git("count-objects", "-v")
    told = with_passages(repository.read("../some.patch"), [written(old)])
    assert [passage.base for passage in passages(told)] == [old]
    assert repository.git("count-objects", "-v") == before


def test_only_so_many_hunks_are_said(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    old = repository.git("rev-parse", "main:app.py")
    branch(repository, "merged", "main", numbered("new", *range(2, 30), "end"))
    repository.write(app__py=numbered("new", *range(2, 15), "x", *range(16, 30), "end"))
    made = repository.read("HEAD")
    assert len(passages(with_passages(made, [written(old)]))) == 1
    monkeypatch.setattr(bases, "MOST_HUNKS", 1)
    told = with_passages(made, [written(old)])
    assert (passages(told), len(told.remarks)) == ([], 1)
