"""The development stack as a whole: ready inside, gone afterwards, whatever happens."""

import asyncio
import functools
import os
import pwd
import shutil
import sys
import sysconfig
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import nats
import pytest

from psmp.stack import (
    DirectoryTaken,
    DirectoryUnusable,
    Ended,
    Happening,
    Notice,
    Plan,
    Service,
    Stack,
    UnknownPart,
    Unreachable,
)
from psmp.stack.accounts import Account, barrier, unprivileged
from psmp.stack.supervision import Part
from psmp.stack.waiting import until
from tests.integration.stack_owner import Owners, lives, no_longer, no_longer_mentioned
from tests.integration.stack_parent import SERVICE, describe

pytestmark = pytest.mark.integration

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="is about what root does")


@pytest.fixture
def kept() -> Iterator[Path]:
    """A directory for --data, below one that everybody can pass, as pytest's own are not."""
    parent = Path(tempfile.mkdtemp(prefix="psmp-test-"))
    parent.chmod(0o755)
    yield parent / "data"
    shutil.rmtree(parent)


@pytest.fixture
async def owners() -> AsyncIterator[Owners]:
    owners = Owners()
    yield owners
    await owners.end()


def dummy(name: str, *arguments: str) -> Service:
    return Service(name=name, argv=(sys.executable, str(SERVICE), *arguments))


async def test_everything_is_ready_inside_and_gone_afterwards() -> None:
    async with Stack(Plan(services=(dummy("one"), dummy("two")), durable=False)) as stack:
        place, pids = Path(str(describe(stack)["path"])), [part.pid for part in stack.status()]
        assert [part.name for part in stack.status()] == ["nats", "postgres", "one", "two"]
        assert all(part.ready for part in stack.status())
        assert all(pid and lives(pid) for pid in pids)
        client = await nats.connect(stack.nats_url)
        await client.close()
        connection = await asyncpg.connect(stack.postgres_dsn)
        await connection.close()
    assert not any(pid and lives(pid) for pid in pids)
    assert not place.exists()


async def test_prepare_comes_before_services_and_services_end_before_servers() -> None:
    said: list[tuple[str, str]] = []

    async def prepare(stack: Stack) -> None:
        connection = await asyncpg.connect(stack.postgres_dsn)
        await connection.close()
        said.append(("test", "prepared"))

    plan = Plan(services=(dummy("one"),), durable=False, prepare=prepare)
    async with Stack(plan, on_line=lambda name, line: said.append((name, line))) as stack:
        url = stack.nats_url
    landmarks = ["prepared", f"NATS at {url}", "asked to stop", "Server Exiting", "database system is shut down"]
    order = [next(at for at, (_, line) in enumerate(said) if mark in line) for mark in landmarks]
    assert order == sorted(order)


async def test_a_killed_service_comes_back_at_the_same_address_and_that_is_reported() -> None:
    notices: list[Notice] = []
    async with Stack(Plan(services=(dummy("one"),), durable=False), report=notices.append) as stack:
        before = stack.status()[-1]
        stack.kill("one")
        assert not stack.status()[-1].ready
        await stack.ready("one")
        after = stack.status()[-1]
    assert after.address == before.address
    assert after.pid != before.pid
    happenings = [notice.happening for notice in notices if notice.part == "one"]
    assert happenings == [Happening.READY, Happening.DIED, Happening.READY]


async def test_a_held_server_stays_down_until_it_is_restarted_and_keeps_its_data() -> None:
    async with Stack(Plan()) as stack:
        client = await nats.connect(stack.nats_url, max_reconnect_attempts=-1, reconnect_time_wait=0.02)
        await client.jetstream().add_stream(name="KEPT", subjects=["kept"])
        await client.jetstream().publish("kept", b"a fact")
        await write_fact(stack.postgres_dsn)
        for name in ("nats", "postgres"):
            stack.kill(name, hold=True)
            await until(functools.partial(is_down, stack, name), within=60)
            await stack.restart(name)
        assert await read_fact(stack.postgres_dsn) == "a fact"
        message = await client.jetstream().get_last_msg("KEPT", "kept")
        assert message.data == b"a fact"
        await client.close()


async def is_down(stack: Stack, name: str) -> bool:
    return stack.pid(name) is None


async def write_fact(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE facts (fact text); INSERT INTO facts VALUES ('a fact')")
    await connection.close()


async def read_fact(dsn: str) -> object:
    connection = await asyncpg.connect(dsn)
    fact: object = await connection.fetchval("SELECT fact FROM facts")
    await connection.close()
    return fact


async def test_a_service_that_ends_at_once_is_shown_with_its_last_words_and_nothing_is_left() -> None:
    stack = Stack(Plan(services=(dummy("one"), dummy("two", "broken")), durable=False))
    with pytest.raises(Ended, match="no such thing as a broken service"):
        await stack.__aenter__()
    parts: tuple[Part, ...] = (stack.nats, stack.postgres, *stack.services)
    pids = [child.pid for part in parts if (child := part.child)]
    assert len(pids) == 4
    assert not any(map(lives, pids))


async def test_an_unknown_part_is_named_with_the_known_ones() -> None:
    async with Stack(Plan(durable=False)) as stack:
        with pytest.raises(UnknownPart, match="no part is called keeper; there are nats, postgres"):
            stack.kill("keeper")


async def test_what_a_child_leaves_behind_ends_with_it() -> None:
    said: list[str] = []
    plan = Plan(services=(dummy("one", "fruitful"),), durable=False)
    async with Stack(plan, on_line=lambda name, line: said.append(line) if name == "one" else None):
        grandchild = next(int(line.split()[1]) for line in said if line.startswith("child "))
        assert lives(grandchild)
    await no_longer([grandchild])


async def test_kept_data_is_there_again_and_has_one_owner_at_a_time(kept: Path) -> None:
    plan = Plan(data=kept, durable=False)
    async with Stack(plan) as stack:
        await write_fact(stack.postgres_dsn)
        with pytest.raises(DirectoryTaken, match=rf"another psmp dev owns .*data \(pid {os.getpid()}\)"):
            await Stack(plan).__aenter__()
    async with Stack(plan) as stack:
        assert await read_fact(stack.postgres_dsn) == "a fact"


async def test_a_directory_that_cannot_hold_data_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DirectoryUnusable, match="file/data cannot hold the data: Not a directory"):
        await Stack(Plan(data=tmp_path / "file" / "data", durable=False)).__aenter__()


@root_only
async def test_root_is_told_when_postgres_cannot_reach_the_data(kept: Path) -> None:
    kept.mkdir(mode=0o700)
    with pytest.raises(Unreachable) as caught:
        await Stack(Plan(data=kept / "deeper", durable=False)).__aenter__()
    assert caught.value.barrier == kept
    assert "chmod o+x" in caught.value.hint
    assert kept.stat().st_mode & 0o777 == 0o700


@root_only
async def test_root_runs_postgres_as_nobody() -> None:
    async with Stack(Plan(durable=False)) as stack:
        account = unprivileged()
        assert account is not None
        assert Path(f"/proc/{stack.pid('postgres')}").stat().st_uid == account.uid


async def test_kill_minus_nine_of_the_parent_leaves_no_child_and_no_directory(owners: Owners) -> None:
    owner = await owners.own("-", "", "stubborn", "fruitful")
    owner.process.kill()
    await owner.ended()
    await owner.leaves_nothing()
    assert not owner.path.exists()


@linux_only
@pytest.mark.parametrize("delay", [0.0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.6, 0.9])
async def test_kill_minus_nine_at_any_moment_of_the_start_leaves_no_child(
    delay: float, kept: Path, owners: Owners
) -> None:
    kept.mkdir()
    kept.chmod(0o711)
    mark = uuid.uuid4().hex
    parent = await owners.begin(str(kept), f"mark={mark}", env={**os.environ, "PSMP_TEST_MARK": mark})
    await asyncio.sleep(delay)
    parent.kill()
    await parent.wait()
    await no_longer_mentioned(mark)
    await no_longer_mentioned(str(kept))
    async with Stack(Plan(data=kept, durable=False)) as stack:
        await write_fact(stack.postgres_dsn)


async def test_the_first_interrupt_ends_everything_in_good_order(owners: Owners) -> None:
    owner = await owners.own("-", "")
    await owner.interrupt()
    assert await owner.ended() == 0
    await owner.leaves_nothing()
    assert not owner.path.exists()


async def test_the_second_interrupt_kills_what_does_not_want_to_stop(owners: Owners) -> None:
    owner = await owners.own("-", "stubborn")
    log = owner.path / "logs" / "dummy-0.log"
    await owner.interrupt()
    await until(lambda: was_asked(log), within=60)
    assert lives(owner.pids["dummy-0"])
    await owner.interrupt()
    assert await owner.ended() == 0
    await owner.leaves_nothing()
    assert not owner.path.exists()


async def was_asked(log: Path) -> bool:
    return "asked to stop" in log.read_text()


@root_only
async def test_a_normal_user_can_run_it_too(owners: Owners) -> None:
    account = unprivileged()
    assert account is not None
    python = python_for(account)
    paths = [str(SERVICE.parents[2] / "shared"), sysconfig.get_path("purelib")]
    env = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
    owner = await owners.own(
        "-", "", python=python, user=account.uid, group=account.gid, extra_groups=(), env=env, cwd="/"
    )
    uids = {Path(f"/proc/{pid}").stat().st_uid for pid in owner.pids.values()}
    owner.process.kill()
    await owner.ended()
    await owner.leaves_nothing()
    assert uids == {account.uid}
    assert not owner.path.exists()


def python_for(account: Account) -> str:
    """A Python of our own version that ``account`` can run together with our packages."""
    candidates = [Path(sys.executable).resolve(), Path(f"/usr/bin/python3.{sys.version_info.minor}")]
    needed = [SERVICE.parent, Path(sysconfig.get_path("purelib"))]
    python = next((path for path in candidates if path.exists() and barrier(path.parent, account) is None), None)
    if python is None or any(barrier(path, account) for path in needed):
        pytest.skip(f"{account.name} can reach neither this Python nor another 3.{sys.version_info.minor}, or not us")
    assert pwd.getpwuid(account.uid).pw_name == account.name
    return str(python)
