"""Tokens of a real issuer: each step of their verification, keys that change, and an issuer that is away."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from psmp.service.clock import now
from psmp.words.api_keys import Role
from psmp_gateway import tokens
from psmp_gateway.keys import NotKnown
from psmp_gateway.settings import read_trust
from psmp_gateway.signin import SignIn
from psmp_gateway.tokens import Issuer, Untrusted, client_for
from tests.issuer import CLIENT, SECRET, new_key, served, trust_file
from tests.issuer import Issuer as Served

pytestmark = pytest.mark.integration


@pytest.fixture
async def issuer() -> AsyncIterator[Served]:
    async with served() as found:
        yield found


@pytest.fixture
async def trusted(issuer: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Issuer]:
    monkeypatch.setattr(tokens, "SOONEST", 0.02)
    trust = read_trust(trust_file(tmp_path, issuer))
    found = Issuer(trust, client_for(trust), now)
    yield found
    await found.close()


async def why(trusted: Issuer, token: str) -> str:
    with pytest.raises(Untrusted) as caught:
        await trusted.find(token)
    return str(caught.value)


async def test_a_token_grants_what_the_first_rule_says_that_fits(issuer: Served, trusted: Issuer) -> None:
    grant = await trusted.find(issuer.token(groups=["x", "admins"]))
    assert grant is not None
    assert (grant.agent, grant.tenant, grant.role, grant.projects, grant.privileged) == (
        *("ada", "default", Role.ADMIN),
        *(None, False),
    )
    guest = await trusted.find(issuer.token(groups=["guests"], sub="auth0|Zoë@example.org"))
    assert guest is not None
    assert (guest.tenant, guest.role, guest.projects) == ("acme", Role.VIEWER, frozenset({"fair"}))
    assert guest.agent.startswith("auth0-Zo-example-org-")
    for claims in ({"groups": ["others"]}, {"groups": None}, {"groups": "admins-not"}, {"sub": ""}, {"sub": None}):
        assert await trusted.find(issuer.token(**claims)) is None


async def test_step_1_what_is_no_token_is_not_looked_at(issuer: Served, trusted: Issuer) -> None:
    for text in ("a.b", "a.b.c", "e30.e30.", "." * 2, "W10.e30.x", issuer.token(x="y" * 9000)):
        assert await why(trusted, text)
    assert issuer.asked == {}


async def test_step_2_an_algorithm_that_is_not_trusted_is_none(issuer: Served, trusted: Issuer) -> None:
    now_ = int(time.time())
    claims = {"iss": issuer.url, "aud": "psmp", "exp": now_ + 60, **issuer.person}
    bare = [
        base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in ({"alg": "none"}, claims)
    ]
    assert "not trusted" in await why(trusted, ".".join((*bare, "")))
    # The public key as a shared secret, the oldest trick there is.
    shared = OctKey.import_key(json.dumps(issuer.keys[0].as_dict(private=False)))
    forged = jwt.encode({"alg": "HS256", "kid": "first"}, claims, shared, algorithms=["HS256"])
    assert "not trusted" in await why(trusted, forged)
    assert "something else" in await why(trusted, issuer.token(header={"typ": "logout+jwt"}))
    assert await trusted.find(issuer.token(header={"typ": "at+JWT"})) is not None


async def test_step_3_a_key_counts_for_what_it_is_published_for(issuer: Served, trusted: Issuer) -> None:
    stranger = new_key("stranger")
    assert "no key" in await why(trusted, issuer.token(key=stranger))
    sealing = new_key("sealing")
    issuer.keys.append(ECKey.import_key({**sealing.as_dict(private=False), "use": "enc"}))
    assert "no key" in await why(trusted, issuer.token(key=sealing))
    assert "no key" in await why(trusted, issuer.token(key=issuer.keys[0], header={"kid": None}))


async def test_step_4_a_signature_of_another_key_is_none(issuer: Served, trusted: Issuer) -> None:
    assert "does not hold" in await why(trusted, issuer.token(key=new_key("first")))
    head, body, signature = issuer.token().split(".")
    other = base64.urlsafe_b64encode(json.dumps({**issuer.person, "groups": ["admins"]}).encode()).decode().rstrip("=")
    assert "does not hold" in await why(trusted, f"{head}.{other}.{signature}")
    assert body != other


@pytest.mark.parametrize("claims", [{"iss": "https://evil.example"}, {"iss": None}, {"aud": "other"}, {"aud": None}])
async def test_step_5_a_token_of_or_for_somebody_else_is_none(
    issuer: Served, trusted: Issuer, claims: dict[str, Any]
) -> None:
    assert "does not hold" in await why(trusted, issuer.token(**claims))
    assert await trusted.find(issuer.token(aud=["other", "psmp"])) is not None


@pytest.mark.parametrize("claims", [{"exp": -60}, {"exp": None}, {"nbf": 60}, {"iat": 60}])
async def test_step_6_a_token_is_good_for_its_time_alone(
    issuer: Served, trusted: Issuer, claims: dict[str, Any]
) -> None:
    at = int(time.time())
    moved = {name: None if value is None else at + value for name, value in claims.items()}
    assert "does not hold" in await why(trusted, issuer.token(**moved))
    grant = await trusted.find(issuer.token(exp=at - 2, nbf=at + 3))  # clocks may be five seconds apart
    assert grant is not None
    assert trusted.still(issuer.token(exp=at - 2), grant)()


async def test_keys_change_and_are_asked_for_once_however_many_tokens_name_the_new_one(
    issuer: Served, trusted: Issuer
) -> None:
    old = issuer.token()
    grant = await trusted.find(old)
    assert grant is not None
    for _ in range(20):
        await trusted.find(old)
    assert issuer.asked == {"/.well-known/openid-configuration": 1, "/keys": 1}
    issuer.keys = [new_key("second", "Ed25519")]
    found = await asyncio.gather(*(trusted.find(issuer.token()) for _ in range(20)))
    assert None not in found
    assert issuer.asked["/keys"] <= 3
    assert "no key" in await why(trusted, old)
    assert not trusted.still(old, grant)()


async def test_guesses_of_key_names_do_not_flood_the_issuer(
    issuer: Served, trusted: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "SOONEST", 0.3)
    began = time.monotonic()
    guesses = [issuer.token(key=new_key(f"guess-{number}")) for number in range(30)]
    await asyncio.gather(*(why(trusted, each) for each in guesses))
    assert issuer.asked["/keys"] <= 2 + (time.monotonic() - began) / 0.3


async def test_an_issuer_that_is_away_lets_in_whom_its_last_keys_let_in_and_then_nobody(
    issuer: Served, trusted: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer.away = True
    with pytest.raises(NotKnown):
        await trusted.find(issuer.token())
    assert "503" in trusted.describe().trouble
    issuer.away = False
    assert await trusted.find(issuer.token()) is not None
    assert trusted.describe().trouble == ""
    issuer.away = True
    await trusted.refresh()
    assert trusted.describe().trouble
    assert await trusted.find(issuer.token()) is not None
    monkeypatch.setattr(tokens, "STALE_AFTER", 0.0)
    with pytest.raises(NotKnown):
        await trusted.find(issuer.token())


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"jwks_uri": "http://keys.example/jwks"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": 7},
    ],
)
async def test_a_description_that_leads_elsewhere_is_not_followed(
    issuer: Served, trusted: Issuer, document: dict[str, Any]
) -> None:
    issuer.document = document
    with pytest.raises(NotKnown):
        await trusted.find(issuer.token())


async def test_a_sign_in_is_finished_by_the_browser_that_began_it_and_for_us_alone(
    issuer: Served, trusted: Issuer
) -> None:
    back = "http://127.0.0.1:1/api/v1/session/callback"
    sign_in = SignIn(trusted, trusted.client, CLIENT, SECRET)

    async def agreed() -> tuple[str, dict[str, str]]:
        where, chance = await sign_in.begin(back)
        answer = await trusted.client.get(where)
        return chance, dict(httpx2.URL(answer.headers["location"]).params.items())

    chance, said = await agreed()
    grant = await sign_in.finish(chance, said["state"], said["code"], back)
    assert grant is not None
    assert (grant.agent, grant.role) == ("ada", Role.ADMIN)
    with pytest.raises(Untrusted):  # a code is good once
        await sign_in.finish(chance, said["state"], said["code"], back)
    chance, said = await agreed()
    other, _ = await agreed()
    with pytest.raises(Untrusted, match="another browser"):
        await sign_in.finish(other, said["state"], said["code"], back)
    with pytest.raises(Untrusted, match="does not take the code"):  # somebody who has read the address has no verifier
        await SignIn(trusted, trusted.client, CLIENT, "wrong").finish(chance, said["state"], said["code"], back)
    # A token that was made for the API signs nobody in, and the other way round.
    with pytest.raises(Untrusted):
        await trusted.verify(issuer.token(), CLIENT, "nonce")
    with pytest.raises(Untrusted, match="another sign-in"):  # step 7
        await trusted.verify(issuer.token(aud=CLIENT, nonce="other"), CLIENT, "nonce")
    with pytest.raises(Untrusted, match="somebody else"):
        await trusted.verify(issuer.token(aud=[CLIENT, "x"], azp="x", nonce="nonce"), CLIENT, "nonce")


@pytest.mark.may_block
async def test_the_algorithm_that_most_issuers_use_is_taken(issuer: Served, trusted: Issuer) -> None:
    issuer.keys = [RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig", "alg": "RS256"})]
    assert await trusted.find(issuer.token()) is not None
