"""Whose tokens are trusted, what they grant, and which requests come from the site's own pages."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from psmp.words.api_keys import Role
from psmp.words.subjects import is_id
from psmp_gateway.rules.site import Site, within
from psmp_gateway.rules.trust import Trust, agent_of, claim, is_loopback, is_safe

EXP = 1_900_000_000


def trust(*grants: dict[str, Any], **more: Any) -> Trust:
    rules = grants or ({"claim": "groups", "value": "team", "role": "agent"},)
    told = {"issuer": "https://idp.example", "audience": "psmp", "grants": rules, **more}
    return Trust.model_validate_json(json.dumps(told))


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"groups": ["x", "team"]}, Role.AGENT),
        ({"groups": "team"}, Role.AGENT),
        ({"groups": ["x", "boss", "team"]}, Role.ADMIN),
        ({"realm": {"roles": ["root"]}}, Role.OPERATOR),
        ({"realm.roles": "root"}, Role.OPERATOR),
        ({"staff": True}, Role.VIEWER),
        ({"staff": 1}, None),
        ({"staff": "true"}, None),
        ({"groups": ["teams"]}, None),
        ({"groups": {"team": 1}}, None),
        ({"realm": "roles"}, None),
        ({}, None),
    ],
)
def test_the_first_rule_that_fits_counts_and_without_one_nothing_is_granted(
    claims: dict[str, Any], role: Role | None
) -> None:
    rules = (
        {"claim": "groups", "value": "boss", "role": "admin"},
        {"claim": "groups", "value": "team", "role": "agent", "projects": ["rag"]},
        {"claim": "realm.roles", "value": "root", "role": "operator", "privileged": True},
        {"claim": "staff", "value": True, "role": "viewer"},
    )
    grant = trust(*rules).grant({"sub": "ada", "exp": EXP, **claims})
    assert (grant.role if grant else None) is role
    if grant is not None:
        assert (grant.agent, grant.expires) == ("ada", datetime.fromtimestamp(EXP, UTC))
        assert grant.privileged is (role is Role.OPERATOR)
        assert grant.projects == (frozenset({"rag"}) if role is Role.AGENT else None)


def test_who_is_nobody_is_granted_nothing() -> None:
    for who in (None, "", 7, ["ada"]):
        assert trust().grant({"sub": who, "groups": "team", "exp": EXP}) is None
    named = trust(agent_claim="user.name").grant({"user": {"name": "bob"}, "groups": "team", "exp": EXP})
    assert named is not None
    assert named.agent == "bob"
    assert claim({"a": {"b": 1}}, "a.b") == 1


@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=200))
def test_two_people_are_never_one_agent(one: str, other: str) -> None:
    assert is_id(agent_of(one))
    assert not agent_of(one).startswith("psmp_")
    assert (agent_of(one) == agent_of(other)) is (one == other)
    assert agent_of(agent_of(one)) == agent_of(one) or agent_of(one) != one  # nor by taking the other's name


def test_nobody_can_be_called_as_somebody_else_was_made_to_be() -> None:
    made = agent_of("ada@example.org")
    assert made.startswith("ada-example-org-")
    assert agent_of(made) != made
    assert agent_of("psmp_intake").startswith("x-psmp_intake-")
    assert agent_of("ß").startswith("x--")


@pytest.mark.parametrize(
    "more",
    [
        {"issuer": "http://idp.example"},
        {"issuer": "ftp://idp.example"},
        {"algorithms": ["HS256"]},
        {"algorithms": ["none"]},
        {"algorithms": []},
        {"grants": []},
        {"grants": [{"claim": "g", "value": "x", "role": "king"}]},
        {"grants": [{"claim": "g", "value": "x", "role": "admin", "tenant": "psmp"}]},
        {"grants": [{"claim": "g", "value": "x", "role": "admin", "projects": []}]},
        {"leeway_seconds": 3600},
        {"unknown": 1},
    ],
)
def test_a_trust_that_cannot_be_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        trust(**more)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://idp.example/realms/x", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://localhost", True),
        ("http://idp.example", False),
        ("https://user@idp.example", False),
        ("https://", False),
        ("http://[::1", False),
        ("javascript:alert(1)", False),
    ],
)
def test_secrets_go_where_nobody_between_reads_them(url: str, *, safe: bool) -> None:
    assert is_safe(url) is safe


def test_this_machine_is_known_by_its_addresses() -> None:
    assert [is_loopback(each) for each in ("127.9.9.9", "[::1]", "localhost", "10.0.0.1", "127.0.0.1.example")] == [
        *(True, True, True),
        *(False, False),
    ]


HERE = "127.0.0.1:4280"


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"host": HERE, "origin": "http://127.0.0.1:4280"}, True),
        ({"host": HERE, "origin": "http://127.0.0.1:4281"}, False),
        ({"host": HERE, "origin": "https://127.0.0.1:4280"}, False),
        ({"host": HERE, "origin": "null", "sec-fetch-site": "same-origin"}, False),
        ({"host": HERE, "sec-fetch-site": "same-origin"}, True),
        ({"host": HERE, "sec-fetch-site": "none"}, True),
        ({"host": HERE, "sec-fetch-site": "same-site"}, False),
        ({"host": HERE}, False),
        ({}, False),
    ],
)
def test_what_our_pages_send_is_told_from_what_others_send(headers: dict[str, str], *, ours: bool) -> None:
    assert Site().sent_by_us(headers) is ours


def test_behind_a_proxy_the_public_address_counts_whatever_the_proxy_asks_for() -> None:
    site = Site("https://psmp.example/")
    assert site.is_ours("https://PSMP.example", HERE)
    assert not site.is_ours("http://127.0.0.1:4280", HERE)
    assert (site.session_cookie(HERE), site.secure(HERE)) == ("__Host-psmp_session", True)
    assert (Site().login_cookie(HERE), Site().secure(HERE)) == ("psmp_login_4280", False)
    assert Site().secure("gateway.internal:80")


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/projects/rag?x=1", "/projects/rag?x=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\nb", "/"),
        (None, "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_one_stays_on_the_site(asked: str | None, path: str) -> None:
    assert within(asked) == path
