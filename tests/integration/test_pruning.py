"""Retention on real servers: what is due leaves log, ledger and files, whoever was cut off; the rest stands."""

import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from psmp.cli.logbook import keys_of
from psmp.log.decider import Decider
from psmp.log.folds import PROJECT_FOLD
from psmp.log.gate import Gate
from psmp.log.past import NoSuchPast, past
from psmp.log.views import Views
from psmp.rules.retention import Run, Standing, standing
from psmp.service.clock import stamp
from psmp.service.standing import GateKeeper
from psmp.stack import NatsServer
from psmp.store.pruning import Behind, Left, Pruner
from psmp.store.replay import rebuild, replay_check
from psmp.store.restore.heads import promised
from psmp.store.restore.heads import standing as stands
from psmp.store.restore.judge import Side, judge
from psmp.store.restore.refill import finish, refill
from psmp.store.retention import Archived, archived
from psmp.store.verify import verify
from psmp.wire.keyring import Undeletable
from psmp.words.envelope import Provenance
from psmp.words.events import Event, HoldPlaced, HoldReleased, ProjectTransitioned
from psmp.words.ids import ProjectKey
from psmp.words.values import Phase
from psmp_keeper.projector import Projector
from tests.following import Place, place, until, until_true
from tests.histories import KEY, History, created, declared
from tests.servers import StartNats
from tests.signing import Auditor, covered, signing

pytestmark = pytest.mark.integration

CANARY = "canary-of-the-archive"
OTHER = ProjectKey("acme", "other")
PATH = (Phase.INITIALIZED, Phase.PLANNING, Phase.IN_PROGRESS, Phase.COMPLETED, Phase.ARCHIVED)
RUN = Run(stamp().id, "records-office", datetime.now(UTC) + timedelta(days=2))


@dataclass
class Cut:
    """A connection that is lost after so many deletions."""

    nats: Any
    left: int = 0
    done: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the connection has it
        return getattr(self.nats, name)

    async def request(self, subject: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        if ".MSG.DELETE." in subject:
            if len(self.done) == self.left:
                raise ConnectionResetError(subject)
            self.done.append(subject)
        return await self.nats.request(subject, *args, **options)


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


@asynccontextmanager
async def at_work(here: Place, folder: Path) -> AsyncIterator[None]:
    """Audit writer, signer and projector."""
    async with AsyncExitStack() as exits:
        await exits.enter_async_context(signing(here, folder))
        await exits.enter_async_context(Auditor(here).at_work())
        await exits.enter_async_context(here.following(Projector(here.pool, here.log)))
        yield


def archive(key: ProjectKey = KEY, *, to: Phase = Phase.ARCHIVED) -> History:
    """A project from its beginning to its end, with a canary wherever words are."""
    history = History(key)
    history.add(created(f"{CANARY} of {key.project}"))
    history.add(declared("api").model_copy(update={"summary": CANARY}))
    for origin, then in pairwise(PATH):
        history.add(ProjectTransitioned(origin=origin, to=then, reason=CANARY))
        if then is to:
            break
    return history


def pruner(here: Place, nats: Any = None, patience: float = 60.0) -> Pruner:  # noqa: ANN401 - as ``Cut`` has it
    decider = Decider(here.log, Views(here.log, PROJECT_FOLD), stamp)
    return Pruner(nats or here.nats, here.pool, decider, patience)


async def stored(here: Place, *histories: History) -> int:
    """Stored, recorded, signed and projected; how many records there are."""
    records = [record for history in histories for record in await history.store(here.log)]
    await until(lambda: covered(here, len(records)))
    await until(lambda: projected(here, len(records)))
    return len(records)


async def projected(here: Place, position: int) -> bool:
    rows = await here.rows("SELECT FROM psmp.follower WHERE position >= $1", position)
    return len(rows) == 2


async def append(here: Place, event: Event, key: ProjectKey = KEY) -> None:
    decider = Decider(here.log, Views(here.log, PROJECT_FOLD), stamp)
    moment = stamp().id
    await decider.decide(key, lambda _: (event, Provenance("/psmp/intake", "operator", moment, moment)))


async def due(here: Place, key: ProjectKey = KEY) -> Archived:
    return next(each for each in await archived(here.pool) if each.key == key)


async def seen(here: Place, key: ProjectKey = KEY) -> tuple[Standing, Left]:
    found = await pruner(here).look(await due(here, key))
    return standing(found.glance, 1, RUN.present), found.left


async def sound(here: Place) -> None:
    """Everything that judges what is stored is content."""
    async with here.pool.acquire() as connection:
        assert (await stands(here.nats, connection)).told == ()
    keys = await keys_of(here.nats)
    found = [each async for each in verify(here.pool, log=here.log, known=keys)]
    assert [each.fault for each in found] == [None] * len(found)
    compared = [each async for each in replay_check(here.pool, here.log, keys)]
    assert [(each.differences, each.damage) for each in compared] == [((), "")] * len(compared)


def on_disk(here: Place) -> list[str]:
    """Which of NATS' files have the canary in them."""
    files = (path for path in here.server.store.rglob("*") if path.is_file())
    return [path.name for path in files if CANARY.encode() in path.read_bytes()]


async def tables(here: Place) -> list[str]:
    """Which tables have the canary in them."""
    found = []
    for (name,) in await here.rows("SELECT tablename::text FROM pg_tables WHERE schemaname = 'psmp'"):
        for needle in (CANARY, CANARY.encode().hex()):
            query = f"SELECT FROM psmp.{name} AS t WHERE strpos(t::text, $1) > 0"
            found += [name] if await here.rows(query, needle) else []
    return found


async def test_a_canary_that_was_archived_is_found_nowhere_and_all_that_is_judged_still_stands(
    here: Place, tmp_path: Path
) -> None:
    async with at_work(here, tmp_path):
        await stored(here, archive())
        await here.nats.request("psmp.cmd.acme.rag.ada.artifact.declare", CANARY.encode())
        await here.nats.request("psmp.dlq.intake.acme.rag.intake.7", CANARY.encode())
        for number in range(2):  # the second takes the first one's place, and the file keeps both
            await here.nats.request("psmp.snap.keeper.acme.rag", f"{CANARY} {number}".encode())
        assert len(on_disk(here)) == 4
        assert {"ledger", "event", "artifact", "project"} <= {name.partition("_")[0] for name in await tables(here)}
        before = await here.rows("SELECT sequence, leaf FROM psmp.ledger ORDER BY sequence")

        assert await seen(here) == (Standing.DUE, Left(6, 6, 6, 1))  # the command has no outcome yet
        subscription = await here.nats.jetstream().pull_subscribe_bind("intake", "PSMP_COMMANDS")
        [command] = await subscription.fetch(1)
        await command.ack_sync()
        assert await seen(here) == (Standing.DUE, Left(6, 6, 6, 2))
        assert await pruner(here).prune(await due(here), 1, RUN)

        assert await seen(here) == (Standing.PRUNED, Left())
        assert (on_disk(here), await tables(here)) == ([], [])
        assert await here.rows("SELECT sequence, leaf FROM psmp.ledger WHERE sequence <= 6 ORDER BY sequence") == before
        assert [record.kind async for record in here.log.read(KEY)] == ["retention.applied"]
        assert await keys_of(here.nats) == [KEY]
        await sound(here)
        assert await pruner(here).prune(await due(here), None, RUN)  # once more changes nothing
        assert [record.kind async for record in here.log.read(KEY)] == ["retention.applied"]
        await rebuild(here.pool)
    with capture_logs() as said:
        async with at_work(here, tmp_path):
            await until(lambda: projected(here, 7))
            await sound(here)
    gaps = [each for each in said if each["event"] in ("log_was_pruned", "log_lacks_positions")]
    assert [(each["event"], each["log_level"]) for each in gaps] == [("log_was_pruned", "info")]
    async with at_work(here, tmp_path):
        [(name, phase, artifacts)] = await here.rows("SELECT name, phase, artifacts FROM psmp.project")
        assert (name, phase, artifacts) == ("rag", "ARCHIVED", 0)
    await here.server.stop()
    await here.server.start()  # it reads every block, as psmp dev has it
    assert on_disk(here) == []
    assert [record.kind async for record in here.log.read(KEY)] == ["retention.applied"]
    await sound(here)


async def test_a_run_that_is_cut_off_anywhere_is_told_as_begun_and_the_next_one_goes_on(
    here: Place, tmp_path: Path
) -> None:
    """At each moment all that reads the log is content: what is left of what was pruned is its beginning."""
    async with at_work(here, tmp_path):
        going = archive(OTHER, to=Phase.IN_PROGRESS)
        await stored(here, archive(), going)
        for cut in range(6):
            with pytest.raises(ConnectionResetError):
                await pruner(here, Cut(here.nats, min(cut, 1))).prune(await due(here), 1, RUN)
            assert await seen(here) == (Standing.BEGUN, Left(6 - cut, 0, 0, 0))
            state = await past(here.log, KEY)
            assert state is not None
            assert (state.pruned, state.sequence, state.artifacts) == (6, 7, {})
            await sound(here)
        assert await pruner(here).prune(await due(here), 1, RUN)
        assert await seen(here) == (Standing.PRUNED, Left())
        assert len([record async for record in here.log.read(OTHER)]) == len(going.records)
        await sound(here)


async def test_a_hold_that_comes_first_forbids_it_and_one_that_comes_later_keeps_what_is_left(
    here: Place, tmp_path: Path
) -> None:
    async with at_work(here, tmp_path):
        records = await stored(here, archive())
        await append(here, HoldPlaced(reason="case 4"))
        await until(lambda: projected(here, records + 1))
        assert (await seen(here))[0] is Standing.HELD
        assert not await pruner(here).prune(await due(here), 1, RUN)
        await append(here, HoldReleased(reason="case 4 is closed"))
        await until(lambda: projected(here, records + 2))
        with pytest.raises(ConnectionResetError):
            await pruner(here, Cut(here.nats, 3)).prune(await due(here), 1, RUN)
        await append(here, HoldPlaced(reason="case 5"))
        assert await seen(here) == (Standing.HALTED, Left(5, 0, 0, 0))
        assert not await pruner(here).prune(await due(here), 1, RUN)
        assert await seen(here) == (Standing.HALTED, Left(5, 0, 0, 0))
        await append(here, HoldReleased(reason="case 5 is closed"))
        assert (await seen(here))[0] is Standing.BEGUN
        await until(lambda: projected(here, records + 5))
        assert await pruner(here).prune(await due(here), 1, RUN)
        assert [record.kind async for record in here.log.read(KEY)] == ["retention.applied"]
        await sound(here)


class Disturbed(Cut):
    """A connection by which, at the first deletion, something else happens before."""

    def __init__(self, nats: Any, event: Callable[[], Awaitable[None]]) -> None:  # noqa: ANN401 - as ``Cut`` has it
        super().__init__(nats, left=100)
        self._event = event

    async def request(self, subject: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        if ".MSG.DELETE." in subject and not self.done:
            await self._event()
        return await super().request(subject, *args, **options)


async def test_a_hold_that_comes_while_messages_are_erased_stops_that_within_a_page(
    here: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psmp.store.pruning.PAGE", 2)
    async with at_work(here, tmp_path):
        await stored(here, archive())
        disturbed = Disturbed(here.nats, lambda: append(here, HoldPlaced(reason="case 4")))
        assert not await pruner(here, disturbed).prune(await due(here), 1, RUN)
        assert await seen(here) == (Standing.HALTED, Left(4, 0, 0, 0))
        await until(lambda: projected(here, 8))
        await sound(here)


async def test_a_hold_and_a_pruning_at_the_same_moment_are_one_after_the_other(here: Place, tmp_path: Path) -> None:
    """The log decides who was first; whoever was second knows of it."""
    async with at_work(here, tmp_path):
        records = await stored(here, archive())
        found = await due(here)
        acting = pruner(here)
        async with acting.decider.views.hold(KEY):  # it has read the log
            pass
        await append(here, HoldPlaced(reason="case 4"))
        assert not await acting.prune(found, 1, RUN)
        assert "retention.applied" not in [record.kind async for record in here.log.read(KEY)]
        assert len([record async for record in here.log.read(KEY)]) == records + 1


async def test_nothing_goes_before_it_is_recorded_and_signed(here: Place, tmp_path: Path) -> None:
    async with at_work(here, tmp_path):
        await stored(here, archive())
    with pytest.raises(Behind, match="ledger or projection has not taken that in") as behind:
        await pruner(here, patience=0.05).prune(await due(here), 1, RUN)
    assert "goes on with it" in behind.value.hint
    assert await seen(here) == (Standing.BEGUN, Left(6, 6, 6, 0))
    await here.pool.execute("UPDATE psmp.follower SET position = 7")
    with pytest.raises(Behind, match="no checkpoint covers that"):
        await pruner(here, patience=0.05).prune(await due(here), 1, RUN)
    assert await seen(here) == (Standing.BEGUN, Left(6, 6, 6, 0))


async def test_what_nobody_has_signed_is_not_pruned(here: Place, tmp_path: Path) -> None:
    async with at_work(here, tmp_path):
        await stored(here, archive())
    await here.pool.execute("ALTER TABLE psmp.checkpoint DISABLE TRIGGER ALL; DELETE FROM psmp.checkpoint")
    assert (await seen(here))[0] is Standing.UNSIGNED


async def test_what_comes_after_a_pruning_is_pruned_in_its_turn(here: Place, tmp_path: Path) -> None:
    async with at_work(here, tmp_path):
        await stored(here, archive())
        await pruner(here).prune(await due(here), 1, RUN)
        await append(here, HoldPlaced(reason=CANARY))
        await append(here, HoldReleased(reason=CANARY))
        await until(lambda: projected(here, 9))
        assert await seen(here) == (Standing.DUE, Left(3, 3, 3, 0))
        again = replace(RUN, id=stamp().id)
        with pytest.raises(ConnectionResetError):
            await pruner(here, Cut(here.nats, 1)).prune(await due(here), 1, again)
        await sound(here)
        assert await pruner(here).prune(await due(here), 1, again)
        assert on_disk(here) == []
        [left] = [record async for record in here.log.read(KEY)]
        assert json.loads(left.body)["data"]["upto"] == 9
        await sound(here)


async def test_a_log_without_what_it_says_to_be_pruned_is_damaged_unless_it_says_so_itself(
    here: Place, tmp_path: Path
) -> None:
    """Erased by somebody who is no run of retention: the ledger has the bodies, so that they are missed at once."""
    async with at_work(here, tmp_path):
        await stored(here, archive())
    for position in (6, 5):
        await here.nats.request("$JS.API.STREAM.MSG.DELETE.PSMP_LOG", json.dumps({"seq": position}).encode())
    async with here.pool.acquire() as connection:
        found = await stands(here.nats, connection)
    assert [str(each) for each in found.missing] == [
        "the log lacks records 5 to 6 of acme/rag (positions 5 to 6): the ledger has them"
    ]
    # Taken from the ledger as well, by its owner: no event says so, and who compares finds it.
    await here.pool.execute("SELECT psmp.prune('acme', 'rag', 6, 'me', 'why not')")
    [one] = [each async for each in verify(here.pool, log=here.log, known=[KEY])]
    assert one.fault is not None
    assert (one.fault.flaw, one.fault.sequence, one.fault.found) == ("log", 6, "nothing")


async def test_a_log_that_is_lost_while_it_is_being_pruned_is_written_again_without_what_is_pruned(
    here: Place, tmp_path: Path
) -> None:
    """Positions stay, so that what comes later is where it was; nothing comes back that is gone from the ledger."""
    async with at_work(here, tmp_path):
        await stored(here, archive(), archive(OTHER, to=Phase.PLANNING))
        with pytest.raises(ConnectionResetError):
            await pruner(here, Cut(here.nats, 2)).prune(await due(here), 1, RUN)
        await until(lambda: projected(here, 10))
    async with here.pool.acquire() as connection:
        promises = await promised(here.nats, connection)
        async with connection.transaction():
            assert await judge(connection, here.log, promises, [KEY]) == {KEY: Side.BOTH}
        await here.server.stop()
        for folder in here.server.store.glob("**/streams/PSMP_LOG"):
            shutil.rmtree(folder)
        await here.server.start()
        await until_true(lambda: here.nats.is_connected)
        done = await refill(here.nats, connection)
        await finish(here.nats)
        async with connection.transaction():
            assert await judge(connection, here.log, promises, [KEY]) == {KEY: Side.BOTH}
    assert done.written == 4
    assert [record.position async for record in here.log.read(KEY)] == [10]
    assert await seen(here) == (Standing.PRUNED, Left())
    await sound(here)


async def test_a_projection_from_before_a_pruning_says_that_it_must_be_made_anew(here: Place, tmp_path: Path) -> None:
    """As of an older database: what it lacks is nowhere any more."""
    async with at_work(here, tmp_path):
        await stored(here, archive(), archive(OTHER, to=Phase.PLANNING))
        await pruner(here).prune(await due(here), 1, RUN)
    back = "UPDATE psmp.follower SET position = 9, leaf = $1 WHERE name = 'projector'"
    [(leaf,)] = await here.rows("SELECT leaf FROM psmp.ledger WHERE position = 9")
    await here.pool.execute(back, leaf)
    await here.pool.execute("UPDATE psmp.project SET sequence = 4 WHERE project = 'rag'")
    await here.follow(Projector(here.pool, here.log), 10)
    [(why,)] = await here.rows("SELECT why FROM psmp.damage")
    assert "pruned before it was projected: psmp replay --rebuild" in why
    await rebuild(here.pool)
    async with at_work(here, tmp_path):
        await until(lambda: projected(here, 10))
        await sound(here)


async def test_a_past_that_is_pruned_is_told_by_whom(here: Place, tmp_path: Path) -> None:
    async with at_work(here, tmp_path):
        await stored(here, archive())
        await pruner(here).prune(await due(here), 1, RUN)
    for asked in ({"sequence": 3}, {"time": "2026-11-18T00:00:00.004Z"}):
        with pytest.raises(NoSuchPast, match=f"pruned at .* by the retention run {RUN.id}, for records-office"):
            await past(here.log, KEY, **asked)
    found = await past(here.log, KEY, sequence=7)
    assert found is not None
    with pytest.raises(NoSuchPast, match="there is no event 9"):
        await past(here.log, KEY, sequence=9)


async def test_a_service_whose_last_word_was_pruned_goes_on_after_a_new_connection(here: Place, tmp_path: Path) -> None:
    async with at_work(here, tmp_path):
        records = archive().records
        await stored(here, archive())
        gate = Gate(here.nats)
        gate.wrote(6, records[5].body)
        other = Gate(here.nats)
        other.wrote(8, records[5].body)
        await pruner(here).prune(await due(here), 1, RUN)
        await GateKeeper(here.nats, gate).look()
        assert gate.shut == ""
        gate.wrote(9, History(OTHER).add(created()).body)
        await GateKeeper(here.nats, gate).look()
        assert "lacks what was written here" in gate.shut


async def test_an_old_log_that_lets_nobody_delete_is_left_as_it_is(start_nats: StartNats, database: str) -> None:
    server = await start_nats()
    async with place(server, database) as here:
        info = json.loads((await here.nats.request("$JS.API.STREAM.INFO.PSMP_LOG", b"")).data)
        await here.nats.request(
            "$JS.API.STREAM.UPDATE.PSMP_LOG", json.dumps({**info["config"], "deny_delete": True}).encode()
        )
        await archive().store(here.log)
        with pytest.raises(Undeletable) as refused:
            await pruner(here).prune(Archived(KEY, RUN.present), 1, RUN)
        assert "docs/erasure.md" in refused.value.hint
        assert "retention.applied" not in [record.kind async for record in here.log.read(KEY)]
