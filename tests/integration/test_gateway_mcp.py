"""Models over HTTP: the official client against the gateway of a real stack, in the protocol's older form and newer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from mcp.client import Client as ModelClient
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent

from psmp.mcp.table import TOOLS
from psmp.stack import Stack
from psmp.stack.whole import whole
from tests.api import Api
from tests.gateway import Gateway
from tests.servers import UNLIMITED

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

WITHIN = 60.0
IDLE = 2.0
PAGE = "https://inspector.example"
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
ACCEPT = "application/json, text/event-stream"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway() -> AsyncIterator[Gateway]:
    """A stack whose sessions of models are over soon when nothing is said in them."""
    own = {"PSMP_KEY_REQUESTS_PER_MINUTE": "0", "PSMP_MCP_IDLE_SECONDS": str(IDLE), "PSMP_MCP_ORIGINS": PAGE}
    planned = whole(durable=False, env={**UNLIMITED, **own})
    async with Stack(planned.plan) as stack:
        yield Gateway(stack, planned, Api(planned.api.url, planned.api.token))


def door(gateway: Gateway, token: str | None) -> Api:
    """The address of the tools, for requests that no client of theirs would send."""
    return Api(gateway.admin.url.removesuffix("/api/v1"), token)


@asynccontextmanager
async def session(gateway: Gateway, api: Api, mode: str = "auto") -> AsyncIterator[ModelClient]:
    """A model's session with a key."""
    address = door(gateway, None).url + "/mcp"
    headers = {"Authorization": f"Bearer {api.token}"} if api.token else {}
    async with (
        asyncio.timeout(WITHIN),
        httpx2.AsyncClient(headers=headers, timeout=WITHIN) as http,
        ModelClient(streamable_http_client(address, http_client=http), mode=mode) as model,
    ):
        yield model


async def call(model: ModelClient, tool: str, **given: object) -> dict[str, Any]:
    result = await model.call_tool(tool, given)
    assert not result.is_error, text(result)
    said: dict[str, Any] = result.structured_content
    return said


async def refused(model: ModelClient, tool: str, **given: object) -> str:
    result = await model.call_tool(tool, given)
    assert result.is_error, text(result)
    return str(result.structured_content["code"])


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_model_has_the_same_tools_over_http_and_speaks_as_the_agent_of_its_key(
    gateway: Gateway, mode: str
) -> None:
    name = f"tools-{mode}"
    await gateway.project(name)
    await gateway.declare(name, "backend", "pandas >=2.0", agent="ada")
    key = await gateway.key("agent", "bob", projects=frozenset({name}))
    async with session(gateway, key, mode) as model:
        assert [each.name for each in (await model.list_tools()).tools] == list(TOOLS)
        standing = await call(model, "project_status")
        assert (standing["you"], standing["project"], standing["may_start"]) == ("bob", name, True)
        fence = (await call(model, "request_slot"))["fence"]
        needs = [{"name": "pandas", "constraint": "==1.5.*"}]
        declared = await call(model, "declare_artifact", artifact="notebook", dependencies=needs)
        assert (declared["accepted"], declared["state"]) == (False, "BLOCKED")
        explained = await call(model, "explain_conflict", conflict="C-1")
        own = int(explained["next"][0].partition(", suggestion ")[2].partition(",")[0])
        applied = await call(model, "accept_suggestion", conflict="C-1", suggestion=own, seen=explained["seen"])
        assert (applied["applied"], applied["state"]) == (True, "IN_PROGRESS")
        found = await call(model, "search_audit", actor="bob", kind="artifact.declared")
        assert [each["data"]["artifact"] for each in found["events"]] == ["notebook"]
        read = await model.read_resource(f"psmp://projects/{name}/conflicts")
        assert '"conflicts"' in read.contents[0].model_dump()["text"]
        assert (await call(model, "finish"))["fence"] == fence


async def test_without_a_key_or_with_one_that_opens_nothing_nobody_gets_in(gateway: Gateway) -> None:
    for token in (None, "x", "psmp_00000000_" + "0" * 49):
        answer = await door(gateway, token).ask("POST", "/mcp", INITIALIZE, Accept=ACCEPT)
        assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
        assert answer.headers["www-authenticate"] == 'Bearer realm="psmp"'
        for method in ("GET", "DELETE"):
            assert (await door(gateway, token).ask(method, "/mcp", Accept=ACCEPT)).status == 401
    with pytest.raises((MCPError, ExceptionGroup, httpx2.HTTPError)):
        async with session(gateway, Api(gateway.admin.url, None)):
            pytest.fail("a session without a key")


async def test_a_page_of_another_site_is_refused_whatever_key_it_has(gateway: Gateway) -> None:
    key = await gateway.key("agent", "bob")
    own = door(gateway, None).url
    for origin in ("https://evil.example", own, "null"):
        answer = await door(gateway, key.token).ask("POST", "/mcp", INITIALIZE, Accept=ACCEPT, Origin=origin)
        assert (answer.status, answer.code) == (403, "FORBIDDEN")
    for headers in ({}, {"Origin": PAGE}):
        assert (await door(gateway, key.token).ask("POST", "/mcp", INITIALIZE, Accept=ACCEPT, **headers)).status == 200
    assert (await door(gateway, key.token).ask("PUT", "/mcp", INITIALIZE)).status == 405
    large = b'{"jsonrpc": "2.0", "id": 1, "method": "x", "params": {"x": "' + b"x" * 200_000 + b'"}}'
    assert (await door(gateway, key.token).ask("POST", "/mcp", large, Accept=ACCEPT)).status == 413


async def test_what_a_key_may_not_a_model_with_it_may_not_either(gateway: Gateway) -> None:
    await gateway.project("seen")
    await gateway.project("hidden")
    viewer = await gateway.key("viewer", "eve", projects=frozenset({"seen"}))
    async with session(gateway, viewer) as model:
        assert (await call(model, "project_status"))["project"] == "seen"
        assert await refused(model, "request_slot") == "FORBIDDEN"
        assert await refused(model, "declare_artifact", artifact="a") == "FORBIDDEN"
        assert await refused(model, "accept_suggestion", conflict="C-1", suggestion=1, seen=1) == "FORBIDDEN"
        hidden, never = [await model.call_tool("project_status", {"project": each}) for each in ("hidden", "never")]
        assert (text(hidden), hidden.is_error) == (text(never).replace("never", "hidden"), True)
        with pytest.raises(MCPError, match="UNKNOWN_PROJECT"):
            await model.read_resource("psmp://projects/hidden")
    other = await gateway.key("agent", "eve", tenant="acme")
    async with session(gateway, other) as model:
        assert await refused(model, "project_status", project="seen") == "UNKNOWN_PROJECT"


async def test_a_session_is_nobody_elses(gateway: Gateway) -> None:
    bob, eve = await gateway.key("agent", "bob"), await gateway.key("agent", "eve")
    opened = await door(gateway, bob.token).ask("POST", "/mcp", INITIALIZE, Accept=ACCEPT)
    name = opened.headers["mcp-session-id"]
    ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
    told = {"Accept": ACCEPT, "Mcp-Session-Id": name}
    assert (await door(gateway, eve.token).ask("POST", "/mcp", ping, **told)).status == 404
    assert (await door(gateway, eve.token).ask("DELETE", "/mcp", **told)).status == 404
    assert (await door(gateway, bob.token).ask("POST", "/mcp", ping, **told)).status == 200
    assert (await door(gateway, bob.token).ask("DELETE", "/mcp", **told)).status == 200
    assert (await door(gateway, bob.token).ask("POST", "/mcp", ping, **told)).status == 404


async def slots(gateway: Gateway, project: str) -> list[str]:
    return [each["agent"] for each in (await gateway.admin.get(f"/projects/{project}/slots")).json["items"]]


async def freed(gateway: Gateway, project: str) -> None:
    """Until nobody holds a slot."""
    async with asyncio.timeout(WITHIN):
        while await slots(gateway, project):
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_the_slots_of_a_session_go_with_it_and_not_before(gateway: Gateway, mode: str) -> None:
    name = f"slots-{mode}"
    await gateway.project(name, policy={"lease_seconds": 1})
    key = await gateway.key("agent", "bob", projects=frozenset({name}))
    async with session(gateway, key, mode) as model:
        await call(model, "request_slot")
        later = await gateway.admin.speaking_as("eve").post(f"/projects/{name}/slots", {})
        assert later.status == 201
        async with asyncio.timeout(WITHIN):
            while "eve" in await slots(gateway, name):  # granted later, and no heartbeats keep it
                await call(model, "project_status")
        assert await slots(gateway, name) == ["bob"]
    await freed(gateway, name)


async def test_a_key_that_opens_nothing_any_more_holds_no_slot_either(gateway: Gateway) -> None:
    await gateway.project("revoked", policy={"lease_seconds": 1})
    key = await gateway.key("agent", "bob")
    async with session(gateway, key) as model:
        await call(model, "request_slot", project="revoked")
        await gateway.revoke(key)
        await freed(gateway, "revoked")
