"""Who may do what over HTTP: every route with every role and without a key; what is another tenant's is unknown.

So it is with webhooks: a tenant has its own, and none is told what happens to another.
"""

import asyncio
import json
import re
import statistics
import time
from datetime import timedelta
from typing import Any, Final

import pytest
from starlette.routing import WebSocketRoute
from websockets.exceptions import InvalidStatus

from psmp.stack.waiting import until
from psmp.story.graph import graph as story_graph
from psmp.wire.connection import Address, connect
from psmp.words.api_keys import Role
from psmp_gateway.blank import application, table
from psmp_gateway.mcp import METHODS
from psmp_gateway.mcp import PATH as MCP
from psmp_gateway.rules.access import Permission
from psmp_gateway.table import PREFIX, SOCKET, Route
from tests.api import Answer, Api
from tests.gateway import Gateway, gateway
from tests.hooking import genuine, posting
from tests.receiver import OK, Receiver, receiving, status
from tests.talking import talking

__all__ = ["gateway"]

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

VALUES: Final = {
    "project": "nowhere",
    "artifact": "a",
    "conflict": "C-1",
    "resolution": "R-1",
    "alert": "letter-1",
    "letter": "1",
    "webhook": "nowhere",
    "sequence": "1",
    "maeg": "MAEG-P1",
    "node": "n1",
    "task": "docs",
}
NEEDED: Final = {"/projects/{project}/diff": "?at=1", "/projects/{project}/proofs/consistency": "?since=1"}
WHO: Final = {
    Permission.READ: "viewer agent resolver operator auditor admin",
    Permission.DECLARE: "agent admin",
    Permission.RESOLVE: "agent resolver admin",
    Permission.PLAN: "agent operator admin",
    Permission.GOVERN: "operator admin",
    Permission.OPERATE: "operator admin",
    Permission.INSPECT: "operator auditor admin",
    Permission.INTERNAL: "",
}
PUBLIC: Final = {"/problems": 200, "/health": 200, "/logins": 200}
"""What tells everybody the same, with its status."""
SIGNING: Final = {"/session": (422, 204), "/session/login": (404,), "/session/callback": (404,)}
"""What lets people in or out, with the statuses of calls that show nothing."""


async def called(api: Api, route: Route) -> Answer:
    if route.method == SOCKET:
        return await greeted(api)
    path = re.sub(r"\{(\w+)\}", lambda found: VALUES[found[1]], route.path)
    if route.path in ("/governance/conflicts/{conflict}", "/governance/conflicts/{conflict}/resolve"):
        path += "?project=nowhere"
    if not route.says:
        async with api.stream(path) as stream:
            return Answer(stream.status, {"content-type": "application/problem+json"}, b"")
    return await api.ask(route.method, path, {} if route.takes else None)


async def greeted(api: Api) -> Answer:
    """What a WebSocket's handshake is answered."""
    try:
        async with talking(Api(api.url, api.token or "nothing")) as talk:
            assert (await talk.hear())["type"] == "welcome"
            return Answer(101, {}, b"")
    except InvalidStatus as refused:
        headers = {name.lower(): value for name, value in refused.response.headers.raw_items()}
        return Answer(refused.response.status_code, headers, bytes(refused.response.body))


async def test_every_route_lets_in_whom_its_permission_names_and_nobody_else(gateway: Gateway) -> None:
    keys = {role: await gateway.key(role) for role in Role}
    for route in table():
        for role, api in keys.items():
            answer = await called(api, route)
            allowed = route.permission is None or role in WHO[route.permission].split()
            if route.permission is Permission.INTERNAL:
                assert answer.code == "NOT_FOUND"
                continue
            assert (answer.status != 403) is allowed, (route.method, route.path, role, answer)
            assert answer.status not in (401, 500), answer
            if not allowed and route.says:
                assert answer.code == "FORBIDDEN"


async def test_without_a_key_nothing_is_told_but_that_everything_is_well(gateway: Gateway) -> None:
    strangers = (
        *(Api(gateway.admin.url, each) for each in (None, "x", "psmp_00000000_" + "0" * 49)),
        Api(gateway.admin.url, (gateway.admin.token or "")[:-1] + "_"),
        await gateway.key("admin", lasts=timedelta(seconds=-1)),
    )
    for route in table():
        for stranger in strangers:
            answer = await called(stranger, route)
            if route.permission is None:
                expected = (PUBLIC[route.path],) if route.path in PUBLIC else SIGNING[route.path]
                assert answer.status in expected, (route, answer)
            elif route.permission is Permission.INTERNAL:
                assert answer.code == "NOT_FOUND"
            else:
                assert answer.status == 401, (route, answer)
                if route.says:
                    assert (answer.code, answer.headers["www-authenticate"]) == (
                        "UNAUTHENTICATED",
                        'Bearer realm="psmp"',
                    )


async def test_the_application_serves_the_table_its_description_the_dashboard_and_nothing_else() -> None:
    served = {
        (method, getattr(route, "path", "?"))
        for route in (await asyncio.to_thread(application)).routes
        for method in ({SOCKET} if isinstance(route, WebSocketRoute) else getattr(route, "methods", None) or {"?"})
    }
    listed = {(route.method, PREFIX + route.path) for route in table()}
    described = {("GET", f"{PREFIX}/openapi.json"), ("HEAD", f"{PREFIX}/openapi.json")}
    models = {(method, MCP) for method in (*METHODS, "HEAD")}
    pages = {(method, path) for method in ("GET", "HEAD") for path in ("/", "/ui", "/ui/{path:path}")}
    assert served == listed | described | models | pages
    open_to_all = {(route.method, route.path) for route in table() if route.permission is None}
    signing = {("POST", "/session"), ("DELETE", "/session"), ("GET", "/session/login"), ("GET", "/session/callback")}
    assert open_to_all == {("GET", path) for path in PUBLIC} | signing


async def test_a_key_opens_nothing_once_it_is_revoked(gateway: Gateway) -> None:
    api = await gateway.key("viewer")
    assert (await api.get("/projects")).status == 200
    await gateway.revoke(api)
    answer = await api.get("/projects")
    while answer.status == 200:  # within the second in which keys are read anew
        answer = await api.get("/projects")
    assert answer.code == "UNAUTHENTICATED"


async def test_another_tenants_project_is_unknown_in_the_very_words_of_one_that_never_was(gateway: Gateway) -> None:
    await gateway.project("secret")
    await gateway.declare("secret", "a", "langchain >=0.1.0")
    await gateway.declare("secret", "b", "langchain ==0.0.350")
    other = await gateway.key("admin", tenant="acme")
    narrow = await gateway.key("admin", projects=frozenset({"mine"}))
    for api in (other, narrow):
        for route in table():
            if ("project" not in route.path and "conflict}" not in route.path) or route.path == "/projects":
                continue
            bodies: list[dict[str, object]] = [
                {},
                {"reason": "x"},
                {"to": "ARCHIVED", "reason": "x"},
                {"strategy": "retry", "reason": "x"},
            ]
            bodies += [{"artifact": "a", "type": "code"}, {"answer": "no"}, json.loads(story_graph())]
            bodies += [{"role": "lead", "agrees": True, "reason": "x"}, {"task": "t", "title": "x"}, {"title": "x"}]
            bodies += [{"name": "x", "reason": "x"}]
            found = []
            for name in ("secret", "never"):
                path = re.sub(r"\{(\w+)\}", lambda hit: {**VALUES, "project": name}[hit[1]], route.path)  # noqa: B023
                path += NEEDED.get(route.path, "") if "{project}" in route.path else f"?project={name}"
                tried = bodies if route.takes else [None]
                answers = [await api.ask(route.method, path, body, Prefer="wait") for body in tried]
                [answer, *_] = [each for each in answers if each.status != 422]
                assert answer.code == "UNKNOWN_PROJECT", (route, answer)
                found.append(answer.body.replace(name.encode(), b"..."))
            assert found[0] == found[1], route
        listed = (await api.get("/projects")).json["items"]
        assert "secret" not in {each["project"] for each in listed}
        for path in ("/governance/conflicts", "/governance/blocking-report", "/alerts", "/dead-letters"):
            assert (await api.get(path)).json["items"] == []
    seen = (await gateway.admin.get("/governance/conflicts?project=secret")).json["items"]
    assert [each["conflict"]["id"] for each in seen] == ["C-1"]


async def test_an_admin_speaks_in_any_agents_name_and_nobody_else_in_anothers(gateway: Gateway) -> None:
    await gateway.project("voices")
    body = {"artifact": "a", "type": "code"}
    agent = await gateway.key("agent", "ada")
    denied = await agent.speaking_as("bob").post("/projects/voices/artifacts", body)
    assert denied.code == "FORBIDDEN"
    own = await agent.speaking_as("ada").post("/projects/voices/artifacts", body, Prefer="wait")
    assert own.json["verdict"] == "accepted"
    as_bob = gateway.admin.speaking_as("bob")
    said = await as_bob.post("/projects/voices/artifacts", {**body, "artifact": "b"}, Prefer="wait")
    assert said.status == 201
    items = (await gateway.admin.get("/projects/voices/artifacts")).json["items"]
    assert [(each["artifact"], each["agent"]) for each in items] == [("a", "ada"), ("b", "bob")]
    for name in ("psmp_intake", "a.b", "*", ">", ""):
        refused = await gateway.admin.speaking_as(name).post("/projects/voices/artifacts", body)
        assert (refused.status, refused.code) == (422, "INVALID")


async def test_what_is_internal_is_there_for_privileged_clients_and_for_nobody_else(gateway: Gateway) -> None:
    operator = await gateway.key("operator", privileged=True)
    plain = await gateway.key("admin")
    pretender = Api(plain.url, plain.token, {"Psmp-Privileged": "true", "X-Internal": "1"})
    privileged_agent = await gateway.key("agent", privileged=True)
    never = await plain.get("/internal/nothing")
    routes = [route for route in table() if route.permission is Permission.INTERNAL]
    assert len(routes) >= 5
    for api in (Api(plain.url), plain, pretender, privileged_agent):
        for method, path in {(route.method, route.path) for route in routes} | {("PUT", "/internal/health")}:
            told = await api.ask(method, path, None)
            assert (told.status, told.body) == (404, never.body.replace(b"/internal/nothing", path.encode()))
            assert told.headers.keys() == never.headers.keys()
    health = await operator.get("/internal/health")
    assert health.status == 200, health
    assert {each["name"] for each in health.json["checked"]} == {"nats", "postgres"}
    assert "psmp_http_requests_total" in (await operator.get("/internal/metrics")).body.decode()
    assert (await operator.ask("POST", "/internal/keys/reload")).status == 204


async def test_a_gateway_that_is_drained_sends_live_readers_away_and_answers_what_is_asked(gateway: Gateway) -> None:
    operator = await gateway.key("operator", privileged=True)
    viewer = await gateway.key("viewer")
    async with viewer.stream() as stream, talking(viewer) as talk:
        await stream.next(beats=True)
        assert (await talk.hear())["type"] == "welcome"
        assert (await operator.ask("POST", "/internal/drain")).json == {"draining": True}
        try:
            said = await stream.next()
            assert said is not None
            assert (said.event, "drained" in said.data["reason"]) == ("psmp.closed", True)
            closed = await talk.hear()
            assert (closed["type"], "drained" in closed["reason"]) == ("closed", True)
            assert (await viewer.get("/health")).status == 503
            assert (await viewer.get("/events/stream")).code == "OVERLOADED"
            assert (await viewer.get("/projects")).status == 200
        finally:
            assert (await operator.ask("DELETE", "/internal/drain")).json == {"draining": False}
    assert (await viewer.get("/health")).status == 200


async def test_another_tenants_project_takes_as_long_as_one_that_never_was(gateway: Gateway) -> None:
    await gateway.project("timed")
    other = await gateway.key("admin", tenant="acme")
    took: dict[str, list[float]] = {"timed": [], "neverwas": []}
    for _ in range(40):
        for name, times in took.items():
            began = time.perf_counter()
            assert (await other.get(f"/projects/{name}")).code == "UNKNOWN_PROJECT"
            times.append(time.perf_counter() - began)
    ours, none = (statistics.median(times) for times in took.values())
    assert abs(ours - none) < max(0.02, 0.5 * max(ours, none)), took


ALL: Final = ["alert.*", "conflict.*", "project.*"]


async def state_of(api: Api, webhook: str) -> dict[str, Any]:
    answer = await api.get(f"/webhooks/{webhook}")
    assert answer.status == 200, answer
    return dict(answer.json)


async def asked(gateway: Gateway, agent: str, command: str) -> str:
    """What the sender tells that agent of the secret that a command has made."""
    url = gateway.stack.nats.url_for(gateway.planned.identities.service("gateway"))
    nats = await connect(Address(url), "test", inbox="_INBOX_gateway")
    try:
        question = json.dumps({"webhook": "hook", "command_id": command}).encode()
        return (await nats.request(f"psmp.qry.hooks.{agent}.secret", question, timeout=60)).data.decode()
    finally:
        await nats.close()


def told_of(receiver: Receiver) -> set[str]:
    """The projects of which a receiver was told."""
    return {json.loads(got.body)["subject"] for got in receiver.got}


async def test_a_webhook_of_a_tenant_is_made_changed_signed_anew_ended_and_removed_without_a_restart(
    gateway: Gateway,
) -> None:
    api = await gateway.key("operator", "ops", tenant="hooks")
    viewer = await gateway.key("viewer", "eve", tenant="hooks")
    assert (await viewer.get("/webhooks")).json == {"items": []}
    assert (await api.ask("DELETE", "/webhooks/hook")).code == "UNKNOWN_WEBHOOK"
    async with (
        receiving(status(500), OK) as first,
        receiving(status(410), OK) as second,
        posting(gateway.stack, gateway.planned) as sender,
    ):
        wanted = {"webhook": "hook", "url": first.url, "kinds": ALL}
        made = await api.post("/webhooks", wanted, **{"Idempotency-Key": "make-hook"})
        assert (made.status, made.headers["cache-control"]) == (201, "no-store"), made
        secret = made.json["secret"]
        again = await api.post("/webhooks", wanted, **{"Idempotency-Key": "make-hook"})
        assert (again.json["secret"], again.json["position"]) == (secret, made.json["position"])
        assert (await api.post("/webhooks", wanted)).code == "WEBHOOK_EXISTS"
        for agent, may in (("ops", True), ("mallory", False)):
            assert (secret in await asked(gateway, agent, made.json["command_id"])) is may
        shown = await viewer.get("/webhooks")
        assert secret not in shown.body.decode()
        events = await viewer.get("/projects/psmp_tenant/events")
        assert secret not in events.body.decode()
        assert (await viewer.ask("POST", "/webhooks/hook/test")).code == "FORBIDDEN"

        assert (await api.post("/projects", {"project": "hooked"})).status == 201
        moved = await api.post("/projects/hooked/transition", {"to": "PLANNING", "reason": "a test"})
        assert moved.status == 200, moved

        async def taken() -> bool:
            return (await state_of(api, "hook"))["health"]["waiting"] == 0 and len(first.got) >= 3

        await until(taken, within=60)  # what it did not take at first came again
        assert all(genuine(got, secret) for got in first.got)

        tag = (await api.get("/webhooks/hook")).headers["etag"]
        stale = await api.ask("PATCH", "/webhooks/hook", {"url": second.url}, **{"If-Match": '"1"'})
        assert (stale.status, f'"{stale.json["sequence"]}"') == (412, tag)
        changed = await api.ask("PATCH", "/webhooks/hook", {"url": second.url}, **{"If-Match": tag})
        assert changed.status == 200, changed
        rotated = await api.post("/webhooks/hook/rotate", {"overlap_seconds": 3600})
        sender.kill()
        assert sender.child is not None
        await sender.child.wait()
        await sender.start()
        tested = await api.ask("POST", "/webhooks/hook/test")
        assert tested.status == 200, tested

        async def ended() -> bool:
            return (await state_of(api, "hook")).get("ended") is not None

        await until(ended, within=60)
        assert all(genuine(second.got[-1], each) for each in (secret, rotated.json["secret"]))
        assert json.loads(second.got[-1].body)["type"] == "psmp.webhook.tested.v1"
        heard = len(second.got)
        assert (await api.ask("PATCH", "/webhooks/hook", {})).status == 200  # it begins anew
        assert "ended" not in await state_of(api, "hook")
        await api.ask("POST", "/webhooks/hook/test")

        async def delivered() -> bool:
            return (await state_of(api, "hook"))["health"].get("delivered") is not None

        await until(delivered, within=60)
        assert len(second.got) == heard + 1
        assert (await api.ask("DELETE", "/webhooks/hook")).status == 200
        assert (await api.get("/webhooks/hook")).code == "UNKNOWN_WEBHOOK"


async def test_one_tenants_webhook_is_told_nothing_of_anothers_and_nobody_sees_it_there(gateway: Gateway) -> None:
    ours, theirs = await gateway.key("admin", tenant="ours"), await gateway.key("admin", tenant="theirs")
    narrow = await gateway.key("admin", tenant="ours", projects=frozenset({"one"}))
    async with receiving() as mine, receiving() as other, posting(gateway.stack, gateway.planned):
        for api, receiver in ((ours, mine), (theirs, other)):
            made = await api.post("/webhooks", {"webhook": "hook", "url": receiver.url, "kinds": ALL})
            assert made.json.get("secret"), made
        assert (await ours.post("/webhooks", {"webhook": "second", "url": mine.url})).status == 201
        assert (await theirs.get("/webhooks/second")).code == (await theirs.get("/webhooks/never")).code
        assert (await narrow.get("/webhooks")).code == "UNKNOWN_PROJECT"
        assert (await narrow.post("/webhooks", {"webhook": "x", "url": mine.url})).code == "UNKNOWN_PROJECT"
        for api in (ours, theirs):
            assert (await api.post("/projects", {"project": "both"})).status == 201

        async def told() -> bool:
            return "ours/both" in told_of(mine) and "theirs/both" in told_of(other)

        await until(told, within=60)
        assert {each.partition("/")[0] for each in told_of(mine)} == {"ours"}
        assert {each.partition("/")[0] for each in told_of(other)} == {"theirs"}


async def test_without_a_sender_a_webhook_is_made_and_its_secret_is_told_once_there_is_one(gateway: Gateway) -> None:
    api = await gateway.key("admin", tenant="early")
    wanted, key = {"webhook": "hook", "url": "https://hooks.example/"}, {"Idempotency-Key": "early"}
    made = await api.post("/webhooks", wanted, **key, Prefer="wait=1")
    while made.status == 202:
        made = await api.post("/webhooks", wanted, **key, Prefer="wait=1")
    assert (made.status, "secret" in made.json, "within ten minutes" in made.json["hint"]) == (201, False, True)
    assert "health" not in await state_of(api, "hook")
    async with posting(gateway.stack, gateway.planned):
        assert (await api.post("/webhooks", wanted, **key)).json["secret"].startswith("whsec_")
        stranger = await gateway.key("operator", "bob", tenant="early")
        assert "secret" not in (await stranger.post("/webhooks", wanted, **key)).json
