"""Replaying the log beside the projection finds every row that is not what the log says."""

import json
import os
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.stack import NatsServer
from psmp.store.projection import EVENT, STATE, Table, canonical
from psmp.store.replay import BESIDE, Difference, Replayed, replay_check
from psmp.words.ids import ProjectKey
from psmp.words.strict import MAX_INTEGER
from psmp_keeper.projector import Projector
from tests.following import Place, place
from tests.histories import KEY, LAST, History, conflict, created, declared, detected, identity, lifetime

pytestmark = pytest.mark.integration

OTHER = ProjectKey("acme", "other")
JSON = Table("json", 1, ("value",), frozenset({"value"}))


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    """Two projects, projected; one with an open conflict."""
    async with place(fresh_nats, database) as opened:
        await lifetime(OTHER).store(opened.log)
        history = History()
        for event in (created(), declared("api"), declared("web"), detected("web", conflict(1, "api", "web"))):
            history.add(event)
        end = (await history.store(opened.log))[-1].position
        await opened.follow(Projector(opened.pool, opened.log), end)
        yield opened


async def replay(here: Place, *keys: ProjectKey, only: bool = False) -> list[Replayed]:
    return [each async for each in replay_check(here.pool, here.log, keys, only=only)]


async def test_a_projection_that_nobody_touched_is_the_log_folded(here: Place) -> None:
    found = await replay(here, KEY, OTHER)
    assert [(each.key, each.sequence, each.differences, each.damage) for each in found] == [
        (OTHER, LAST, (), ""),
        (KEY, 4, (), ""),
    ]
    for each in found:
        assert list(each.digests) == [table.name for table in (EVENT, *STATE)]
        assert all(by_log == live for by_log, live in each.digests.values())


@pytest.mark.parametrize(
    ("tamper", "difference"),
    [
        ("UPDATE psmp.project SET phase = 'COMPLETED' WHERE project = 'rag'", ("project", "acme/rag", "other")),
        ("UPDATE psmp.project SET silent = '[\"ada\"]' WHERE project = 'rag'", ("project", "acme/rag", "other")),
        ("UPDATE psmp.project SET since = since + '1us' WHERE project = 'rag'", ("project", "acme/rag", "other")),
        (
            "DELETE FROM psmp.artifact WHERE (project, artifact) = ('rag', 'web')",
            ("artifact", "acme/rag/web", "missing"),
        ),
        (
            "UPDATE psmp.artifact SET metadata = '{\"cost\": 2.5}' WHERE (project, artifact) = ('rag', 'api')",
            ("artifact", "acme/rag/api", "other"),
        ),
        ("UPDATE psmp.conflict SET blocking = false WHERE project = 'rag'", ("conflict", "acme/rag/C-1", "other")),
        (
            "INSERT INTO psmp.slot VALUES ('acme', 'rag', 'eve', 1, now(), 9, true, now())",
            ("slot", "acme/rag/1", "extra"),
        ),
        (
            "UPDATE psmp.event SET actor = 'eve' WHERE (project, sequence) = ('rag', 2)",
            ("event", "acme/rag/2", "other"),
        ),
        (
            "UPDATE psmp.event SET body = body || ' ' WHERE (project, sequence) = ('rag', 2)",
            ("event", "acme/rag/2", "other"),
        ),
        ("DELETE FROM psmp.event WHERE (project, sequence) = ('rag', 3)", ("event", "acme/rag/3", "missing")),
    ],
)
async def test_one_row_that_was_changed_by_hand_is_found(
    here: Place, tamper: str, difference: tuple[str, str, str]
) -> None:
    assert await here.pool.execute(tamper) in {"UPDATE 1", "DELETE 1", "INSERT 0 1"}
    untouched, found = await replay(here, KEY, OTHER)
    assert untouched.differences == ()
    assert found.differences == (Difference(*difference),)
    assert {name for name, (by_log, live) in found.digests.items() if by_log != live} == {difference[0]}


@pytest.mark.parametrize(
    ("tamper", "difference"),
    [
        ("DELETE FROM psmp.waiting", ("waiting", f"acme/other/{identity(LAST)}", "missing")),
        ("UPDATE psmp.resolution SET stage = 'proposed'", ("resolution", "acme/other/R-6", "other")),
        ("UPDATE psmp.alert SET taken = NULL", ("alert", "acme/other/conflict-C-4", "other")),
        ("UPDATE psmp.webhook SET url = 'x' WHERE webhook = 'ops'", ("webhook", "acme/other/ops", "other")),
        ("UPDATE psmp.conflict SET waiver = NULL WHERE conflict = 'C-4'", ("conflict", "acme/other/C-4", "other")),
        ("UPDATE psmp.slot SET limits = '{\"cpus\": 9}'", ("slot", "acme/other/32", "other")),
    ],
)
async def test_one_row_of_what_governs_that_was_changed_by_hand_is_found(
    here: Place, tamper: str, difference: tuple[str, str, str]
) -> None:
    assert await here.pool.execute(tamper) in {"UPDATE 1", "DELETE 1"}
    found, untouched = await replay(here, OTHER, KEY)
    assert untouched.differences == ()
    assert found.differences == (Difference(*difference),)


async def test_a_project_that_the_log_does_not_have_is_found(here: Place) -> None:
    await here.pool.execute("INSERT INTO psmp.slot VALUES ('acme', 'ghost', 'eve', 1, now(), 9, true, now())")
    found = {each.key: each for each in await replay(here)}
    ghost = found.pop(ProjectKey("acme", "ghost"))
    assert (ghost.sequence, ghost.differences) == (0, (Difference("slot", "acme/ghost/1", "extra"),))
    assert found.keys() == {KEY, OTHER}


@pytest.mark.may_block  # Hypothesis works on the loop
async def test_whatever_json_an_agent_sends_comes_back_the_same(here: Place) -> None:
    numbers = st.integers(-MAX_INTEGER, MAX_INTEGER) | st.floats(allow_nan=False, allow_infinity=False)
    letters = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=5)
    values = st.recursive(
        st.none() | st.booleans() | numbers | letters,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(letters, inner, max_size=3),
        max_leaves=8,
    )
    sent: list[str] = []
    given(values)(lambda value: sent.append(json.dumps(value)))()
    back = [text for (text,) in await here.rows("SELECT unnest($1::jsonb[])", sent)]
    assert [canonical(JSON, (text,)) for text in back] == [canonical(JSON, (text,)) for text in sent]


async def test_only_what_was_asked_for_is_compared(here: Place) -> None:
    assert [each.key for each in await replay(here, KEY, only=True)] == [KEY]


async def test_what_was_not_projected_yet_is_no_difference(here: Place) -> None:
    third = ProjectKey("acme", "third")
    await lifetime(third).store(here.log)
    *_, found = await replay(here, KEY, OTHER, third)
    assert (found.key, found.sequence, found.differences) == (third, 0, ())


async def test_a_project_that_was_stopped_is_compared_up_to_there_and_says_why(here: Place) -> None:
    third = History(ProjectKey("acme", "third"))
    third.add(created())
    third.add(declared("a"))
    await here.publish(third.records[0], lifetime(third.key).records[3], third.records[1])
    await here.follow(Projector(here.pool, here.log), LAST + 7)
    *_, found = await replay(here, KEY, OTHER, third.key)
    assert (found.sequence, found.differences) == (1, ())
    assert f"the log of acme/third is damaged at position {LAST + 6}" in found.damage


async def test_a_log_that_was_damaged_since_is_told(here: Place) -> None:
    await here.publish(lifetime().records[9])
    await here.pool.execute(
        "UPDATE psmp.follower SET position = $2, leaf = $1 WHERE name = 'projector'", os.urandom(32), LAST + 5
    )
    _, found = await replay(here, KEY, OTHER)
    assert found.differences == ()
    assert f"is damaged at position {LAST + 5}: sequence 10, not 5" in found.damage


RELATIONS = """
SELECT relname FROM pg_class WHERE relnamespace = 'psmp'::regnamespace AND relkind IN ('r', 'p', 'm')
AND NOT relispartition
"""
COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = ('psmp.' || $1)::regclass AND attnum > 0 AND NOT attisdropped"
)


async def test_every_table_is_compared_or_said_to_be_no_projection(here: Place) -> None:
    found = {str(name) for (name,) in await here.rows(RELATIONS)}
    compared = {table.name for table in (EVENT, *STATE)}
    assert compared <= found
    assert found - compared <= BESIDE.keys()
    assert not compared & BESIDE.keys()


@pytest.mark.parametrize("table", [EVENT, *STATE], ids=lambda table: table.name)
async def test_every_column_of_a_projection_is_compared(here: Place, table: Table) -> None:
    """Whichever migration has added it."""
    assert {str(name) for (name,) in await here.rows(COLUMNS, table.name)} == set(table.columns)
