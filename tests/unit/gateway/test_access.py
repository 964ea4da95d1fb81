"""API keys and what they open."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.words import api_keys
from psmp.words.api_keys import ENTITIES, RANDOM_BYTES, ApiKey, Role, digest, faults, name_of, token
from psmp.words.commands import Command
from psmp_gateway.rules.access import COMMANDS, PERMISSIONS, SENT, Caller, Permission, of_key

NOW = datetime(2026, 11, 26, tzinfo=UTC)
chances = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


def key(role: Role = Role.VIEWER, projects: frozenset[str] | None = None, revoked: datetime | None = None) -> ApiKey:
    return ApiKey("0" * 8, "default", "ada", role, projects, NOW, NOW + timedelta(days=1), revoked)


@given(chances)
def test_a_token_tells_its_name_and_has_the_published_form(chance: bytes) -> None:
    made = token(chance)
    assert re.fullmatch(r"psmp_[0-9a-z]{8}_[0-9A-Za-z]{49}", made)
    assert name_of(made) == made.split("_")[1]
    assert len(digest(made)) == 32


@given(chances, chances)
def test_two_chances_make_two_tokens(one: bytes, other: bytes) -> None:
    assert (token(one) == token(other)) is (one == other or _same(one, other))


def _same(one: bytes, other: bytes) -> bool:
    """Names are a little shorter than the chance that goes into them."""
    names = [int.from_bytes(each[:6], "big") % 36**8 for each in (one, other)]
    return names[0] == names[1] and one[6:] == other[6:]


@given(chances, st.integers(5, 62), st.characters(categories=["L", "N"]))
def test_a_mistyped_token_is_none(chance: bytes, place: int, letter: str) -> None:
    made = token(chance)
    mistyped = made[:place] + letter + made[place + 1 :]
    assert (name_of(mistyped) is None) is (mistyped != made)


def test_a_key_opens_something_until_it_expires_or_is_revoked() -> None:
    assert key().is_good(NOW)
    assert not key().is_good(NOW + timedelta(days=1))
    assert not key(revoked=NOW).is_good(NOW)


@pytest.mark.parametrize(
    ("tenant", "agent", "projects", "count"),
    [
        ("default", "ada", None, 0),
        ("default", "ada", frozenset({"rag"}), 0),
        ("psmp", "ada", None, 1),
        ("a.b", "psmp_x", frozenset({"*"}), 3),
        ("default", "ada", frozenset[str](), 1),
    ],
)
def test_a_key_that_cannot_be_is_told_why(tenant: str, agent: str, projects: frozenset[str] | None, count: int) -> None:
    assert len(faults(tenant, agent, projects)) == count


def test_every_role_has_a_row_and_every_permission_a_role() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert frozenset().union(*PERMISSIONS.values()) == set(Permission) - {Permission.INTERNAL}
    assert PERMISSIONS[Role.ADMIN] == set(Permission) - {Permission.INTERNAL}
    assert not {role for role in Role if Permission.SPEAK_AS_OTHERS in PERMISSIONS[role]} - {Role.ADMIN}


def test_a_caller_sees_the_projects_of_its_key() -> None:
    everything = Caller(of_key(key()), "ada")
    one = Caller(of_key(key(Role.AGENT, frozenset({"rag"}))), "ada")
    assert everything.sees("x")
    assert (one.sees("rag"), one.sees("x"), one.tenant) == (True, False, "default")
    assert (one.may(Permission.DECLARE), everything.may(Permission.DECLARE)) == (True, False)


def test_the_alphabet_is_base_62() -> None:
    assert len(set(api_keys._DIGITS)) == 62


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("privileged", [False, True])
def test_what_is_internal_is_for_privileged_clients_that_may_operate(role: Role, privileged: bool) -> None:
    caller = Caller(of_key(replace(key(role), privileged=privileged)), "ada")
    assert caller.may(Permission.INTERNAL) is (privileged and role in (Role.OPERATOR, Role.ADMIN))
    assert caller.privileged is privileged
    assert not Caller(caller.grant, "bob").privileged  # what is said in another's name is nobody's privilege


@pytest.mark.parametrize("role", Role)
def test_a_role_may_send_the_same_commands_over_nats_and_over_http(role: Role) -> None:
    over_http = {kind.KIND for kind, permission in COMMANDS.items() if permission in PERMISSIONS[role]}
    assert over_http == {kind for kind in SENT if kind.partition(".")[0] in ENTITIES[role]}


def test_every_command_is_somebodys_or_the_operators_of_psmp_alone() -> None:
    ours = {"subject.erase", "hold.place", "hold.release", "retention.set"}
    assert {each.KIND for each in get_args(Command)} - set(SENT) == ours
    assert not {each.partition(".")[0] for each in ours} & {entity for each in ENTITIES.values() for entity in each}
