"""Checkpoints on real servers: signed, stored, anchored and published, whatever dies in between."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from psmp.log.jetstream import direct_get
from psmp.stack import NatsServer
from psmp.words.ids import ProjectKey
from tests.following import Place, place, until
from tests.histories import KEY, lifetime
from tests.signing import Auditor, assert_signed_trees, covered, signing

pytestmark = pytest.mark.integration

OTHER = ProjectKey("acme", "other")


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


async def stream(here: Place) -> list[str]:
    """The notes in the stream of checkpoints, in order."""
    asked = {"seq": 1, "batch": 5000, "next_by_subj": "psmp.checkpoint.>"}
    return [message.data.decode() for message in await direct_get(here.nats, "PSMP_CHECKPOINTS", asked)]


async def stored(here: Place) -> list[str]:
    """The notes in Postgres in the order in which they are published."""
    rows = await here.rows(
        "SELECT number, 0, note FROM psmp.checkpoint UNION ALL SELECT size, 1, note FROM psmp.anchor ORDER BY 1, 2"
    )
    return [row[2] for row in rows]


def lines(file: Path) -> list[str]:
    return [json.loads(line) for line in file.read_text().splitlines()]


async def assert_all_published(here: Place, file: Path | None = None) -> None:
    """Once each, in order, to the stream and to the file."""
    wanted = await stored(here)
    assert await stream(here) == wanted
    if file:
        assert lines(file) == wanted


async def test_every_record_is_covered_by_what_is_signed_anchored_and_published(here: Place, tmp_path: Path) -> None:
    stored_here = [*await lifetime().store(here.log), *await lifetime(OTHER).store(here.log)]
    auditor = Auditor(here, tmp_path / "checkpoints.jsonl")
    async with signing(here, tmp_path / "signed"), auditor.at_work():

        async def done() -> bool:
            return await covered(here, len(stored_here)) and await stream(here) == await stored(here)

        await until(done)
    assert auditor.checkpoints.describe().trouble == ""
    await assert_signed_trees(here, [KEY, OTHER])
    await assert_all_published(here, tmp_path / "checkpoints.jsonl")
