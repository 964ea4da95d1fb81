"""Signing in and out as a browser does, at the gateway's own door, with a real Postgres and a real issuer."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, cast

import asyncpg
import httpx2
import pytest

from psmp.rules.limits import Buckets, Limit
from psmp.service.clock import now
from psmp.stack.waiting import until
from psmp.store import api_keys
from psmp.store.pool import open_pool
from psmp.words.api_keys import RANDOM_BYTES, ApiKey, Role, name_of, token
from psmp_gateway import sessions as sessions_
from psmp_gateway.app import build
from psmp_gateway.calls import Ports
from psmp_gateway.entrance import Entrance
from psmp_gateway.keys import Keys
from psmp_gateway.rules.site import Site
from psmp_gateway.server import Door
from psmp_gateway.sessions import Sessions
from psmp_gateway.settings import GatewaySettings, read_trust
from psmp_gateway.signin import SignIn
from psmp_gateway.tokens import Issuer, client_for
from tests import node
from tests.api import Answer, Api
from tests.chromium import chromium
from tests.issuer import CLIENT, SECRET, served, trust_file
from tests.issuer import Issuer as Served

pytestmark = pytest.mark.integration

NOBODY = cast("Any", None)
OURS = {"Sec-Fetch-Site": "same-origin"}


@dataclass(slots=True)
class Gate:
    """One door over a database; ``open`` starts another one, as a restart would."""

    database: str
    issuer: Served | None
    folder: Path
    doors: list[tuple[Door, asyncio.Future[None], Any, Issuer | None]] = field(default_factory=list)

    async def open(self, **settings: Any) -> Api:
        pool = await open_pool(self.database, "gate", size=2)
        told = GatewaySettings(nats_url="nats://x", postgres_dsn="postgres://x", key_requests_per_minute=0, **settings)
        keys = Keys(pool, now)
        kept = Sessions(pool, keys, now, timedelta(hours=told.session_hours))
        site, issuer, sign_in = Site(told.public_url), None, None
        if self.issuer is not None:
            trust = read_trust(trust_file(self.folder, self.issuer))
            issuer = Issuer(trust, client_for(trust), now)
            sign_in = SignIn(issuer, issuer.client, CLIENT, SECRET)
        entrance = Entrance(keys, kept, site, issuer, sign_in)
        ports = Ports(told, NOBODY, NOBODY, keys, NOBODY, Buckets(Limit(0, 1)), list, NOBODY, entrance)
        door = Door(await asyncio.to_thread(build, ports), "127.0.0.1", 0, 3.0)
        self.doors.append((door, asyncio.ensure_future(door.run()), pool, issuer))
        return Api(f"http://127.0.0.1:{door.port}/api/v1")

    async def close(self) -> None:
        for door, running, pool, issuer in self.doors:
            door.stop()
            await running
            pool.terminate()
            if issuer is not None:
                await issuer.close()
        self.doors.clear()

    async def key(self, role: Role = Role.ADMIN, **more: Any) -> str:
        text, at = token(secrets.token_bytes(RANDOM_BYTES)), datetime.now(UTC)
        key = ApiKey(name_of(text) or "", "default", "ada", role, None, at, at + timedelta(days=1), **more)
        await self._kept(lambda connection: api_keys.make(connection, text, key))
        return text

    async def revoke(self, text: str) -> None:
        await self._kept(lambda connection: api_keys.revoke(connection, name_of(text) or "", datetime.now(UTC)))

    async def _kept(self, act: Callable[[asyncpg.Connection], Awaitable[object]]) -> None:
        connection = await asyncpg.connect(self.database)
        await act(connection)
        await connection.close()


@pytest.fixture
async def gate(database: str, tmp_path: Path) -> AsyncIterator[Gate]:
    found = Gate(database, None, tmp_path)
    yield found
    await found.close()


@pytest.fixture
async def trusting(database: str, tmp_path: Path) -> AsyncIterator[Gate]:
    async with served() as issuer:
        found = Gate(database, issuer, tmp_path)
        yield found
        await found.close()


def cookies(answer: Answer) -> dict[str, Any]:
    """The cookies that are set, by the name they would have without TLS."""
    return {
        re.sub(r"_[0-9]+$", "", name): morsel for name, morsel in SimpleCookie(answer.headers["set-cookie"]).items()
    }


def with_cookie(api: Api, answer: Answer) -> Api:
    [morsel] = SimpleCookie(answer.headers["set-cookie"]).values()
    return Api(api.url, headers={"Cookie": f"{morsel.key}={morsel.value}"})


async def signed_in(api: Api, key: str) -> Api:
    answer = await api.post("/session", {"key": key}, Sec_Fetch_Site="same-origin")
    assert answer.status == 201, answer
    return with_cookie(api, answer)


async def test_a_key_is_shown_once_and_a_cookie_that_no_script_can_read_stands_for_it(gate: Gate) -> None:
    api = await gate.open()
    assert (await api.get("/logins")).json == {"key": True}
    key = await gate.key(privileged=True)
    answer = await api.post("/session", {"key": key}, Sec_Fetch_Site="same-origin")
    assert (answer.status, answer.headers["cache-control"]) == (201, "no-store")
    session = cookies(answer)["psmp_session"]
    assert (session["httponly"], session["samesite"], session["path"], session["secure"]) == (True, "strict", "/", "")
    assert key not in str(answer)
    told = await with_cookie(api, answer).get("/session")
    assert (told.json["how"], told.json["agent"], told.json["role"]) == ("session", "ada", "admin")
    assert told.json["privileged"] is False  # that is of keys and tokens alone
    assert (await api.get("/session")).status == 401
    guess = Api(api.url, headers={"Cookie": f"{session.key}=guess"})
    assert (await guess.get("/session")).status == 401
    connection = await asyncpg.connect(gate.database)
    rows = await connection.fetch("SELECT * FROM psmp.session")
    await connection.close()
    assert len(rows) == 1
    assert session.value not in str([dict(each) for each in rows])


async def test_a_session_lasts_over_a_restart_and_ends_everywhere_when_somebody_signs_out(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions_, "FRESH", 0.05)
    one = await gate.open()
    browser = await signed_in(one, await gate.key())
    other = await gate.open()
    name, value = browser.headers["Cookie"].split("=", 1)
    renamed = re.sub(r"_[0-9]+$", f"_{other.url.split(':')[2].split('/')[0]}", name)
    elsewhere = Api(other.url, headers={"Cookie": f"{renamed}={value}"})
    assert (await elsewhere.get("/session")).status == 200
    out = await browser.ask("DELETE", "/session", None, Sec_Fetch_Site="same-origin")
    assert (out.status, cookies(out)["psmp_session"].value) == (204, "")
    assert (await browser.get("/session")).status == 401

    async def is_out() -> bool:
        return (await elsewhere.get("/session")).status == 401

    assert await until(is_out, within=30)


async def test_a_session_ends_with_its_key_and_with_its_time(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions_, "FRESH", 0.05)
    api = await gate.open()
    short = await gate.open(session_hours=0.0001)
    key = await gate.key()
    browser = await signed_in(api, key)
    brief = await signed_in(short, key)

    async def is_over() -> bool:
        return (await brief.get("/session")).status == 401

    assert await until(is_over, within=30)
    assert (await browser.get("/session")).status == 200
    await gate.revoke(key)
    stranger = await gate.key()  # a key that is not known yet has all of them read anew
    assert (await Api(api.url, stranger).get("/session")).status == 200
    assert (await browser.get("/session")).status == 401


async def test_what_carries_a_cookie_and_comes_from_another_site_changes_nothing(gate: Gate) -> None:
    api = await gate.open()
    key = await gate.key()
    browser = await signed_in(api, key)
    for said in (
        {},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://evil.example", "Sec_Fetch_Site": "same-origin"},
    ):
        refused = await browser.ask("POST", "/internal/drain", None, **said)
        assert refused.status == 404
        refused = await browser.post("/projects", {"project": "forged"}, **said)
        assert (refused.status, refused.code) == (403, "FORBIDDEN"), said
        if said:
            assert (await api.post("/session", {"key": key}, **said)).code == "FORBIDDEN"
            assert (await browser.ask("DELETE", "/session", None, **said)).code == "FORBIDDEN"
    origin = api.url.removesuffix("/api/v1")
    for said in ({"Origin": origin}, {"Sec_Fetch_Site": "same-origin"}):
        allowed = await browser.post("/projects", {"project": "a.b"}, **said)  # it is let in, and cannot be
        assert allowed.code == "INVALID"
    assert (
        await browser.get("/session", Sec_Fetch_Site="cross-site")
    ).status == 200  # nothing changes, nobody reads it
    # Who shows a key is no browser: where it comes from does not matter.
    assert (await Api(api.url, key).post("/projects", {"project": "a.b"})).code == "INVALID"


async def test_people_sign_in_with_the_issuer_and_come_back_where_they_wanted_to_go(trusting: Gate) -> None:
    api = await trusting.open()
    assert (await api.get("/logins")).json == {"key": False, "begin": "/api/v1/session/login"}
    assert (await api.post("/session", {"key": await trusting.key()})).code == "FORBIDDEN"
    began = await api.get("/session/login?next=/projects/rag")
    login = cookies(began)["psmp_login"]
    assert (began.status, login["samesite"], login["httponly"], login["max-age"]) == (303, "lax", True, "600")
    async with httpx2.AsyncClient(trust_env=False) as browser:
        agreed = await browser.get(began.headers["location"])
    back = agreed.headers["location"].removeprefix(api.url)
    assert "code=" in back
    stranger = await api.get(back)
    assert (stranger.status, "nobody began" in stranger.json["detail"]) == (401, True)
    finished = await with_cookie(api, began).get(back)
    assert finished.status == 200, finished
    assert b'content="0;url=/projects/rag"' in finished.body
    pattern = r"(?i)(psmp_session_[0-9]+)=([^;]+);[^,]*SameSite=strict"
    value = re.search(pattern, finished.headers["set-cookie"])
    assert value is not None
    told = (await Api(api.url, headers={"Cookie": f"{value[1]}={value[2]}"}).get("/session")).json
    assert (told["agent"], told["role"], told["how"]) == ("ada", "admin", "session")
    again = await with_cookie(api, began).get(back)
    assert again.code == "UNAUTHENTICATED"


async def test_whom_the_issuer_knows_and_nobody_granted_anything_is_told_so(trusting: Gate) -> None:
    assert trusting.issuer is not None
    api = await trusting.open()
    good = await Api(api.url, trusting.issuer.token(groups=["robots"])).get("/session")
    assert (good.json["how"], good.json["role"], good.json["privileged"]) == ("token", "operator", True)
    nobody = await Api(api.url, trusting.issuer.token(groups=["others"])).get("/session")
    assert (nobody.status, nobody.code) == (403, "FORBIDDEN")
    old = await Api(api.url, trusting.issuer.token(exp=1)).get("/session")
    assert (old.status, old.code) == (401, "UNAUTHENTICATED")
    trusting.issuer.person = {"sub": "eve", "groups": []}
    began = await api.get("/session/login")
    async with httpx2.AsyncClient(trust_env=False) as browser:
        agreed = await browser.get(began.headers["location"])
    refused = await with_cookie(api, began).get(agreed.headers["location"].removeprefix(api.url))
    assert (refused.status, refused.code) == (403, "FORBIDDEN")
    assert "psmp_session" not in refused.headers.get("set-cookie", "")


async def test_behind_its_public_address_cookies_go_over_tls_alone(gate: Gate) -> None:
    api = await gate.open(public_url="https://psmp.example.org")
    answer = await api.post("/session", {"key": await gate.key()}, Origin="https://psmp.example.org")
    [session] = SimpleCookie(answer.headers["set-cookie"]).values()
    assert (session.key, session["secure"], session["samesite"]) == ("__Host-psmp_session", True, "strict")
    assert (await api.post("/session", {"key": "x"}, Origin="http://psmp.example.org")).code == "FORBIDDEN"


@pytest.mark.slow
async def test_somebody_signs_in_at_the_issuer_with_the_button_of_the_dashboard(trusting: Gate, tmp_path: Path) -> None:
    api = await trusting.open()
    assert trusting.issuer is not None
    walk = Path(__file__).parents[1] / "browser"
    await asyncio.to_thread(node.fetched, walk)
    browser, more = await asyncio.to_thread(chromium, tmp_path)
    env = more | {
        "PSMP_TEST_SITE": api.url.removesuffix("/api/v1"),
        "PSMP_TEST_ISSUER": trusting.issuer.url,
        "PSMP_TEST_CHROMIUM": browser,
        "PSMP_TEST_PICTURES": str(tmp_path),
    }
    done = await asyncio.to_thread(lambda: node.run(walk, "signin.mjs", within=300, **env))
    assert done.returncode == 0, done.stdout
