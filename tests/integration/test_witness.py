"""Witnesses, in processes of their own: what they cosign they remember, and nobody waits for them."""

import asyncio
import http.client
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen

import asyncpg
import pytest

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.keys import Use, private
from psmp.ledger.merkle import Frontier, leaf, prove_consistency
from psmp.ledger.notes import Kind, Note, Signer, Verifier, seal
from psmp.ledger.origins import HERE
from psmp.ledger.proofs import consistency
from psmp.ledger.tiles import reading
from psmp.service.clock import stamp
from psmp.stack import NatsServer
from psmp.stack.ports import free_port
from psmp.store.checkpoints import newest
from psmp.store.export.bundle import bind
from psmp.store.export.sheets import fresh
from psmp.words.ids import ProjectKey
from psmp_audit import latecomers
from psmp_audit.__main__ import proving
from psmp_audit.growth import Growth
from psmp_audit.latecomers import Latecomers
from psmp_audit.witnesses import Witness, Witnesses
from tests.following import Place, place, until, until_true
from tests.histories import lifetime
from tests.signing import LOG, Auditor, covered, running, signing

pytestmark = pytest.mark.integration

WITNESS = Signer("witness.example", Kind.WITNESS, bytes(range(40, 72)))
ORIGIN = f"{HERE}/acme/shop"
NODES = reading({}, {(0, number): leaf(bytes([number])) for number in range(12)})


@dataclass
class Process:
    """``psmp witness``, running."""

    port: int
    process: Popen[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def post(self, body: bytes, path: str = "/add-checkpoint", **headers: str) -> tuple[int, str, str]:
        """Status, type and body of the answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request("POST", path, body, headers)
            answer = line.getresponse()
            return answer.status, answer.headers.get_content_type(), answer.read().decode()
        finally:
            line.close()


def command(folder: Path) -> list[str]:
    files = ["--keys", str(folder / "key"), "--logs", str(folder / "logs"), "--state", str(folder / "seen")]
    return [sys.executable, "-m", "psmp.cli.app", "witness", *files]


@contextmanager
def witnessing(folder: Path, port: int = 0, *, key: Signer = WITNESS) -> Iterator[Process]:
    """A witness of our log at work; killed at the end."""
    folder.mkdir(exist_ok=True)
    (folder / "key").write_text(f"{Use.WITNESS} {private(key)}\n")
    (folder / "logs").write_text(f"{Use.LOG} {LOG.verifier}\n")
    process = Popen([*command(folder), "--port", str(port)], stdout=PIPE, text=True)
    try:
        assert process.stdout is not None
        found = int(process.stdout.readline().rpartition(":")[2])
        assert process.stdout.readline() == f"witness {key.verifier}\n"
        yield Process(found, process)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def submission(older: int, size: int, *, root: bytes | None = None, origin: str = ORIGIN, key: Signer = LOG) -> bytes:
    checkpoint = Checkpoint(origin, size, root or Frontier.at(NODES, size).root)
    proof = prove_consistency(NODES, older, size) if older <= size else []
    return consistency(older, proof, seal(checkpoint.text, [key.sign(checkpoint.text)]).decode()).encode()


def cosigned(body: bytes, lines: str, key: Signer = WITNESS) -> int | None:
    """When the witness says that it saw the checkpoint."""
    text = Note.read(body.partition(b"\n\n")[2]).text
    return Note.read(f"{text}\n{lines}".encode()).signed_by([key.verifier])[key.verifier]


@pytest.mark.may_block
class TestProcess:
    def test_it_answers_as_the_specification_has_it(self, tmp_path: Path) -> None:
        with witnessing(tmp_path) as witness:
            status, _, lines = witness.post(submission(0, 3))
            assert status == 200
            assert (cosigned(submission(0, 3), lines) or 0) > 1_700_000_000
            assert witness.post(submission(3, 8))[0] == 200
            assert witness.post(submission(8, 8))[0] == 200
            assert witness.post(submission(3, 9)) == (409, "text/x.tlog.size", "8\n")
            assert witness.post(submission(0, 9)) == (409, "text/x.tlog.size", "8\n")
            assert witness.post(submission(8, 8, root=bytes(32)))[:2] == (409, "text/plain")
            assert witness.post(submission(8, 9, root=bytes(32)))[0] == 422
            assert witness.post(submission(9, 8))[0] == 400
            assert witness.post(b"old 8\n\nnonsense")[0] == 400
            assert witness.post(submission(0, 3, origin="elsewhere.example/x"))[0] == 404
            stranger = Signer(HERE, Kind.LOG, bytes(32))
            assert witness.post(submission(8, 9, key=stranger))[0] == 403
            assert witness.post(submission(8, 9))[0] == 200

    def test_what_is_no_submission_is_turned_away_unread(self, tmp_path: Path) -> None:
        with witnessing(tmp_path) as witness:
            assert witness.post(b"", "/")[0] == 404
            assert witness.post(bytes(65_537))[0] == 413
            with socket.create_connection(("127.0.0.1", witness.port), timeout=30) as line:
                line.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                assert line.recv(100).startswith(b"HTTP/1.1 411 ")
            with socket.create_connection(("127.0.0.1", witness.port), timeout=30) as line:
                line.sendall(b"GET /add-checkpoint HTTP/1.1\r\nHost: x\r\n\r\n")
                assert line.recv(100).startswith(b"HTTP/1.1 501 ")
            assert witness.post(submission(0, 3))[0] == 200

    def test_who_says_nothing_holds_up_nobody(self, tmp_path: Path) -> None:
        with witnessing(tmp_path) as witness, ExitStack() as lines:
            for _ in range(20):
                line = lines.enter_context(socket.create_connection(("127.0.0.1", witness.port), timeout=30))
                line.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 100\r\n\r\nold")
            assert witness.post(submission(0, 3))[0] == 200

    def test_one_connection_serves_many_submissions(self, tmp_path: Path) -> None:
        with witnessing(tmp_path) as witness:
            line = http.client.HTTPConnection("127.0.0.1", witness.port, timeout=30)
            for older, size in ((0, 3), (3, 8), (8, 9)):
                line.request("POST", "/add-checkpoint", submission(older, size))
                answer = line.getresponse()
                assert (answer.status, bool(answer.read())) == (200, True)
            line.close()

    def test_killed_it_remembers_what_it_has_cosigned(self, tmp_path: Path) -> None:
        with witnessing(tmp_path) as witness:
            assert witness.post(submission(0, 8))[0] == 200
            witness.process.kill()
        with witnessing(tmp_path) as witness:
            assert witness.post(submission(0, 3)) == (409, "text/x.tlog.size", "8\n")
            assert witness.post(submission(8, 8, root=bytes(32)))[0] == 409
            assert witness.post(submission(8, 9))[0] == 200

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_told_to_stop_it_ends_well(self, tmp_path: Path, number: signal.Signals) -> None:
        with witnessing(tmp_path) as witness:
            witness.process.send_signal(number)
            assert witness.process.wait(timeout=60) == 0

    def test_two_witnesses_do_not_share_a_folder(self, tmp_path: Path) -> None:
        with witnessing(tmp_path):
            other = Popen(command(tmp_path), stderr=PIPE, text=True)
            _, said = other.communicate(timeout=30)
            assert other.returncode == 2
            assert "another process" in said

    @pytest.mark.parametrize("spoilt", ["key", "logs"])
    def test_without_its_keys_it_does_not_begin(self, tmp_path: Path, spoilt: str) -> None:
        with witnessing(tmp_path):
            pass
        (tmp_path / spoilt).write_text("# nothing\n")
        other = Popen(command(tmp_path), stderr=PIPE, text=True)
        _, said = other.communicate(timeout=30)
        assert (other.returncode, "is in it" in said) == (2, True)


@pytest.fixture
async def here(fresh_nats: NatsServer, database: str) -> AsyncIterator[Place]:
    async with place(fresh_nats, database) as opened:
        yield opened


async def witnesses_of(here: Place) -> list[tuple[int, set[str]]]:
    """The size and the witnesses of each checkpoint of a project that is stored."""
    rows = await here.rows("SELECT size, note FROM psmp.checkpoint ORDER BY number")
    return [(size, names(note, [WITNESS.verifier])) for size, note in rows]


def names(note: str, keys: list[Verifier]) -> set[str]:
    return {key.name for key in Note.read(note.encode()).signed_by(keys)}


@asynccontextmanager
async def working(here: Place, folder: Path, *urls: str, keys: tuple[Verifier, ...]) -> AsyncIterator[Auditor]:
    """An audit writer with witnesses, and a signer."""
    cosigners = Witnesses([Witness(url, keys) for url in urls], proving(here.pool), within=2, rest=0.05)
    auditor = Auditor(here, cosigners=cosigners)
    try:
        async with signing(here, folder), auditor.at_work():
            yield auditor
    finally:
        cosigners.close()


async def grow(here: Place, auditor: Auditor, records: int) -> int:
    """One more event of a log of its own; how many records there are once checkpoints cover it."""
    stored = await lifetime(lifetime().key._replace(project=f"p{records}")).store(here.log)
    total = records + len(stored)

    async def done() -> bool:
        return await covered(here, total)

    await until(done)
    assert auditor.checkpoints.describe().trouble == ""
    return total


@pytest.mark.may_block
async def test_checkpoints_bear_the_signature_of_a_witness_that_has_seen_them(here: Place, tmp_path: Path) -> None:
    with witnessing(tmp_path / "w") as witness:
        async with working(here, tmp_path / "s", witness.url, keys=(WITNESS.verifier,)) as auditor:
            await grow(here, auditor, await grow(here, auditor, 0))
        assert all(who == {WITNESS.name} for _, who in await witnesses_of(here))
        anchors = await here.rows("SELECT note FROM psmp.anchor")
        assert all(names(note, [WITNESS.verifier]) == {WITNESS.name} for (note,) in anchors)
    assert auditor.checkpoints.describe().postponed == 0


@pytest.mark.may_block
async def test_a_witness_that_dies_holds_up_nothing_and_catches_up_when_it_is_back(here: Place, tmp_path: Path) -> None:
    port = free_port()
    async with working(here, tmp_path / "s", f"http://127.0.0.1:{port}", keys=(WITNESS.verifier,)) as auditor:
        records = await grow(here, auditor, 0)
        assert all(who == set() for _, who in await witnesses_of(here))
        for _ in range(2):
            with witnessing(tmp_path / "w", port):
                await asyncio.sleep(0.1)  # it is left alone for 0.05 s
                records = await grow(here, auditor, records)
                assert (await witnesses_of(here))[-1][1] == {WITNESS.name}
            records = await grow(here, auditor, records)
            assert (await witnesses_of(here))[-1][1] == set()
    assert auditor.checkpoints.describe().postponed > 0


@pytest.mark.may_block
async def test_a_witness_that_has_seen_less_than_was_signed_is_brought_on(here: Place, tmp_path: Path) -> None:
    """Its answer 409 names what it has; the proof from there comes from Postgres, however long ago that was."""
    history = lifetime()
    with witnessing(tmp_path / "w") as witness:
        for urls in ((witness.url,), (), (witness.url,)):
            async with working(here, tmp_path / "s", *urls, keys=(WITNESS.verifier,)) as auditor:
                last = 0
                for record in history.records[:10]:
                    last = await here.log.append(history.key, record.kind, record.body, expected=await _last(here))
                history.records = history.records[10:]
                await until_true(lambda last=last: auditor.follower.position >= last)  # type: ignore[misc]

                async def done() -> bool:
                    return await covered(here, await here.pool.fetchval("SELECT count(*) FROM psmp.ledger"))

                await until(done)
        found = await witnesses_of(here)
    assert found[0][1] == found[-1][1] == {WITNESS.name}
    assert set() in [who for _, who in found]


async def _last(here: Place) -> int:
    return int((await here.nats.jetstream().stream_info("PSMP_LOG")).state.last_seq)


@pytest.mark.may_block
async def test_a_signature_of_a_key_that_is_not_trusted_is_not_stored(here: Place, tmp_path: Path) -> None:
    stranger = Signer(WITNESS.name, Kind.WITNESS, bytes(32))
    with witnessing(tmp_path / "w", key=stranger) as witness:
        async with working(here, tmp_path / "s", witness.url, keys=(WITNESS.verifier,)) as auditor:
            await grow(here, auditor, 0)
        rows = await here.rows("SELECT note FROM psmp.checkpoint")
        assert all(len(Note.read(note.encode()).signatures) == 1 for (note,) in rows)


async def test_a_witness_that_answers_nothing_is_waited_for_only_so_long(here: Place, tmp_path: Path) -> None:
    hung: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: hung.append(writer), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    cosigners = Witnesses([Witness(url, (WITNESS.verifier,))], proving(here.pool), within=0.1, rest=60)
    auditor = Auditor(here, cosigners=cosigners)
    async with server, signing(here, tmp_path), auditor.at_work():
        await grow(here, auditor, 0)
        assert hung
        for writer in hung:
            writer.transport.abort()
    cosigners.close()
    assert cosigners.missed > 0


@asynccontextmanager
async def late(here: Place, *urls: str, keys: tuple[Verifier, ...]) -> AsyncIterator[None]:
    """Only who has old checkpoints cosigned, at work."""
    growth = Growth()
    growth.begin()
    witnesses = Witnesses([Witness(url, keys) for url in urls], proving(here.pool), within=30, rest=0.05)
    try:
        async with running(Latecomers(here.pool, growth, witnesses, keys, len(urls), pause=0.01, again=0.05)):
            yield
    finally:
        witnesses.close()


async def newest_by(here: Place, number: int, keys: list[Verifier]) -> set[str]:
    async with here.pool.acquire() as connection:
        stored = await newest(connection, ProjectKey("acme", f"p{number}"))
    assert stored is not None
    assert LOG.verifier in Note.read(stored.note.encode()).signed_by([LOG.verifier])
    return names(stored.note, keys)


@pytest.mark.may_block
async def test_a_log_that_rests_since_before_a_witness_came_is_cosigned(
    here: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By one that was there first, and by another that came later: the newest checkpoint bears both, once each."""
    monkeypatch.setattr(latecomers, "MOST", 2)
    second = Signer("second.example", Kind.WITNESS, bytes(range(50, 82)))
    keys = (WITNESS.verifier, second.verifier)
    auditor = Auditor(here)
    async with signing(here, tmp_path / "s"), auditor.at_work():
        begun = [0]
        for _ in range(5):
            begun.append(await grow(here, auditor, begun[-1]))
    logs = begun[:-1]

    async def by(*wanted: Signer) -> bool:
        expected = {each.name for each in wanted}
        return all([await newest_by(here, each, list(keys)) == expected for each in logs])

    with witnessing(tmp_path / "w") as first:
        async with late(here, first.url, keys=keys):
            await until(lambda: by(WITNESS), 60)
        with witnessing(tmp_path / "v", key=second) as other:
            async with late(here, first.url, other.url, keys=keys):
                await until(lambda: by(WITNESS, second), 60)
            async with working(here, tmp_path / "s", first.url, other.url, keys=keys) as auditor:
                await grow(here, auditor, begun[-1])  # who rests is cosigned late, the anchors with what comes next
    rows = await here.rows("SELECT witnesses, count(*) FROM psmp.cosigned GROUP BY witnesses ORDER BY witnesses")
    assert rows == [(1, 5), (2, 5)]
    assert await by(WITNESS, second)
    await cosigned_in_a_bundle(here, tmp_path / "bundle", [f"p{each}" for each in begun], *keys)
    for (raw,) in await here.rows("SELECT note FROM psmp.cosigned WHERE witnesses = 2"):
        assert len(Note.read(raw.encode()).signatures) == 3
    with pytest.raises(asyncpg.PostgresError):
        await here.pool.execute("DELETE FROM psmp.cosigned")


async def cosigned_in_a_bundle(here: Place, folder: Path, projects: list[str], *keys: Verifier) -> None:
    """An export has what was cosigned late: an auditor who asks for as many witnesses finds them, and misses more."""
    with fresh(folder) as pages:
        await bind(here.pool, pages, HERE, stamp().time)
    file = folder.with_suffix(".keys")
    file.write_text(
        "".join(f"{use} {key}\n" for use, key in (("log", LOG.verifier), *(("witness", each) for each in keys)))
    )
    for wanted, code in ((1, 0), (2, 0), (3, 7)):
        command = [sys.executable, "-m", "psmp.cli.app", "verify", str(folder), "--keys", str(file)]
        process = await asyncio.create_subprocess_exec(*command, "--witnesses", str(wanted), stdout=PIPE, stderr=PIPE)
        said, _ = await process.communicate()
        assert process.returncode == code, said.decode()
        assert not code or all(f"acme/{each}" in said.decode() for each in projects), said.decode()
