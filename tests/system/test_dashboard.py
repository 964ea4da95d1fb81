"""The dashboard in a real browser, against a real stack: the story of the RAG chatbot, walked with the keyboard."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests import node
from tests.chromium import chromium
from tests.gateway import Gateway, gateway

__all__ = ["gateway"]

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

WALK = Path(__file__).parents[1] / "browser"
PICTURES = "PSMP_PICTURES"
"""The variable that names a folder in which the pictures are to stay."""


async def test_somebody_walks_the_story_of_the_rag_chatbot_with_the_keyboard(gateway: Gateway, tmp_path: Path) -> None:
    pictures = Path(os.environ.get(PICTURES, tmp_path))
    await asyncio.to_thread(node.fetched, WALK)
    browser, more = await asyncio.to_thread(chromium, tmp_path)
    env = more | {
        "PSMP_TEST_SITE": gateway.planned.api.site,
        "PSMP_TEST_KEY": gateway.planned.api.token,
        "PSMP_TEST_CHROMIUM": browser,
        "PSMP_TEST_PICTURES": str(pictures),
        "PSMP_TEST_GATEWAY_PID": str(gateway.stack.pid("gateway")),
    }
    done = await asyncio.to_thread(lambda: node.run(WALK, "walk.mjs", within=420, **env))
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stdout
