"""The live page: what is being checked now."""

import pytest

from psmp.cli.commands.watch import FORGOTTEN, Scene
from psmp.client import Checking
from psmp.words.progress import CheckProgress
from tests.unit.cli.rendering import rendered


def said(*, ended: bool = False) -> Checking:
    progress = CheckProgress(
        sequence=7,
        doing="finding causes",
        at=2,
        of=4,
        place="python3.11-linux",
        asked=7,
        seconds=12.4,
        ended=ended,
    )
    return Checking("rag", progress)


def test_a_check_is_shown_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    assert "being checked" not in rendered(scene.page(connected=True), 100)
    monkeypatch.setattr("psmp.cli.commands.watch.monotonic", lambda: 10.0)
    scene.hear(said(), 9.5)
    line = "rag  being checked, finding causes: python3.11-linux (2 of 4), 12 s, 7 runs"
    assert line in rendered(scene.page(connected=True), 100).splitlines()
    scene.hear(said(ended=True), 10.0)
    assert scene.running(10.0) == {}


def test_a_check_of_which_nothing_is_heard_is_shown_no_more() -> None:
    scene = Scene()
    scene.hear(said(), 1.0)
    assert set(scene.running(1.0 + FORGOTTEN)) == {"rag"}
    assert scene.running(1.1 + FORGOTTEN) == {}
