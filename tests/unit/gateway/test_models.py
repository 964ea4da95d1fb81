"""Sessions of models: whose they are, when they are over, and what a caller may of the tools."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from psmp.client import Client, Invalid, Overloaded, Refusal, UnknownProject
from psmp.mcp.session import Session
from psmp.mcp.table import TOOLS
from psmp.words.api_keys import ApiKey, Role
from psmp_gateway.modelling import OFTEN, Owner, Permitted, Sessions
from psmp_gateway.rules.access import Caller, Permission, of_key
from psmp_gateway.rules.tools import PERMISSIONS, may_be_sent_by

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOB, EVE = Owner("default", "bob", "k1", "s1"), Owner("default", "eve", "k2")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def caller(role: Role = Role.AGENT, *projects: str) -> Caller:
    key = ApiKey("k1", "default", "bob", role, frozenset(projects) or None, NOW, NOW + timedelta(days=1))
    return Caller(of_key(key), "bob")


def speak(_: Caller) -> Client:
    raise AssertionError("nobody speaks here")


def opened(
    sessions: Sessions, owner: Owner, ended: list[Owner], *, still: Callable[[], bool] = lambda: True
) -> Session:
    with sessions.using(owner, caller(), speak, still) as session:
        session._exits.callback(ended.append, owner)
        return session


async def test_a_session_is_kept_for_its_owner_until_it_is_ended() -> None:
    sessions, ended = Sessions(10, 9), list[Owner]()
    first = opened(sessions, BOB, ended)
    with sessions.using(BOB, caller(), speak, lambda: True) as again, sessions.using(EVE, caller(), speak, bool) as her:
        assert again is first
        assert her is not first
    await sessions.end(BOB)
    await sessions.end(BOB)
    assert (ended, len(sessions)) == ([BOB], 1)
    assert opened(sessions, BOB, ended) is not first
    await sessions.close()
    assert (ended, len(sessions)) == ([BOB, BOB], 0)


async def test_a_session_that_is_silent_too_long_is_over_and_one_in_use_is_not() -> None:
    clock = Clock()
    sessions, ended = Sessions(10, 9, clock), list[Owner]()
    opened(sessions, BOB, ended)
    clock.now = 10.0
    await sessions.sweep()
    assert ended == [], "ten seconds of silence are allowed"
    with sessions.busy(BOB), sessions.busy(EVE):
        clock.now = 100.0
        await sessions.sweep()
        assert ended == [], "it is not silent"
    clock.now = 110.0
    await sessions.sweep()
    assert ended == []
    clock.now = 110.1
    await sessions.sweep()
    assert ended == [BOB]


async def test_a_session_ends_with_what_it_was_opened_by_even_in_use() -> None:
    sessions, ended = Sessions(10, 9), list[Owner]()
    opened(sessions, BOB, ended, still=lambda: False)
    with sessions.busy(BOB):
        await sessions.sweep()
    assert ended == [BOB]


def test_there_are_no_more_sessions_than_there_may_be() -> None:
    sessions = Sessions(10, 1)
    opened(sessions, BOB, [])
    opened(sessions, BOB, [])
    with pytest.raises(Overloaded):
        opened(sessions, EVE, [])
    assert sessions.pause() == OFTEN
    assert Sessions(1, 1).pause() == 0.5


def test_a_session_means_the_one_project_that_its_key_is_for() -> None:
    sessions = Sessions(10, 9)
    for projects, meant in (((), None), (("rag",), "rag"), (("rag", "web"), None)):
        with sessions.using(Owner("t", "a", str(projects)), caller(Role.AGENT, *projects), speak, bool) as session:
            assert session.project == meant
            if meant is None:
                with pytest.raises(Invalid):
                    session.meant(None)


def test_every_tool_asks_for_a_permission_and_a_role_has_what_it_has_elsewhere() -> None:
    assert set(PERMISSIONS) == set(TOOLS)
    assert all(PERMISSIONS[name] is Permission.READ for name, tool in TOOLS.items() if tool.reads)
    for role in Role:
        for name, permission in PERMISSIONS.items():
            who = caller(role)
            if who.may(permission):
                Permitted(who).tool(name)
            else:
                with pytest.raises(Refusal, match=f"may not {permission}"):
                    Permitted(who).tool(name)
    with pytest.raises(Refusal, match="may not nonsense"):
        Permitted(caller(Role.ADMIN)).tool("nonsense")


def test_a_project_that_the_key_is_not_for_does_not_exist() -> None:
    Permitted(caller(Role.AGENT, "rag")).see("rag")
    with pytest.raises(UnknownProject, match="there is no project web"):
        Permitted(caller(Role.AGENT, "rag")).see("web")


def test_a_page_is_taken_only_where_it_is_named() -> None:
    assert may_be_sent_by(None, "")
    for origin in ("null", "", "http://127.0.0.1:4280", "https://a.example.evil"):
        assert not may_be_sent_by(origin, ""), "programs send none"
        assert not may_be_sent_by(origin, "https://a.example, https://b.example")
    assert may_be_sent_by("https://B.example", " https://a.example, https://b.example,")
