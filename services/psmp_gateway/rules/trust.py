"""Whose tokens are trusted, and what they grant: the file of ``PSMP_OIDC_FILE``. Deny by default. Pure."""

import hashlib
import ipaddress
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from psmp.words.api_keys import Role, faults
from psmp.words.ids import OWN_AGENTS, Id
from psmp.words.subjects import is_id
from psmp_gateway.rules.access import Grant

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
"""None of those by which whoever verifies could sign, too."""

_MADE: Final = re.compile(r".*-[0-9a-f]{12}")
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]+")
_SLUG: Final = 48
_MADE_DIGITS: Final = 12


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Told):
    """Whoever has ``value`` in ``claim`` (dots lead into objects) has this role in that tenant."""

    claim: Annotated[str, Field(min_length=1)]
    value: str | bool
    role: Role
    tenant: Id = "default"
    projects: Annotated[tuple[Id, ...], Field(min_length=1)] | None = None
    privileged: bool = False


class Trust(_Told):
    """One issuer. Bearer tokens are for ``audience``; with ``client_id`` people can sign in to the dashboard with it.

    ``agent_claim`` says whom a token speaks as. Of the ``grants`` the first that fits counts; whom none fits, may
    nothing. ``leeway_seconds`` is how far its clock and ours may be apart.
    """

    issuer: str
    audience: Annotated[str, Field(min_length=1)]
    client_id: Annotated[str, Field(min_length=1)] | None = None
    scopes: tuple[str, ...] = ("openid",)
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256", "ES256", "Ed25519")
    leeway_seconds: Annotated[int, Field(ge=0, le=300)] = 30
    agent_claim: Annotated[str, Field(min_length=1)] = "sub"
    grants: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @field_validator("issuer")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        if not is_safe(url):
            raise ValueError("an issuer is asked over https; over http only on this very machine")
        return url

    @field_validator("grants")
    @classmethod
    def _can_be(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        for rule in rules:
            projects = None if rule.projects is None else frozenset(rule.projects)
            if wrong := faults(rule.tenant, "somebody", projects):
                raise ValueError("; ".join(wrong))
        return rules

    def grant(self, claims: Mapping[str, Any]) -> Grant | None:
        """What a verified token with these claims grants; None for nothing."""
        who = claim(claims, self.agent_claim)
        if not isinstance(who, str) or not who:
            return None
        rule = next((each for each in self.grants if _fits(claim(claims, each.claim), each.value)), None)
        if rule is None:
            return None
        agent = agent_of(who)
        projects = None if rule.projects is None else frozenset(rule.projects)
        expires = datetime.fromtimestamp(int(claims["exp"]), UTC)
        return Grant(f"{rule.tenant}/{agent}", rule.tenant, agent, rule.role, projects, expires, rule.privileged)


def claim(claims: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - JSON
    """What is claimed under a name; dots lead into objects unless the whole name is one's. None where there is none."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _fits(claimed: Any, value: str | bool) -> bool:  # noqa: ANN401, FBT001 - JSON, and what is compared with it
    if isinstance(claimed, list):
        return any(_fits(each, value) for each in claimed)
    return type(claimed) is type(value) and bool(claimed == value)


def agent_of(who: str) -> str:
    """The agent that somebody is: itself where that is an id, else an id made of it that is nobody else's."""
    if is_id(who) and not who.startswith(OWN_AGENTS) and not _MADE.fullmatch(who):
        return who
    digest = hashlib.sha256(who.encode()).hexdigest()[:_MADE_DIGITS]
    slug = _UNFIT.sub("-", who)[:_SLUG].strip("-_")
    slug = f"x-{slug}" if slug.startswith(OWN_AGENTS) or not slug else slug
    return f"{slug}-{digest}"


def is_safe(url: str) -> bool:
    """Whether secrets may go to an address: nobody between can read them, or nobody is between."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
