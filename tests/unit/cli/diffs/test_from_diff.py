"""``--from-diff`` over real repositories, made by the test."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest

from psmp.cli import diffs
from psmp.cli.diffs import DiffFault
from psmp.cli.diffs.unified import blob_id
from psmp.cli.faults import explain
from psmp.cli.manifests import ManifestFault
from psmp.compat.paths.edits import digest
from psmp.compat.paths.index import PathIndex
from psmp.compat.paths.merge import settle
from psmp.words.values import PathClaim
from tests.unit.cli.diffs.repositories import Repository, numbered


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "project")
    made.write(app__py=numbered(*range(1, 31)), gone__py="x\n", old__py="same\n", run__sh="#!/bin/sh\n")
    made.put({"data/p.bin": "\0\1\2"})
    made.commit()
    return made


def change_all(repository: Repository) -> None:
    repository.write(app__py=numbered("new", *range(1, 10), "ten", *range(11, 20), *range(21, 31)), made__py="y\n")
    repository.put({"data/p.bin": "\0\1\3"})
    (repository.folder / "gone.py").unlink()
    (repository.folder / "old.py").rename(repository.folder / "new.py")
    (repository.folder / "run.sh").chmod(0o755)


def test_what_git_calls_two_states_becomes_claims(repository: Repository) -> None:
    app, gone, old, binary = (repository.blob(name) for name in ("app.py", "gone.py", "old.py", "data/p.bin"))
    change_all(repository)
    repository.commit()
    told = repository.read("HEAD~1..HEAD")
    assert told.claims == (
        PathClaim(
            path="app.py",
            base=app,
            ranges=((1, 1, digest([b"new\n"])), (10, 11, digest([b"ten\n"])), (20, 21, digest([]))),
        ),
        PathClaim(path="data/p.bin", base=binary),
        PathClaim(path="gone.py", mode="delete", base=gone),
        PathClaim(path="made.py", mode="create", ranges=((1, 1, repository.blob("made.py")),)),
        PathClaim(path="new.py", mode="create", ranges=((1, 1, old),)),
        PathClaim(path="old.py", mode="delete", base=old, ranges=(), moved="new.py"),
        PathClaim(path="run.sh", ranges=()),
    )
    assert (told.found, told.remarks) == (None, ())


def test_the_same_change_is_told_the_same_from_files_index_commit_branch_and_patch(repository: Repository) -> None:
    repository.write(old__py="same\n" * 10)
    repository.commit()
    repository.git("branch", "start")
    change_all(repository)
    repository.write(new__py="same\n" * 9 + "other\n")
    repository.git("add", "--intent-to-add", "--all")
    by_files = repository.read("HEAD")
    repository.git("add", "--all")
    by_index = repository.read("--staged")
    repository.commit()
    patch = repository.folder.parent / "some.patch"
    for options in (
        ["--unified=10", "--full-index", "--binary"],
        ["--no-prefix"],
        ["--src-prefix=x/", "--dst-prefix=y/"],
    ):
        patch.write_text(repository.git("diff", *options, "start", "HEAD") + "\n", encoding="utf-8")
        assert diffs.read("../some.patch", folder=repository.folder).claims == by_files.claims
    repository.git("checkout", "--quiet", "start")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "elsewhere")
    by_branch = diffs.read("HEAD...main", folder=repository.folder)
    assert by_files.claims == by_index.claims == by_branch.claims


def test_lines_are_where_git_s_merge_sees_them_and_not_where_a_diff_without_context_does(
    repository: Repository,
) -> None:
    repository.write(app__py=numbered(*["x"] * 1000, "end"))
    repository.commit()
    repository.write(app__py=numbered(*["x"] * 1001, "end"))
    assert [each[:2] for each in repository.read("HEAD").claims[0].ranges or ()] == [(1001, 1001)]


def test_a_move_and_a_change_of_the_same_file_stand_together_as_git_merges_them(repository: Repository) -> None:
    text = [f"a line of its own, number {number}" for number in range(30)]
    repository.write(old__py=numbered(*text))
    repository.commit()
    repository.git("checkout", "--quiet", "-b", "one")
    repository.git("mv", "old.py", "new.py")
    repository.write(new__py=numbered(*text[:-1], "end"))
    repository.commit()
    repository.git("checkout", "--quiet", "-b", "two", "main")
    repository.write(old__py=numbered("start", *text[1:]))
    repository.commit()
    one, two = repository.read("main..one"), repository.read("main..two")
    index = PathIndex()
    paths = (*index.put("a", "A", 1, one.claims), *index.put("b", "B", 2, two.claims))
    assert (index.clashes(paths), index.unknowns("a"), settle(one.changes, two.changes)) == ((), (), [])
    repository.git("merge", "--quiet", "one", "-m", "both")
    assert (repository.folder / "new.py").read_text(encoding="utf-8") == numbered("start", *text[1:-1], "end")


def test_settings_of_one_s_own_change_nothing(repository: Repository) -> None:
    change_all(repository)
    repository.commit()
    before = repository.read("HEAD~1..")
    trap = repository.folder.parent / "ran"
    script = repository.folder.parent / "trap.sh"
    script.write_text(f"#!/bin/sh\ntouch '{trap}'\n", encoding="utf-8")
    script.chmod(0o755)
    for name, value in {
        "diff.external": str(script),
        "diff.trap.textconv": str(script),
        "core.fsmonitor": str(script),
        "core.pager": str(script),
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "diff.context": "9",
        "diff.interHunkContext": "9",
        "diff.renames": "copies",
        "diff.algorithm": "patience",
        "diff.orderFile": "/nowhere",
        "color.ui": "always",
        "core.quotePath": "false",
    }.items():
        repository.git("config", name, value)
    repository.git("config", "--unset", "diff.orderFile")
    (repository.folder / ".git" / "info" / "attributes").write_text("*.py diff=trap\n", encoding="utf-8")
    assert repository.read("HEAD~1..").claims == before.claims
    assert repository.read("HEAD~1").claims == before.claims
    assert not trap.exists()


def test_odd_names_are_claimed_as_they_are(repository: Repository) -> None:
    names = ["\u00fcber maß.py", 'say "hi".txt', "a b/c d.txt", " lead", "-x", "x\u0301"]
    repository.put(dict.fromkeys(names, "x\n"))
    repository.commit()
    assert {claim.path for claim in repository.read("HEAD~1..HEAD").claims} == set(names)


def test_two_agents_whose_branches_start_apart_are_compared_by_the_blob(repository: Repository) -> None:
    index = PathIndex()
    repository.git("checkout", "--quiet", "-b", "one")
    repository.write(app__py=numbered("A", *range(2, 31)))
    repository.commit()
    index.put("a", "A", 1, repository.read("main...one").claims)
    repository.git("checkout", "--quiet", "main")
    repository.write(other__py="z\n")
    repository.commit()
    repository.git("checkout", "--quiet", "-b", "two")
    repository.write(app__py=numbered(*range(1, 30), "Z"))
    repository.commit()
    assert index.clashes(index.put("b", "B", 2, repository.read("main...two").claims)) == ()
    assert index.unknowns("b") == ()
    repository.write(app__py=numbered("B", *range(2, 31)))
    repository.commit()
    (clash,) = index.clashes(index.put("b", "B", 3, repository.read("main...two").claims))
    assert clash.causes == (("a", "b"),)


def test_who_changes_a_file_that_another_created_follows_on_it(repository: Repository) -> None:
    index = PathIndex()
    repository.write(made__py=numbered(1, 2, 3))
    repository.commit()
    index.put("a", "A", 1, repository.read("HEAD~1..HEAD").claims)
    repository.write(made__py=numbered(1, "two", 3))
    repository.commit()
    assert index.clashes(index.put("b", "B", 2, repository.read("HEAD~1..HEAD").claims)) == ()
    assert index.unknowns("b") == ()


PYPROJECT = '[project]\nname = "x"\ndependencies = ["pandas>=2"]\n'


def test_the_needs_of_a_changed_manifest_are_those_of_the_newer_state(repository: Repository) -> None:
    repository.write(pyproject__toml=PYPROJECT)
    repository.put({"web/package.json": '{"dependencies": {"react": "^18"}}', "more.txt": "numpy\n"})
    repository.put({"requirements-dev.txt": "-r more.txt\nrich>=13  # shows\n"})
    repository.commit()
    repository.write(pyproject__toml=PYPROJECT.replace("pandas>=2", "polars"))
    committed = repository.read("HEAD~1..HEAD")
    assert committed.found is not None
    assert [(need.name, need.constraint) for need in committed.found.dependencies] == [
        ("pandas", ">=2"),
        ("numpy", ""),
        ("rich", ">=13"),
        ("react", "^18"),
    ]
    told = repository.read("HEAD")
    assert told.found is not None
    assert [need.name for need in told.found.dependencies] == ["polars"]
    repository.git("add", "--all")
    staged = repository.read("--cached")
    assert staged.found == told.found


def test_a_fault_in_a_manifest_names_its_place_in_the_project(repository: Repository) -> None:
    repository.put({"sub/requirements.txt": "fine\n-r gone.txt\n"})
    repository.commit()
    with pytest.raises(ManifestFault) as caught:
        repository.read("HEAD~1..HEAD")
    assert str(caught.value) == "sub/requirements.txt:2: there is no file sub/gone.txt"
    repository.put({"sub/requirements.txt": "name @ https://example.org/x.whl\n"})
    repository.commit()
    found = repository.read("HEAD~1..HEAD").found
    assert found is not None
    assert all(remark.startswith("sub/requirements.txt:1: ") for remark in found.unread)


def test_a_tree_that_leads_outside_is_not_followed(repository: Repository) -> None:
    def tree(*entries: tuple[str, str, str]) -> str:
        said = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(identity) for mode, name, identity in entries)
        (repository.folder / "tree").write_bytes(said)
        return repository.git("hash-object", "-t", "tree", "-w", "--literally", "tree")

    def commit(text: str, *parents: str) -> str:
        repository.put({"blob": text})
        blob = repository.git("hash-object", "-w", "blob")
        upwards = tree(("100644", "evil.txt", blob_of_evil))
        top = tree(("40000", "..", upwards), ("100644", "requirements.txt", blob))
        return repository.git("commit-tree", top, "-m", "x", *parents)

    repository.put({"blob": "evil\n"})
    blob_of_evil = repository.git("hash-object", "-w", "blob")
    first = commit("pandas\n")
    second = commit("polars\n", "-p", first)
    told = repository.read(f"{first}..{second}")
    assert told.found is not None
    assert [need.name for need in told.found.dependencies] == ["polars"]
    assert not list(Path(gettempdir()).glob("evil.txt"))


def test_a_deleted_manifest_is_not_read(repository: Repository) -> None:
    repository.write(pyproject__toml=PYPROJECT)
    repository.commit()
    (repository.folder / "pyproject.toml").unlink()
    repository.commit()
    assert repository.read("HEAD~1..HEAD").found is None


def test_what_git_does_not_track_is_said(repository: Repository) -> None:
    repository.write(stray__py="x\n")
    assert [remark.partition(":")[0] for remark in repository.read("HEAD").remarks] == ["stray.py"]
    repository.write(stray__txt="x\n")
    assert [remark.partition(":")[0] for remark in repository.read("HEAD").remarks] == ["stray.py and 1 more"]
    assert repository.read("HEAD..HEAD").remarks == ()


def outside(tmp_path: Path, files: dict[str, str]) -> Path:
    folder = tmp_path / "bare"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def plain(name: str, head: str, *lines: str) -> str:
    return "\n".join([f"--- a/{name}", f"+++ b/{name}", head, *lines, ""])


def test_a_plain_diff_has_the_blob_of_the_file_that_it_is_of_be_it_made_or_not(tmp_path: Path) -> None:
    patch = plain("app.py", "@@ -2,2 +2,3 @@", "-2", "+two", "+more", " 3")
    before = outside(tmp_path, {"app.py": "1\n2\n3", "x.patch": patch})
    told = diffs.read("x.patch", folder=before)
    (before / "app.py").write_text("1\ntwo\nmore\n3", encoding="utf-8", newline="")
    assert diffs.read("x.patch", folder=before) == told
    (claim,) = told.claims
    assert claim == PathClaim(
        path="app.py",
        base=blob_id(b"1\n2\n3"),
        ranges=((2, 3, digest([b"two\n", b"more\n"])),),
    )
    assert told.remarks == ()
    (before / "app.py").write_text("something else\n", encoding="utf-8")
    vague = diffs.read("x.patch", folder=before)
    assert vague.claims[0].base is None
    assert [remark.partition(":")[0] for remark in vague.remarks] == ["app.py"]
    (before / "app.py").unlink()
    assert diffs.read("x.patch", folder=before) == vague


def test_a_plain_diff_s_manifest_is_read_where_the_file_is_what_the_diff_makes_of_it(tmp_path: Path) -> None:
    patch = plain("requirements.txt", "@@ -1 +1 @@", "-pandas", "+polars")
    folder = outside(tmp_path, {"requirements.txt": "polars\n", "x.patch": patch})
    told = diffs.read("x.patch", folder=folder)
    assert told.found is not None
    assert [need.name for need in told.found.dependencies] == ["polars"]
    (folder / "requirements.txt").write_text("pandas\n", encoding="utf-8")
    told = diffs.read("x.patch", folder=folder)
    assert told.found is None
    assert told.remarks == (
        "requirements.txt: not read, for the file here is not what the diff makes of it; add --from",
    )


def test_short_ids_of_bases_are_told_in_full_where_git_knows_them(repository: Repository, tmp_path: Path) -> None:
    app, gone = repository.blob("app.py"), repository.blob("gone.py")
    patch = "".join(
        f"diff --git a/{name} b/{name}\nindex {base[:7]}..1234567 100644\n" + plain(name, "@@ -1 +1 @@", "-1", "+x")
        for name, base in (("app.py", app), ("gone.py", gone), ("elsewhere.py", "0123456"))
    )
    repository.put({"x.patch": patch})
    assert [claim.base for claim in repository.read("x.patch").claims] == [app, "0123456", gone]
    (tmp_path / "x.patch").write_text(patch, encoding="utf-8")
    told = diffs.read("x.patch", folder=tmp_path)
    assert [claim.base for claim in told.claims] == [app[:7], "0123456", gone[:7]]
    assert len(told.remarks) == 3


def test_a_diff_can_come_by_standard_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    patch = plain("app.py", "@@ -0,0 +1 @@", "+1").encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(patch)))
    assert diffs.read("-", folder=tmp_path).claims == (PathClaim(path="app.py", ranges=((1, 1, digest([b"1\n"])),)),)


@pytest.mark.parametrize(
    "text", ["nope", "HEAD..nope", "nope...HEAD", "--output=x", "-x", "HEAD:app.py", "HEAD HEAD", ""]
)
def test_what_names_no_states_is_a_fault_with_a_hint(repository: Repository, text: str) -> None:
    with pytest.raises(DiffFault) as caught:
        repository.read(text)
    fault = explain(caught.value)
    assert fault is not None
    assert (fault.end, fault.text) == (2, str(caught.value))
    assert fault.hint
    assert not (repository.folder / "x").exists()


def test_outside_a_repository_git_says_so(tmp_path: Path) -> None:
    with pytest.raises(DiffFault, match="not a git repository"):
        diffs.read("HEAD", folder=tmp_path)


def test_without_git_a_file_can_be_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DiffFault, match="git is not installed"):
        diffs.read("HEAD", folder=tmp_path)


def test_a_folder_s_name_and_a_file_that_cannot_be_opened_are_faults(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for text in ("loop", "."):
        with pytest.raises(DiffFault):
            diffs.read(text, folder=tmp_path)


def test_more_files_than_an_artifact_claims_are_a_fault(tmp_path: Path) -> None:
    patch = "".join(plain(f"f{number}", "@@ -1 +1 @@", "-a", "+b") for number in range(1001))
    folder = outside(tmp_path, {"x.patch": patch})
    with pytest.raises(DiffFault, match="1001 claims"):
        diffs.read("x.patch", folder=folder)


def test_more_changes_than_a_claim_has_ranges_are_several_claims(tmp_path: Path) -> None:
    heads: Sequence[Any] = [f"@@ -{2 * n} +{2 * n} @@\n-a\n+b" for n in range(1, 2002)]
    folder = outside(tmp_path, {"x.patch": plain("f", *heads)})
    claims = diffs.read("x.patch", folder=folder).claims
    assert [len(claim.ranges or ()) for claim in claims] == [1000, 1000, 1]
