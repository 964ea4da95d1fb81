"""The real servers of the stack: who they are, what they keep, and what they say when they cannot start."""

import asyncio
import re
import socket
from pathlib import Path

import asyncpg
import nats
import pytest

from psmp.cli.checkup import monitor
from psmp.cli.checkup.finding import Health
from psmp.stack import Ended, ForeignServer, Ground, Login, Misread, NatsServer, NotReady, Postgres, free_port
from psmp.stack.nats_server import greeting_at
from psmp.stack.ports import LOOPBACK
from tests.servers import StartNats

pytestmark = pytest.mark.integration


async def test_nats_is_the_one_that_was_started(fresh_nats: NatsServer) -> None:
    assert fresh_nats.port is not None
    greeting = await greeting_at(LOOPBACK, fresh_nats.port)
    assert greeting is not None
    assert (greeting.name, greeting.version) == (fresh_nats.server_name, fresh_nats.version)


async def test_a_foreign_nats_server_on_the_port_is_refused(nats_server: NatsServer, start_nats: StartNats) -> None:
    with pytest.raises(ForeignServer) as caught:
        await start_nats(port=nats_server.port)
    assert caught.value.found == nats_server.server_name
    assert str(nats_server.port) in str(caught.value)


async def test_another_service_on_the_port_is_refused(start_nats: StartNats) -> None:
    async with await asyncio.start_server(lambda _, writer: writer.close(), LOOPBACK) as other:
        with pytest.raises(Ended, match="address already in use"):
            await start_nats(port=other.sockets[0].getsockname()[1])


async def test_a_chosen_port_that_was_overtaken_is_chosen_again(
    nats_server: NatsServer, start_nats: StartNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert nats_server.port is not None
    ports = [nats_server.port, nats_server.port, free := free_port()]
    monkeypatch.setattr("psmp.stack.nats_server.free_port", lambda: ports.pop(0))
    server = await start_nats()
    assert server.port == free


async def test_a_wrong_configuration_is_shown_in_the_servers_own_words(start_nats: StartNats) -> None:
    with pytest.raises(Ended, match=r"(?s)ended with status 1 before it was ready.*nats\.conf:1:"):
        await start_nats(config="jetstream { sync_interval: sometimes }\n")


async def test_a_configuration_file_and_its_variables_are_used(start_nats: StartNats, tmp_path: Path) -> None:
    file = tmp_path / "accounts.conf"
    file.write_text(
        "jetstream { store_dir: $PSMP_NATS_STORE, sync_interval: always }\n"
        "authorization { user: someone, password: $SECRET }\n"
    )
    server = await start_nats(config=file, env={"SECRET": "open-sesame"})
    client = await nats.connect(server.url, user="someone", password="open-sesame")  # noqa: S106
    assert (await client.jetstream().account_info()).limits is not None
    await client.close()


async def test_a_configuration_includes_the_texts_that_come_with_it(start_nats: StartNats) -> None:
    config = 'jetstream { store_dir: $PSMP_NATS_STORE }\nhttp: $PSMP_NATS_MONITOR\ninclude "deploy/users.conf"\n'
    server = await start_nats(config=config, includes={"deploy/users.conf": users("some.one")})
    client = await nats.connect(server.url_for(Login("some.one", "secret")), allow_reconnect=False)
    await client.close()


async def test_a_running_server_takes_on_new_users_and_keeps_the_old_ones_where_it_cannot(
    start_nats: StartNats,
) -> None:
    server = await start_nats(config='include "users.conf"\n', includes={"users.conf": users("old")})
    await server.reload({"users.conf": users("new")})
    client = await nats.connect(server.url_for(Login("new", "secret")), allow_reconnect=False)
    with pytest.raises(Misread, match="Failed to reload"):
        await server.reload({"users.conf": "no_such_setting: 1\n"})
    assert client.is_connected
    await client.close()


def users(*names: str) -> str:
    listed = ", ".join(f'{{ user: "{name}", password: secret }}' for name in names)
    return f"authorization {{ users: [{listed}] }}\n"


async def test_the_monitoring_page_stays_where_it_is_when_nats_is_killed(start_nats: StartNats) -> None:
    config = "jetstream { store_dir: $PSMP_NATS_STORE, sync_interval: always }\nhttp: $PSMP_NATS_MONITOR\n"
    server = await start_nats(config=config)
    url = server.monitor_url
    assert (await monitor.look(url)).health is Health.WELL
    server.kill()
    await server.start()
    assert server.monitor_url == url
    assert (await monitor.look(url)).health is Health.WELL


async def test_nats_starts_where_somebody_else_has_taken_the_port_of_its_monitoring_page(start_nats: StartNats) -> None:
    server = await start_nats(config="jetstream { store_dir: $PSMP_NATS_STORE }\nhttp: $PSMP_NATS_MONITOR\n")
    port, url = server.port, server.monitor_url
    await server.stop()
    with socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))):
        await server.start()
        assert (server.port, server.monitor_url != url) == (port, True)


async def test_nats_keeps_what_it_acknowledged_when_it_is_killed(fresh_nats: NatsServer) -> None:
    client = await nats.connect(fresh_nats.url, max_reconnect_attempts=-1, reconnect_time_wait=0.02)
    await client.jetstream().add_stream(name="KEPT", subjects=["kept"])
    await client.jetstream().publish("kept", b"a fact")
    port = fresh_nats.port
    fresh_nats.kill()
    await fresh_nats.start()
    message = await client.jetstream().get_last_msg("KEPT", "kept")
    await client.close()
    assert message.data == b"a fact"
    assert fresh_nats.port == port


async def test_postgres_asks_for_the_password_and_listens_to_nobody_outside(postgres: Postgres) -> None:
    wrong = re.sub(":[^@/]+@", ":guessed@", postgres.dsn())
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)
    connection = await asyncpg.connect(postgres.dsn())
    assert await connection.fetchval("SHOW listen_addresses") == ""
    await connection.close()


async def test_postgres_flushes_what_it_commits_when_it_is_to_be_durable(session_ground: Ground) -> None:
    server = Postgres(session_ground, name="postgres-durable")
    await server.start()
    connection = await asyncpg.connect(server.dsn())
    settings = [await connection.fetchval(f"SHOW {name}") for name in ("fsync", "synchronous_commit")]
    await connection.close()
    await server.stop()
    assert settings == ["on", "on"]


async def test_postgres_says_why_it_cannot_start(session_ground: Ground) -> None:
    server = Postgres(session_ground, name="postgres-damaged", durable=False)
    await server.start()
    await server.stop()
    (session_ground.path / "postgres-damaged" / "data" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(Ended, match=r"(?s)database files are incompatible with server"):
        await server.start()


async def test_each_test_has_a_database_of_its_own_1(database: str) -> None:
    await make_table(database)


async def test_each_test_has_a_database_of_its_own_2(database: str) -> None:
    await make_table(database)


async def make_table(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE only_mine (number integer)")
    await connection.close()


async def test_a_server_that_hangs_is_given_up(start_nats: StartNats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psmp.stack.nats_server._READY_WITHIN", 0.2)
    monkeypatch.setattr("psmp.stack.nats_server.locate_nats_server", lambda: Path("/bin/sleep"))
    monkeypatch.setattr("psmp.stack.nats_server.NatsServer._arguments", lambda _: ("600",))
    with pytest.raises(NotReady, match=r"nats-\d+ was not ready within 0.2 s"):
        await start_nats()
