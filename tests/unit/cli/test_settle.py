"""``psmp settle`` on real repositories, from the words that are typed to how it ends."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from psmp.cli.app import run
from psmp.cli.exits import Exit

LINES = [f"line {number}\n" for number in range(1, 21)]


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, timeout=30)  # noqa: S607 - git is where PATH has it


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one file, and a branch for each change to it."""
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "app.py").write_text("".join(LINES))
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "base")
    for name, changes in {
        "low": {3: "three\n"},
        "high": {9: "nine\n"},
        "beside": {4: "four\n"},
        "rival": {3: "3\n"},
    }.items():
        git(tmp_path, "checkout", "-qb", name, "main")
        changed = [changes.get(number, line) for number, line in enumerate(LINES, 1)]
        (tmp_path / "app.py").write_text("".join(changed))
        git(tmp_path, "commit", "-qam", name)
    return tmp_path


def settled(repository: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    end = run(["settle", *words, "--repository", str(repository), "-o", "json"])
    return end, json.loads(capsys.readouterr().out)


def test_changes_on_lines_apart_are_merged(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert settled(repository, capsys, "main...low", "main...high") == (Exit.DONE, {"merges": True, "stops": []})


def test_lines_that_both_change_are_told(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end, told = settled(repository, capsys, "main...low", "main...rival")
    assert end == Exit.GOVERNED
    (stop,) = told["stops"]
    assert (stop["path"], stop["lines"], stop["merged"]) == ("app.py", [3, 4], None)


def test_lines_side_by_side_are_told_as_git_does_with_the_text_that_is_not_in_doubt(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    end, told = settled(repository, capsys, "main...low", "main...beside")
    assert end == Exit.GOVERNED
    assert [stop["merged"] for stop in told["stops"]] == ["three\nfour\n"]
    assert settled(repository, capsys, "main...low", "main...beside", "--beyond-git")[0] == Exit.DONE


def test_people_get_a_page(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["settle", "main...low", "main...rival", "--repository", str(repository)])
    page = capsys.readouterr().out
    assert "they meet in 1 place" in page
    assert "[3, 4)" in page


def test_what_is_no_change_is_named(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settle", "nothing", "main...low", "--repository", str(repository)]) == Exit.USAGE
    assert "nothing" in capsys.readouterr().err
