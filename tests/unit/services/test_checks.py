"""How far checks are: the newest word of each, and none that is old."""

import asyncio

import pytest

from psmp.wire.message import Message
from psmp.words import subjects
from psmp.words.ids import ProjectKey
from psmp.words.progress import CheckProgress
from psmp_keeper import checks
from psmp_keeper.checks import Checks

KEY, OTHER = ProjectKey("acme", "rag"), ProjectKey("acme", "other")


def said(at: int, *, ended: bool = False) -> CheckProgress:
    return CheckProgress(sequence=7, doing="solving", at=at, of=3, place="here", asked=0, seconds=1.0, ended=ended)


def message(progress: CheckProgress, key: ProjectKey = KEY) -> Message:
    return Message(subjects.progress(key), "", progress.model_dump_json().encode())


async def test_the_newest_word_counts_until_the_check_ends() -> None:
    heard = Checks()
    assert heard.of(KEY) is None
    heard.hear(message(said(1)))
    heard.hear(message(said(2)))
    assert heard.of(KEY) == said(2)
    assert heard.of(OTHER) is None
    heard.hear(message(said(2, ended=True)))
    assert heard.of(KEY) is None


async def test_what_was_said_long_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Checks()
    heard.hear(message(said(1)))
    monkeypatch.setattr(checks, "FORGOTTEN", -1.0)
    await asyncio.sleep(0)
    assert heard.of(KEY) is None
    heard.hear(message(said(1), OTHER))
    assert len(heard._heard) == 1


async def test_what_is_no_progress_is_not_heard() -> None:
    heard = Checks()
    heard.hear(Message(subjects.progress(KEY), "", b"{}"))
    assert heard.of(KEY) is None
