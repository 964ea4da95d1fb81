"""Checkpoints on real servers: signed, stored, anchored and published once each, whatever dies in between."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from psmp.ledger.signing import Refusal
from psmp.log.jetstream import direct_get
from psmp.stack import NatsServer
from psmp.store.pool import Connection
from psmp.store.tree import ANCHOR
from psmp.wire.assets import STREAMS, prepare
from psmp.words.ids import ProjectKey
from psmp_audit.desk import Signed, Wanted
from psmp_audit.outlet import SMALLEST_BATCH, Elsewhere, File, Notice, Stream
from tests.following import Place, place, until, until_true
from tests.histories import KEY, History, declared, lifetime
from tests.signing import Auditor, assert_signed_trees, covered, signing

pytestmark = pytest.mark.integration

OTHER = ProjectKey("acme", "other")


class Killed(Exception):
    """The audit writer ended here."""


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints.jsonl"


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
    """The notes in the whole lines of a file."""
    return [json.loads(line) for line in file.read_text().split("\n")[:-1]] if file.exists() else []


async def until_covered(here: Place, records: int, file: Path | None = None) -> None:
    """Until checkpoints cover so many records and all of them are published, once each and in order."""

    async def done() -> bool:
        wanted = await stored(here)
        return await covered(here, records) and await stream(here) == wanted and (not file or lines(file) == wanted)

    await until(done)


async def two_logs(here: Place) -> int:
    """Two projects' logs; how many records they have."""
    return len([*await lifetime().store(here.log), *await lifetime(OTHER).store(here.log)])


async def test_every_record_is_covered_by_what_is_signed_anchored_and_published(
    here: Place, tmp_path: Path, file: Path
) -> None:
    auditor = Auditor(here, file)
    async with signing(here, tmp_path / "signed"), auditor.at_work():
        await until_covered(here, await two_logs(here), file)
    said = auditor.checkpoints.describe()
    assert (said.trouble, said.waiting, said.stopped) == ("", 0, frozenset())
    await assert_signed_trees(here, [KEY, OTHER])


async def test_a_published_checkpoint_says_of_which_record_it_is(here: Place, tmp_path: Path) -> None:
    records = await two_logs(here)
    async with signing(here, tmp_path), Auditor(here).at_work():
        await until_covered(here, records)
    asked = {"seq": 1, "batch": 5000, "next_by_subj": "psmp.checkpoint.>"}
    for message in await direct_get(here.nats, "PSMP_CHECKPOINTS", asked):
        headers = message.headers or {}
        tenant, project = headers["Nats-Subject"].split(".")[2:]
        size = int(message.data.split(b"\n")[1])
        if (tenant, project) == ANCHOR:
            [row] = await here.rows("SELECT position, leaf, number FROM psmp.checkpoint WHERE number = $1", size)
        else:
            [(number,)] = await here.rows(
                "SELECT number FROM psmp.checkpoint WHERE (tenant, project, size) = ($1, $2, $3)", tenant, project, size
            )
            [(position, leaf)] = await here.rows(
                "SELECT position, leaf FROM psmp.ledger WHERE (tenant, project, sequence) = ($1, $2, $3)",
                *(tenant, project, size),
            )
            row = (position, leaf, number)
        told = (int(headers["Psmp-Position"]), bytes.fromhex(headers["Psmp-Leaf"]), int(headers["Psmp-Number"]))
        assert told == row


async def test_256_new_records_do_not_wait_for_their_time(here: Place, tmp_path: Path) -> None:
    history = History()
    for record in lifetime().records[:20]:
        history.records.append(record)
    auditor = Auditor(here, age=3600, records=20)
    async with signing(here, tmp_path), auditor.at_work():
        await until_true(lambda: auditor.growth.followed and not auditor.growth.stale)
        await history.store(here.log)
        await until_covered(here, 20)


def at(auditor: Auditor, where: str) -> None:
    """Have the auditor end once it comes ``where``."""
    signs, puts = auditor.desk.sign, auditor.outlets.push

    async def sign(connection: Connection, wanted: Mapping[ProjectKey, Wanted]) -> dict[ProjectKey, Signed | Refusal]:
        if where == "stored" and ANCHOR in wanted:
            raise Killed
        found = await signs(connection, wanted)
        if where == ("anchor signed" if ANCHOR in wanted else "signed"):
            raise Killed
        return found

    async def push(connection: Connection) -> None:
        if where == "anchored":
            raise Killed
        await puts(connection)
        if where == "published":
            raise Killed

    auditor.desk.sign, auditor.outlets.push = sign, push  # type: ignore[method-assign]


def put_and_die(kind: type[Stream | File], monkeypatch: pytest.MonkeyPatch, *, half: bool) -> None:
    """Have what publishes end the process when it has put half of what it should, or all."""
    puts: Callable[[Any, list[Any]], Awaitable[None]] = kind.put

    async def put(self: Any, notices: list[Any]) -> None:  # noqa: ANN401
        await puts(self, notices[: len(notices) // 2] if half else notices)
        raise Killed

    monkeypatch.setattr(kind, "put", put)


async def killed(here: Place, auditor: Auditor) -> None:
    with pytest.raises(BaseExceptionGroup) as caught:
        async with auditor.at_work():
            await until_covered(here, -1)
    assert caught.group_contains(Killed)


@pytest.mark.parametrize("where", ["signed", "stored", "anchor signed", "anchored", "published"])
async def test_wherever_it_dies_nothing_is_lost_or_doubled(here: Place, tmp_path: Path, file: Path, where: str) -> None:
    records = await two_logs(here)
    async with signing(here, tmp_path / "signed"):
        dying = Auditor(here, file)
        at(dying, where)
        await killed(here, dying)
        more = History(ProjectKey("acme", "third"))
        more.records.extend(lifetime(more.key).records)
        records += len(await more.store(here.log))
        async with Auditor(here, file).at_work():
            await until_covered(here, records, file)
    await assert_signed_trees(here, [KEY, OTHER, more.key])


@pytest.mark.parametrize("kind", [Stream, File])
@pytest.mark.parametrize("half", [False, True])
async def test_dying_while_it_publishes_doubles_nothing_and_leaves_nothing_out(
    here: Place, tmp_path: Path, file: Path, kind: type[Stream | File], half: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = await two_logs(here)
    async with signing(here, tmp_path / "signed"):
        with monkeypatch.context() as patch:
            put_and_die(kind, patch, half=half)
            await killed(here, Auditor(here, file))
        async with Auditor(here, file).at_work():
            await until_covered(here, records, file)


async def many_logs(here: Place) -> int:
    """As many logs of one event as are published in one batch, and more; how many records they have."""
    keys = [ProjectKey("acme", f"shop-{number}") for number in range(2 * SMALLEST_BATCH)]
    for key in keys:
        await here.log.append(key, "project.created", lifetime(key).records[0].body, expected=0)
    return len(keys)


async def batched(here: Place) -> int:
    """How many messages of the stream came in a batch."""
    asked = {"seq": 1, "batch": 5000, "next_by_subj": "psmp.checkpoint.>"}
    messages = await direct_get(here.nats, "PSMP_CHECKPOINTS", asked)
    return sum("Nats-Batch-Id" in (message.headers or {}) for message in messages)


@pytest.mark.parametrize("takes", [True, False])
async def test_many_are_published_as_one_batch_where_the_stream_takes_batches(
    here: Place, tmp_path: Path, file: Path, takes: bool
) -> None:
    if not takes:  # as one that an older version made, or on an older server
        config = next(each for each in STREAMS if each["name"] == "PSMP_CHECKPOINTS") | {"allow_atomic": False}
        await here.nats.request("$JS.API.STREAM.UPDATE.PSMP_CHECKPOINTS", json.dumps(config).encode())
    records = await many_logs(here)
    async with signing(here, tmp_path / "signed"), Auditor(here, file, age=0.5).at_work():
        await until_covered(here, records, file)
    assert (await batched(here) >= SMALLEST_BATCH) == takes
    if not takes:
        await prepare(here.nats)
        [stream] = [
            each for each in await here.nats.jetstream().streams_info() if each.config.name == "PSMP_CHECKPOINTS"
        ]
        assert stream.config.allow_atomic


@pytest.mark.parametrize("takes", [True, False])
async def test_behind_what_somebody_else_published_nothing_is_put(
    here: Place, tmp_path: Path, takes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = await many_logs(here)
    auditor = Auditor(here, age=0.5)
    put = Stream.put

    async def late(self: Stream, notices: list[Notice]) -> None:
        self._batches = takes
        await here.nats.request("psmp.checkpoint.acme.forged", b"in between", timeout=30)
        with pytest.raises(Elsewhere):
            await put(self, notices)
        raise Killed

    monkeypatch.setattr(Stream, "put", late)
    async with signing(here, tmp_path):
        await killed(here, auditor)
        monkeypatch.undo()
        assert await stream(here) == ["in between"]
        assert await covered(here, records)
        later = Auditor(here)
        async with later.at_work():  # it is nothing that Postgres has: it is said, and nothing is published
            await until_true(lambda: "no checkpoint of ours" in later.checkpoints.describe().trouble)
    assert await stream(here) == ["in between"]


async def test_a_line_that_was_not_written_to_its_end_is_written_anew(here: Place, tmp_path: Path, file: Path) -> None:
    records = await two_logs(here)
    async with signing(here, tmp_path / "signed"):
        async with Auditor(here, file).at_work():
            await until_covered(here, records, file)
        whole = file.read_bytes()
        file.write_bytes(whole[:-7])
        async with Auditor(here, file).at_work():
            await until_covered(here, records, file)
    assert file.read_bytes() == whole


async def test_a_file_that_is_lost_is_written_anew(here: Place, tmp_path: Path, file: Path) -> None:
    records = await two_logs(here)
    async with signing(here, tmp_path / "signed"):
        for _ in range(2):
            async with Auditor(here, file).at_work():
                await until_covered(here, records, file)
            file.unlink()


async def test_two_audit_writers_make_one_row_of_checkpoints(here: Place, tmp_path: Path) -> None:
    first, second = Auditor(here), Auditor(here)
    async with signing(here, tmp_path), first.at_work(), second.at_work():
        records = await two_logs(here)
        await until_covered(here, records)
        # Both believe that they follow, as for a moment when the one's connection is lost.
        for auditor in (first, second):
            auditor.growth.begin()
        third = ProjectKey("acme", "third")
        records += len(await lifetime(third).store(here.log))
        await until_covered(here, records)
        for auditor in (first, second):
            auditor.growth.begin()
        await until_true(lambda: not (first.growth.stale or second.growth.stale))
        assert (await stream(here)) == await stored(here)
    await assert_signed_trees(here, [KEY, OTHER, third])


async def test_when_another_takes_over_it_goes_on_from_what_is_stored(here: Place, tmp_path: Path) -> None:
    histories = [lifetime(ProjectKey("acme", f"p{number}")) for number in range(4)]
    records = 0
    async with signing(here, tmp_path):
        for history in histories:
            records += len(await history.store(here.log))
            async with Auditor(here).at_work():
                await until_covered(here, records)
    await assert_signed_trees(here, [history.key for history in histories])


async def test_while_the_signer_is_away_checkpoints_wait_and_it_is_said(here: Place, tmp_path: Path) -> None:
    records = await two_logs(here)
    auditor = Auditor(here)
    async with auditor.at_work():
        await until_true(lambda: "the signer does not answer" in auditor.checkpoints.describe().trouble)
        assert auditor.checkpoints.describe().waiting == 2
        await until_true(lambda: auditor.follower.position == records)
        for _ in range(2):  # it comes, is ended, and comes again
            async with signing(here, tmp_path):
                await until_covered(here, records)
                await until_true(lambda: auditor.checkpoints.describe().trouble == "")
            third = ProjectKey("acme", f"third-{records}")
            records += len(await lifetime(third).store(here.log))
            await until_true(lambda: "the signer does not answer" in auditor.checkpoints.describe().trouble)


async def test_a_signer_that_lost_its_memory_goes_on_from_the_newest_note(here: Place, tmp_path: Path) -> None:
    records = await two_logs(here)
    async with signing(here, tmp_path / "one"), Auditor(here).at_work():
        await until_covered(here, records)
    async with signing(here, tmp_path / "two"), Auditor(here).at_work():
        await append(here, lifetime())
        await until_covered(here, records + 1)
    await assert_signed_trees(here, [KEY, OTHER])


async def test_a_signer_that_loses_its_memory_while_audit_works_goes_on_too(here: Place, tmp_path: Path) -> None:
    records = await two_logs(here)
    history = lifetime()
    auditor = Auditor(here)
    async with auditor.at_work():
        for name in ("one", "two"):
            async with signing(here, tmp_path / name):
                await until_covered(here, records)
                await append(here, history)
                records += 1
                await until_covered(here, records)
    assert auditor.checkpoints.describe().stopped == frozenset()


class Interloper:
    """Between our asking and our storing another audit writer makes the same checkpoints, in another order."""

    missed = 0

    def __init__(self, here: Place) -> None:
        self.other: Auditor | None = Auditor(here)

    async def cosign(self, signed: Mapping[ProjectKey, Signed]) -> dict[ProjectKey, str]:
        other, self.other = self.other, None
        if other is not None:
            committed = other.growth.committed
            other.growth.committed = lambda *asked, **how: dict(reversed(committed(*asked, **how).items()))  # type: ignore[method-assign]
            other.growth.begin()
            await other.checkpoints._work()
        return {key: each.note for key, each in signed.items()}


async def test_who_is_overtaken_stores_nothing_and_looks_again(here: Place, tmp_path: Path) -> None:
    records = await two_logs(here)
    interloper = Interloper(here)
    async with signing(here, tmp_path), Auditor(here, cosigners=interloper).at_work():
        await until_covered(here, records)
        assert interloper.other is None
        third = ProjectKey("acme", "third")
        records += len(await lifetime(third).store(here.log))
        await until_covered(here, records)
    await assert_signed_trees(here, [KEY, OTHER, third])


async def append(here: Place, history: History) -> None:
    """One more event behind those of a history that are in the log."""
    last: int = await here.pool.fetchval(
        "SELECT max(position) FROM psmp.ledger WHERE project = $1", history.key.project
    )
    await here.log.append(history.key, "artifact.declared", history.add(declared("late")).body, expected=last)


async def tampered(here: Place, *statements: str) -> None:
    """Do what only the owner of the database can: take the triggers away, and change the past."""
    tables = ("ledger", "tile", "checkpoint", "anchor")
    for table in tables:
        await here.pool.execute(f"ALTER TABLE psmp.{table} DISABLE TRIGGER USER")
    for statement in statements:
        await here.pool.execute(statement)
    for table in tables:
        await here.pool.execute(f"ALTER TABLE psmp.{table} ENABLE TRIGGER USER")


async def test_a_project_whose_past_was_changed_is_stopped_and_the_others_go_on(here: Place, tmp_path: Path) -> None:
    records = await two_logs(here)
    async with signing(here, tmp_path):
        async with Auditor(here).at_work():
            await until_covered(here, records)
        await tampered(
            here, "UPDATE psmp.ledger SET leaf = sha256('other'), body = 'other' WHERE project = 'rag' AND sequence = 2"
        )
        auditor = Auditor(here)
        async with auditor.at_work():
            await until_true(lambda: not auditor.growth.stale)
            for history in (lifetime(), lifetime(OTHER)):
                await append(here, history)
            await until_true(lambda: auditor.checkpoints.describe().stopped == {KEY})
            await until_covered(here, records + 1)
            assert auditor.checkpoints.describe().trouble == ""


@pytest.mark.parametrize("left", [Stream, File])
async def test_a_database_that_went_back_in_time_is_told_by_what_was_published(
    here: Place, tmp_path: Path, file: Path, left: type[Stream | File]
) -> None:
    records = await two_logs(here)
    async with signing(here, tmp_path / "signed"):
        async with Auditor(here, file).at_work():
            await until_covered(here, records, file)
        before = await stream(here)
        await tampered(
            here,
            "DELETE FROM psmp.anchor",
            "DELETE FROM psmp.checkpoint",
            "DELETE FROM psmp.ledger WHERE project = 'rag' AND sequence > 3",
        )
        auditor = Auditor(here, file)
        auditor.outlets._places = {each: None for each in auditor.outlets._places if isinstance(each, left)}
        async with auditor.at_work():
            await until_true(lambda: "it has gone back in time" in auditor.checkpoints.describe().trouble)
            assert await stream(here) == before
    assert await here.rows("SELECT count(*) FROM psmp.anchor") == [(0,)]


async def test_what_shrank_without_any_copy_left_is_refused_by_the_signer(here: Place, tmp_path: Path) -> None:
    records = await lifetime().store(here.log)
    async with signing(here, tmp_path):
        async with Auditor(here).at_work():
            await until_covered(here, len(records))
        await tampered(
            here,
            "DELETE FROM psmp.anchor",
            "DELETE FROM psmp.checkpoint",
            "DELETE FROM psmp.ledger WHERE sequence > 3",
        )
        auditor = Auditor(here)
        auditor.outlets._places.clear()
        async with auditor.at_work():
            await until_true(lambda: auditor.checkpoints.describe().stopped == {KEY})


async def test_another_deployments_checkpoints_are_not_signed(here: Place, tmp_path: Path) -> None:
    await two_logs(here)
    auditor = Auditor(here)
    auditor.desk._deployment = "elsewhere.example"
    async with signing(here, tmp_path), auditor.at_work():
        await until_true(lambda: auditor.checkpoints.describe().stopped == {KEY, OTHER})
