"""A log or a database that has gone back in time: noticed at the start, refused, put right as typed, at work again."""

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

import psmp
from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.notes import Note
from psmp.ledger.origins import HERE, origin
from psmp.log.jetstream import JetStreamEventLog
from psmp.stack.at_rest import at_rest
from psmp.stack.whole import CHECKPOINT_FILE
from psmp.wire.connection import Address, connect
from psmp.words.ids import ProjectKey
from tests.histories import History, created
from tests.integration.cli import WITHIN, Shell

pytestmark = [pytest.mark.system]

PROJECTS = ("rag", "web")


@dataclass
class Place:
    """A folder of data, commands to type, and what was declared so far."""

    shell: Shell
    data: Path
    declared: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def running(self) -> Iterator[dict[str, Any]]:
        """A ``psmp dev`` over the data, stopped in good order."""
        with self.shell.dev("--data", str(self.data)) as said:
            yield said

    @contextmanager
    def dying(self) -> Iterator[dict[str, Any]]:
        """The same, killed with SIGKILL and all its children with it."""
        with self.shell.running("dev", "-o", "jsonl", "--data", str(self.data)) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise AssertionError(process.communicate(timeout=WITHIN)[1])
            yield json.loads(line)
            below = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.wait(timeout=WITHIN)
            _, left = psutil.wait_procs(below, timeout=WITHIN)
            assert not left  # a copy of Postgres' folder names its process, which must have ended

    def declare(self, said: dict[str, Any], count: int) -> None:
        """Declare so many artifacts in each project, and wait until the ledger has everything."""
        asyncio.run(self._declare(said, count))

    async def _declare(self, said: dict[str, Any], count: int) -> None:
        async with psmp.connect(said["url"], tenant="default", agent="ada", timeout=90) as client:
            for project in PROJECTS:
                if project not in self.declared:
                    await client.create_project(project)
                    await client.transition(project, "PLANNING", reason="go")
                    self.declared[project] = 0
            for _ in range(count):
                for project in PROJECTS:
                    self.declared[project] += 1
                    verdict = await client.declare(project, f"a{self.declared[project]}", dependencies=["numpy>=1"])
                    assert verdict.accepted
        await self.proved(2 + 2 * max(self.declared.values()))

    async def proved(self, size: int) -> None:
        """Until a checkpoint of so many records of each project is in the file, where it gets to last."""
        async with asyncio.timeout(WITHIN):
            while any(self.checkpoint(project) < size for project in PROJECTS):
                await asyncio.sleep(0.05)

    def checkpoint(self, project: str) -> int:
        """How many records the newest checkpoint of a project is about."""
        file = self.data / CHECKPOINT_FILE
        notes = [json.loads(line) for line in file.read_text().splitlines()] if file.is_file() else []
        found = [Checkpoint.read(Note.read(note.encode()).text) for note in notes]
        wanted = origin(HERE, ProjectKey("default", project))
        return max((each.size for each in found if each.origin == wanted), default=0)

    def refused(self) -> str:
        """What a start says that is refused for what is missing."""
        ended = self.shell.run("dev", "--data", str(self.data))
        assert ended.code == 7, ended.err
        return " ".join(ended.err.split())

    def restored(self, what: str, *words: str) -> dict[str, Any]:
        """``psmp restore`` as it was said to be typed."""
        ended = self.shell.run("restore", what, "--data", str(self.data), "--yes", "-o", "json", *words)
        assert ended.code == 0, ended.err + ended.out
        told: dict[str, Any] = ended.json
        assert told["wrong"] == []
        return told

    def goes_on(self) -> None:
        """The stack starts, everything verifies, and new declarations get in and are recorded."""
        with self.running() as said:
            before = dict(self.declared)
            self.declare(said, 2)
            assert self.declared == {project: count + 2 for project, count in before.items()}
            assert self.shell.run("verify").code == 0
            replayed = self.shell.run("replay", "--check")
            assert replayed.code == 0, replayed.out


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """Data as it was once, after a stop in good order, and as it is now, after a crash; both are only copied."""
    with tempfile.TemporaryDirectory(prefix="psmp-test-") as folder:
        Path(folder).chmod(0o755)
        here = Place(Shell.at(tmp_path_factory.mktemp("copies")), Path(folder) / "data")
        with here.running() as said:
            here.declare(said, 10)
        once = Path(folder) / "once"
        copy(here.data, once)
        with here.dying() as said:
            here.declare(said, 10)
        yield once, here.data


@pytest.fixture
def here(tmp_path: Path, copies: tuple[Path, Path]) -> Iterator[Place]:
    """The data as it is now."""
    with tempfile.TemporaryDirectory(prefix="psmp-test-") as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "data"
        copy(copies[1], data)
        yield Place(Shell.at(tmp_path), data, dict.fromkeys(PROJECTS, 20))


def copy(source: Path, target: Path) -> None:
    """With owners and modes, for Postgres is another user's."""
    subprocess.run(["/bin/cp", "-a", str(source), str(target)], check=True)


def put_back(name: str, source: Path, target: Path) -> None:
    """One server's folder as it was."""
    shutil.rmtree(target / name)
    copy(source / name, target / name)


def block(data: Path) -> Path:
    """The newest block of the log."""
    return max(data.glob("nats/jetstream/jetstream/*/streams/PSMP_LOG/msgs/*.blk"))


def flip(path: Path) -> None:
    """One bit in the middle."""
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(bytes(body))


def children(pid: int, name: str) -> list[psutil.Process]:
    """The processes of that name below a running ``psmp dev``; the oldest first."""
    found = [each for each in psutil.Process(pid).children(recursive=True) if each.name() == name]
    return sorted(found, key=psutil.Process.create_time)


def readyz(url: str) -> tuple[int, str]:
    """What a service's probe says."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:  # noqa: S310 - our own service on loopback
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def until_refusing(said: dict[str, Any], service: str, why: str) -> None:
    """Until a service says on its probe that it decides nothing, and why."""
    until = time.monotonic() + WITHIN
    while (told := readyz(said["services"][service]))[0] == 200 or why not in told[1]:
        assert time.monotonic() < until, told
        time.sleep(0.1)


def test_a_damaged_block_is_noticed_and_repaired(here: Place) -> None:
    flip(block(here.data))
    why = here.refused()
    assert "the log lacks records" in why
    assert "of default/rag (positions" in why
    assert f"psmp restore log --data {here.data} --yes" in why
    dry = here.shell.run("restore", "log", "--data", str(here.data))
    assert (dry.code, "the same with --yes" in dry.err) == (7, True), dry.err
    told = here.restored("log")
    assert told["done"]["written"] > 20
    assert told["done"]["left_out"] == []
    here.goes_on()


def test_a_block_damaged_after_a_stop_in_good_order_is_noticed_too(here: Place, copies: tuple[Path, Path]) -> None:
    shutil.rmtree(here.data)
    copy(copies[0], here.data)
    here.declared.update(dict.fromkeys(PROJECTS, 10))
    flip(block(here.data))
    assert "the log lacks records" in here.refused()
    here.restored("log")
    here.goes_on()


def test_a_stream_that_is_gone_is_written_again(here: Place) -> None:
    shutil.rmtree(block(here.data).parents[1])
    assert "the log lacks records 1 to 42 of default/rag" in here.refused()
    told = here.restored("log")
    assert told["done"]["written"] == told["ledger"] > 80
    here.goes_on()


def test_a_log_of_an_older_version_that_lets_nobody_delete_is_made_anew(here: Place) -> None:
    """What is asked for by --anew: nothing is amiss, and the same is written again, at the same positions."""

    async def altered(change: dict[str, Any]) -> dict[str, Any]:
        async with at_rest(here.data) as rest:
            client = await connect(Address(rest.restore_url), "test", inbox="_INBOX_restore")
            info = json.loads((await client.request("$JS.API.STREAM.INFO.PSMP_LOG", b"")).data)
            config = {**info["config"], **change}
            if change:
                await client.request("$JS.API.STREAM.UPDATE.PSMP_LOG", json.dumps(config).encode())
            await client.close()
            return dict(info["config"])

    asyncio.run(altered({"deny_delete": True}))
    assert asyncio.run(altered({}))["deny_delete"] is True
    told = here.restored("log", "--anew")
    assert told["done"]["written"] == told["ledger"]
    assert asyncio.run(altered({}))["deny_delete"] is False
    assert list((here.data / "psmp-aside").glob("*/PSMP_LOG-0"))


def test_an_old_copy_of_the_log_is_brought_up_to_date(here: Place, copies: tuple[Path, Path]) -> None:
    put_back("nats", copies[0], here.data)
    assert "the log lacks records 23 to 42 of default/rag" in here.refused()
    assert here.restored("log")["done"]["written"] == 40
    here.goes_on()


def test_a_block_that_is_damaged_while_all_runs_stops_every_decision_until_it_is_repaired(here: Place) -> None:
    with here.running() as said:
        (server,) = children(said["pid"], "nats-server")
        server.kill()
        server.wait(WITHIN)
        flip(block(here.data))
        until_refusing(said, "intake", "the log lacks")
        until_refusing(said, "checker", "the log lacks")
        until_refusing(said, "audit", "the log lacks")
        waiting = here.shell.run("create", "late", "--agent", "ada", "--timeout", "3")
        assert waiting.code == 6, waiting.err
    assert "the log lacks records" in here.refused()
    here.restored("log")
    here.goes_on()
    with here.running():
        late = here.shell.run("status", "late")
        assert late.out.startswith("late  INITIALIZED"), late.err


def test_what_postgres_lost_of_its_log_is_noticed_and_filled_in_again(here: Place) -> None:
    with here.running() as said:
        file, offset = asyncio.run(end_of_wal(said["postgres_dsn"]))
        here.declare(said, 5)
        postmaster = children(said["pid"], "postgres")[0]
        postmaster.kill()
        with (here.data / "postgres/data/pg_wal" / file).open("r+b") as wal:
            size = wal.seek(0, os.SEEK_END)
            wal.seek(offset)
            wal.write(bytes(size - offset))
        until_refusing(said, "intake", "the ledger lacks records")
    why = here.refused()
    assert "the ledger lacks records 43 to 52 of default/rag" in why
    assert f"psmp restore ledger --data {here.data} --yes" in why
    here.restored("ledger")
    here.goes_on()


def test_what_postgres_lost_while_all_was_cut_off_is_noticed_by_the_checkpoints(here: Place) -> None:
    with here.dying() as said:
        file, offset = asyncio.run(end_of_wal(said["postgres_dsn"]))
        here.declare(said, 5)
    with (here.data / "postgres/data/pg_wal" / file).open("r+b") as wal:
        size = wal.seek(0, os.SEEK_END)
        wal.seek(offset)
        wal.write(bytes(size - offset))
    assert "the ledger lacks records 43 to 52 of default/rag (" in here.refused()
    here.restored("ledger")
    here.goes_on()


async def end_of_wal(dsn: str) -> tuple[str, int]:
    """Where Postgres writes next."""
    connection = await asyncpg.connect(dsn)
    try:
        [(file, offset)] = await connection.fetch("SELECT * FROM pg_walfile_name_offset(pg_current_wal_insert_lsn())")
        return file, offset
    finally:
        await connection.close()


def test_an_old_copy_of_the_database_is_brought_up_to_date(here: Place, copies: tuple[Path, Path]) -> None:
    with here.running():  # the broker writes down what it was told only when it is stopped
        pass
    put_back("postgres", copies[0], here.data)
    assert "the ledger lacks records 23 to 42 of default/rag" in here.refused()
    here.restored("ledger")
    here.goes_on()


def test_two_old_copies_cannot_be_repaired_and_what_is_missing_is_named(here: Place, copies: tuple[Path, Path]) -> None:
    put_back("nats", copies[0], here.data)
    put_back("postgres", copies[0], here.data)
    why = here.refused()
    assert "log and ledger both lack records 23 to 42 of default/rag, which checkpoint 42 proves" in why
    assert "psmp restore" not in why
    for what in ("log", "ledger"):
        ended = here.shell.run("restore", what, "--data", str(here.data), "--yes")
        assert (ended.code, "both lack records 23 to 42" in " ".join(ended.err.split())) == (7, True)


FORGED = """
ALTER TABLE psmp.ledger DISABLE TRIGGER ALL;
UPDATE psmp.ledger SET body = convert_to(replace(convert_from(body, 'UTF8'), 'numpy', 'nunpy'), 'UTF8')
WHERE project = 'rag' AND sequence = 42;
UPDATE psmp.ledger SET leaf = sha256('\\x00'::bytea || body) WHERE project = 'rag' AND sequence = 42;
ALTER TABLE psmp.ledger ENABLE ALWAYS TRIGGER append_only;
"""


def test_a_ledger_that_was_rewritten_is_set_aside_where_a_checkpoint_proves_the_log(here: Place) -> None:
    at_rest_execute(here, FORGED)
    assert "the log has other bytes than the ledger for record 42 of default/rag" in here.refused()
    wrong = here.shell.run("restore", "log", "--data", str(here.data), "--yes")
    assert (wrong.code, "does not prove what the ledger has of it, but the log's" in " ".join(wrong.err.split())) == (
        *(7, True),
    )
    told = here.restored("ledger")
    assert told["done"]["moved"] == 1
    here.goes_on()


def at_rest_execute(here: Place, statement: str) -> None:
    """As a superuser would, while nothing runs."""

    async def do() -> None:
        async with at_rest(here.data) as rest:
            connection = await asyncpg.connect(rest.postgres.dsn())
            await connection.execute(statement)
            await connection.close()

    asyncio.run(do())


def test_a_log_that_was_cut_and_went_on_is_written_anew_and_what_still_fits_is_put_back(
    here: Place, copies: tuple[Path, Path]
) -> None:
    """As without us: the server hands the lost positions out again, and nobody notices."""
    put_back("nats", copies[0], here.data)

    async def go_on() -> None:
        async with at_rest(here.data) as rest:
            client = await connect(Address(rest.restore_url), "test", inbox="_INBOX_restore")
            for number in range(3):
                history = History(ProjectKey("default", f"new{number}"))
                history.add(created())
                await history.store(JetStreamEventLog(client))
            await client.close()

    asyncio.run(go_on())
    assert "the log has other bytes than the ledger" in here.refused()
    told = here.restored("log")
    assert (told["done"]["put_back"], told["done"]["left_out"]) == (3, [])
    here.goes_on()
