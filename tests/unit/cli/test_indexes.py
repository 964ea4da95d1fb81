"""Which index is asked, as of when, and where what it said is kept."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.indexes import VARIABLE, cache, index
from psmp.cli.resolving import told
from psmp.deep.verdict import Progress

URL = "http://127.0.0.1:1/simple"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("PSMP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv(VARIABLE, raising=False)
    return tmp_path / "cache" / "resolver"


def refused(url: str | None, moment: str | None = None) -> Complaint:
    with pytest.raises(Complaint) as caught:
        index(url, moment)
    assert caught.value.end is Exit.USAGE
    return caught.value


def test_an_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "file:///pages")
    assert index(None, None).url == "file:///pages"
    assert index(URL, None).url == URL


def test_no_index_says_how_to_name_one() -> None:
    assert VARIABLE in refused(None).hint


@pytest.mark.parametrize("url", ["simple", "ftp://127.0.0.1/simple", "https:///simple", "http://me:secret@[", ""])
def test_what_is_no_address_is_not_repeated(url: str) -> None:
    said = refused(url)
    assert "secret" not in str(said) + said.hint


def test_a_moment_without_a_zone_is_utc() -> None:
    assert index(URL, "2026-11-21").exclude_newer == datetime(2026, 11, 21, tzinfo=UTC)
    assert index(URL, "2026-11-21T10:00:00+02:00").exclude_newer == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert "--exclude-newer yesterday" in str(refused(URL, "yesterday"))


def test_the_folder_is_nobody_elses(folder: Path) -> None:
    assert index(URL, None).cache == folder
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o770)
    assert "others may write there" in str(refused(URL))


def test_a_folder_that_cannot_be_made_is_named(folder: Path) -> None:
    folder.parent.write_text("a file")
    assert str(folder) in str(refused(URL))


@pytest.mark.parametrize(
    ("environment", "platform", "path"),
    [
        ({"HOME": "/me"}, "linux", "/me/.cache/psmp/resolver"),
        ({"HOME": "/me"}, "darwin", "/me/Library/Caches/psmp/resolver"),
        ({"HOME": "/me", "XDG_CACHE_HOME": "/c"}, "linux", "/c/psmp/resolver"),
        ({"HOME": "/me", "XDG_CACHE_HOME": "c"}, "linux", "/me/.cache/psmp/resolver"),
        ({"HOME": "/me", "XDG_CACHE_HOME": "/c", "PSMP_CACHE_DIR": "/p"}, "linux", "/p/resolver"),
    ],
)
def test_the_cache_lies_where_the_system_keeps_such_things(
    environment: dict[str, str], platform: str, path: str
) -> None:
    assert str(cache(environment, platform)) == path


def test_progress_is_a_line() -> None:
    assert told(Progress(1, 2, "solving", "python3.11-linux", 0)) == "solving: python3.11-linux (1 of 2)"
    assert told(Progress(2, 2, "finding causes", "x", 9)) == "finding causes: x (2 of 2, 9 asked)"
