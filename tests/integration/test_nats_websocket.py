"""NATS over WebSocket, as deploy/websocket/nats.conf has it: who watches reads events and can publish nothing."""

import asyncio
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from psmp.stack.identities import SETUP, TENANTS_CONF, Identities
from psmp.stack.ports import free_port
from psmp.wire.assets import prepare
from tests.guarded import Guarded
from tests.servers import StartNats

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of nats-py's way to ask aiohttp for a WebSocket
]

ROOT = Path(__file__).parents[2]
WITHIN = 30


async def test_a_watcher_over_a_websocket_reads_its_tenants_events_and_publishes_nothing(
    start_nats: StartNats, tmp_path: Path
) -> None:
    identities, port = Identities({"default": ("ada",), "other": ()}), free_port()
    (tmp_path / "nats.conf").write_text(identities.conf)
    (tmp_path / "deploy" / "websocket").mkdir(parents=True)
    (tmp_path / TENANTS_CONF).write_text(identities.includes[TENANTS_CONF])
    config = tmp_path / "deploy" / "websocket" / "nats.conf"
    config.write_text((ROOT / "deploy" / "websocket" / "nats.conf").read_text())
    env = {**identities.env, "PSMP_NATS_WEBSOCKET": f'"127.0.0.1:{port}"'}
    guarded = Guarded(await start_nats(config=config, env=env), identities)
    async with guarded.as_service(SETUP) as setup:
        await prepare(setup.nats)
    heard: asyncio.Queue[Msg] = asyncio.Queue()
    refused: asyncio.Queue[str] = asyncio.Queue()

    async def told(error: Exception) -> None:
        await refused.put(str(error).lower())

    login, watcher = identities.dashboard(), Client()
    await watcher.connect(
        f"ws://127.0.0.1:{port}", user=login.user, password=login.password, error_cb=told, connect_timeout=WITHIN
    )
    try:
        assert watcher.is_connected
        await watcher.subscribe("psmp.evt.default.>", cb=heard.put)
        await watcher.flush(WITHIN)
        async with guarded.as_service("intake") as intake:
            await intake.ask("psmp.log.other.p.project.created", b"theirs")
            await intake.ask("psmp.log.default.p.project.created", b"ours")
        message = await asyncio.wait_for(heard.get(), WITHIN)
        assert (message.subject, message.data, heard.empty()) == ("psmp.evt.default.p.project.created", b"ours", True)
        for subject in (
            "psmp.cmd.default.p.ada.artifact.declare",
            "psmp.log.default.p.project.created",
            "x",
            "$JS.API.INFO",
        ):
            await watcher.publish(subject, b"x")
            assert "permissions violation for publish" in await asyncio.wait_for(refused.get(), WITHIN)
        for subject in ("psmp.evt.other.>", "psmp.evt.>", ">", "psmp.out.default.>"):
            await watcher.subscribe(subject)
            assert "permissions violation for subscription" in await asyncio.wait_for(refused.get(), WITHIN)
        assert await guarded.stored("p") == {
            "psmp.log.other.p.project.created": 1,
            "psmp.log.default.p.project.created": 1,
        }
    finally:
        await watcher.close()
