"""The TypeScript client against a real stack: its own tests, run by Node, over HTTP, live events and NATS."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from psmp.stack import Stack
from psmp.stack.whole import Whole, whole
from tests import node
from tests.servers import UNLIMITED

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

CLIENT = Path(__file__).parents[2] / "shared" / "typescript"


@pytest.fixture(scope="module")
def built() -> Path:
    """The client and its tests, compiled under all that is strict."""
    node.fetched(CLIENT)
    done = node.run(CLIENT, "node_modules/typescript/bin/tsc", "--project", "tsconfig.test.json", within=120)
    assert done.returncode == 0, done.stdout
    return CLIENT / "build" / "test"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[tuple[Stack, Whole]]:
    limits = {"PSMP_KEY_REQUESTS_PER_MINUTE": "0", "PSMP_LIVE_BEAT_SECONDS": "0.5"}
    planned = whole(durable=False, agents={"default": ["coder"]}, env={**UNLIMITED, **limits}, webhooks=True)
    async with Stack(planned.plan) as stack:
        yield stack, planned


async def test_the_client_does_what_its_own_tests_say(built: Path, running: tuple[Stack, Whole]) -> None:
    stack, planned = running
    env = {
        "PSMP_TEST_URL": planned.api.url,
        "PSMP_TEST_KEY": planned.api.token,
        "PSMP_TEST_NATS": stack.nats.url_for(planned.identities.agent("coder")),
        "PSMP_TEST_GATEWAY_PID": str(stack.pid("gateway")),
    }
    tests = sorted(map(str, built.glob("*.test.js")))
    assert len(tests) == len(list((CLIENT / "test").glob("*.test.ts")))
    done = await asyncio.to_thread(node.run, CLIENT, "--enable-source-maps", "--test", *tests, within=300, **env)
    assert done.returncode == 0, done.stdout
    assert "fail 0" in done.stdout
