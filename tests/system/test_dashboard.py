"""The dashboard in a real browser, against a real stack: the story of the RAG chatbot, walked with the keyboard."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from psmp.wire.connection import Address, connect
from tests import answering, browsing, node
from tests.chromium import chromium
from tests.gateway import Gateway, gateway

__all__ = ["gateway"]

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

WALK = Path(__file__).parents[1] / "browser"
PICTURES = "PSMP_PICTURES"
"""The variable that names a folder in which the pictures are to stay."""


def pictured(folder: Path) -> dict[str, str]:
    """Where pictures go; without a folder of its own only that of a failure is made."""
    wanted = os.environ.get(PICTURES)
    return {"PSMP_TEST_PICTURES": wanted or str(folder), "PSMP_TEST_PICTURED": "1" if wanted else ""}


async def spoilt(gateway: Gateway, project: str) -> None:
    """As soon as there is such a project, somebody sends it what nobody can read."""
    while (await gateway.admin.get(f"/projects/{project}")).status != 200:
        await asyncio.sleep(0.2)
    nats = await connect(
        Address(gateway.stack.nats.url_for(gateway.planned.identities.tenant())), "test", inbox="_INBOX.test"
    )
    await nats.request(f"psmp.cmd.default.{project}.ada.artifact.declare", b"no command", timeout=30)
    await nats.close()


async def test_somebody_walks_the_story_of_the_rag_chatbot_with_the_keyboard(gateway: Gateway, tmp_path: Path) -> None:
    await asyncio.to_thread(node.fetched, WALK)
    browser, more = await asyncio.to_thread(chromium, tmp_path)
    env = more | {
        "PSMP_TEST_SITE": gateway.planned.api.site,
        "PSMP_TEST_KEY": gateway.planned.api.token,
        "PSMP_TEST_CHROMIUM": browser,
        **pictured(tmp_path),
        "PSMP_TEST_GATEWAY_PID": str(gateway.stack.pid("gateway")),
    }
    spoiling = asyncio.create_task(spoilt(gateway, "billing"))
    done = await asyncio.to_thread(lambda: node.run(WALK, "walk.mjs", within=420, **env))
    spoiling.cancel()
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stdout


async def test_every_role_is_shown_what_it_may_do_and_told_what_it_may_not(gateway: Gateway, tmp_path: Path) -> None:
    await asyncio.to_thread(node.fetched, WALK)
    keys, browser = await asyncio.gather(browsing.scene(gateway), asyncio.to_thread(chromium, tmp_path))
    env = browser[1] | {
        "PSMP_TEST_SITE": gateway.planned.api.site,
        "PSMP_TEST_KEY": gateway.planned.api.token,
        "PSMP_TEST_KEYS": json.dumps(keys),
        "PSMP_TEST_CHROMIUM": browser[0],
        **pictured(tmp_path),
    }
    done = await asyncio.to_thread(lambda: node.run(WALK, "roles.mjs", within=420, **env))
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stdout


async def test_what_waits_for_somebody_is_answered(gateway: Gateway, tmp_path: Path) -> None:
    await asyncio.to_thread(node.fetched, WALK)
    browser, more = await asyncio.to_thread(chromium, tmp_path)
    async with answering.scene(gateway) as keys:
        env = more | {
            "PSMP_TEST_SITE": gateway.planned.api.site,
            "PSMP_TEST_KEY": gateway.planned.api.token,
            "PSMP_TEST_KEYS": json.dumps(keys),
            "PSMP_TEST_CHROMIUM": browser,
            **pictured(tmp_path),
        }
        done = await asyncio.to_thread(lambda: node.run(WALK, "answers.mjs", within=420, **env))
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stdout
