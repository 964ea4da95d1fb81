"""A bundle's files are there together or not at all, and never in place of others."""

import zipfile
from pathlib import Path

import pytest

from psmp.store.export.sheets import NotWritten, fresh


@pytest.fixture(params=["bundle", "bundle.zip"])
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return tmp_path / str(request.param)


def contents(path: Path) -> dict[str, bytes]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in path.rglob("*") if each.is_file()}


def test_files_are_there_when_the_block_is_done_and_not_before(path: Path) -> None:
    with fresh(path) as pages:
        pages.write("logs/a/b.jsonl", b"one\n")
        pages.write("logs/a/b.jsonl", b"two\n")
        pages.write("empty", b"")
        assert not path.exists()
    assert contents(path) == {"logs/a/b.jsonl": b"one\ntwo\n", "empty": b""}
    assert list(path.parent.iterdir()) == [path]


def test_nothing_stays_of_a_block_that_fails(path: Path) -> None:
    def fail() -> None:
        with fresh(path) as pages:
            pages.write("a", b"1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(path.parent.iterdir()) == []


def test_what_is_there_is_never_overwritten(path: Path) -> None:
    def write() -> None:
        with fresh(path) as pages:
            pages.write("a", b"1")

    path.write_bytes(b"precious")
    with pytest.raises(NotWritten, match="is there already"):
        write()
    path.unlink()
    path.symlink_to("nowhere")
    with pytest.raises(NotWritten, match="is there already"):
        write()
    path.unlink()

    def write_beside() -> None:
        with fresh(path) as pages:
            pages.write("a", b"1")
            path.write_bytes(b"precious")

    with pytest.raises(NotWritten):
        write_beside()
    assert path.read_bytes() == b"precious"
    assert list(path.parent.iterdir()) == [path]


def test_where_nothing_can_be_written_that_is_said(path: Path) -> None:
    with pytest.raises(NotWritten, match="No such file or directory"), fresh(path.parent / "nowhere" / path.name):
        pass  # pragma: no cover
    with pytest.raises(NotWritten, match="File name too long"), fresh(path.parent / "x") as pages:
        pages.write("a" * 300, b"")
    assert list(path.parent.iterdir()) == []
