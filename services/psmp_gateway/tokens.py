"""Bearer tokens and sign-in tokens of one issuer, verified with the keys that it publishes."""

import asyncio
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx2
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet
from pydantic_core import from_json

from psmp.service.pausing import pause
from psmp.service.statistics import Statistics
from psmp_gateway.keys import NotKnown
from psmp_gateway.rules.access import Grant
from psmp_gateway.rules.trust import Trust, is_safe

LOG: Final = structlog.get_logger()
EVERY: Final = 300.0
"""Seconds between two looks at the issuer's keys."""
STALE_AFTER: Final = 3600.0
"""Seconds that its keys are gone by while it is away."""
SOONEST: Final = 1.0
"""Seconds between two looks, however many tokens name keys that are not known (yet)."""
ASKED_WITHIN: Final = 5.0
LARGEST: Final = 256 * 1024
LONGEST: Final = 8192
"""Characters that a token may have."""
TYPES: Final = frozenset({None, "jwt", "at+jwt", "application/at+jwt"})
DISCOVERY: Final = "/.well-known/openid-configuration"


class Untrusted(Exception):
    """The token is not to be trusted; the text says why, for the log and for whoever sent it."""


class Issuer:
    """Asks the issuer for its description and its keys, and verifies what it has signed."""

    def __init__(self, trust: Trust, client: httpx2.AsyncClient, now: Callable[[], datetime]) -> None:
        self.trust, self.client, self._now = trust, client, now
        self.document: Mapping[str, Any] = {}
        self._keys = KeySet([])
        self._read_at = self._tried_at = float("-inf")
        self._trouble = "the issuer was not asked yet"
        self._asking = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._verified = 0

    async def run(self) -> None:
        """See ``Loop``."""
        while not self._stopping.is_set():
            await self.refresh()
            await pause(self._stopping, EVERY if not self._trouble else SOONEST * 5)

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()

    async def close(self) -> None:
        """Leave it."""
        await self.client.aclose()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        return Statistics("issuer", self._verified, trouble=self._trouble)

    async def find(self, token: str) -> Grant | None:
        """What a bearer token grants, None for nothing. Raises ``Untrusted``, and ``NotKnown`` when nobody can say."""
        return self.trust.grant(await self.verify(token, self.trust.audience))

    async def verify(self, token: str, audience: str, nonce: str | None = None) -> Mapping[str, Any]:
        """The claims of a token for ``audience``.

        1. It is no longer than it may be, and its header can be read.
        2. Its algorithm is one of those that are trusted, it is of a type for us, and asks for nothing critical.
        3. It names a key that the issuer publishes for signatures, by that algorithm if it says so.
        4. The signature is that key's.
        5. The issuer is the one that is trusted, the token for ``audience``, and a sign-in's made for us (``azp``).
        6. It is good now: not expired, not from the future.
        7. It has the ``nonce`` of the sign-in that it is for, if it is for one.

        Raises ``Untrusted`` and ``NotKnown``.
        """
        header = _header(token)  # 1
        algorithm = header.get("alg")
        if algorithm not in self.trust.algorithms:  # 2
            raise Untrusted(f"its algorithm {str(algorithm)[:40]!r} is not trusted")
        kind = header.get("typ")
        if (kind.lower() if isinstance(kind, str) else kind) not in TYPES or "crit" in header:
            raise Untrusted("it is a token for something else")
        key = await self._key(header.get("kid"), algorithm)  # 3
        try:
            claims = jwt.decode(token, key, algorithms=[algorithm]).claims  # 4
            registry = jwt.JWTClaimsRegistry(
                now=int(self._now().timestamp()),
                leeway=self.trust.leeway_seconds,
                iss={"essential": True, "value": self.trust.issuer},
                aud={"essential": True, "value": audience},
                exp={"essential": True},
            )
            registry.validate(claims)  # 5, 6
        except (JoseError, ValueError) as error:
            raise Untrusted(f"it does not hold: {error}") from None
        if claims.get("azp", audience) != audience and nonce is not None:  # 5
            raise Untrusted("it was made for somebody else")
        if nonce is not None and claims.get("nonce") != nonce:  # 7
            raise Untrusted("it is of another sign-in")
        self._verified += 1
        return claims

    def still(self, token: str, grant: Grant) -> Callable[[], bool]:
        """Whether a token that was found good still is: not expired, and its key still published."""
        kid, until = _header(token).get("kid"), grant.expires + timedelta(seconds=self.trust.leeway_seconds)
        return lambda: self._now() < until and self._published(kid) is not None

    async def endpoint(self, name: str) -> str:
        """An address that the issuer's description gives. Raises ``NotKnown``."""
        if not self.document:
            await self.refresh()
        found = self.document.get(name)
        if not isinstance(found, str) or not is_safe(found):
            raise NotKnown(self._trouble or f"the issuer names no {name} that could be asked")
        return found

    async def refresh(self, asked: float | None = None) -> None:
        """Ask the issuer again, unless somebody began to since ``asked`` (or now); what fails is told as trouble."""
        asked = time.monotonic() if asked is None else asked
        async with self._asking:
            if self._tried_at > asked:
                return
            await asyncio.sleep(self._tried_at + SOONEST - time.monotonic())  # noqa: TID251 - so that nobody floods it
            self._tried_at = time.monotonic()
            try:
                self.document, self._keys = await self._read()
            except (httpx2.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
                if not self._trouble:
                    LOG.warning("issuer_not_read", issuer=self.trust.issuer, error=str(error) or type(error).__name__)
                self._trouble = f"the issuer's keys cannot be read: {str(error) or type(error).__name__}"
            else:
                self._trouble, self._read_at = "", self._tried_at

    async def _read(self) -> tuple[Mapping[str, Any], KeySet]:
        document = await self._json(self.trust.issuer.rstrip("/") + DISCOVERY)
        if document["issuer"] != self.trust.issuer:
            raise ValueError(f"who answers there says that it is {str(document['issuer'])[:200]}")
        return document, KeySet.import_key_set(await self._json(document["jwks_uri"]))

    async def _json(self, url: object) -> Any:  # noqa: ANN401 - JSON
        if not isinstance(url, str) or not is_safe(url):
            raise ValueError(f"{str(url)[:200]} is not to be asked: neither https nor this machine")
        async with self.client.stream("GET", url, headers={"Accept": "application/json"}) as answer:
            answer.raise_for_status()
            if answer.status_code != httpx2.codes.OK:
                raise ValueError(f"{url[:200]} answers {answer.status_code}")
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > LARGEST:
                    raise ValueError(f"{url[:200]} answers more than {LARGEST} bytes")
        return from_json(bytes(body))

    async def _key(self, kid: object, algorithm: str) -> Key:
        """The published key of that name for that algorithm; asked for once more when it is not known."""
        if self._published(kid) is None or not self._is_fresh():
            await self.refresh()
        if not self._is_fresh():
            raise NotKnown(self._trouble)
        key = self._published(kid)
        if key is None or key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
            raise Untrusted("it is signed with no key that the issuer publishes for that")
        return key

    def _published(self, kid: object) -> Key | None:
        if kid is None and len(self._keys.keys) == 1:
            return self._keys.keys[0]
        return next((each for each in self._keys.keys if each.get("kid") == kid and kid is not None), None)

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._read_at < STALE_AFTER


def client_for(trust: Trust) -> httpx2.AsyncClient:
    """What the issuer is asked with: it follows nobody elsewhere, and an issuer on this machine is asked directly."""
    return httpx2.AsyncClient(timeout=ASKED_WITHIN, follow_redirects=False, trust_env=trust.issuer.startswith("https:"))


def is_token(text: str) -> bool:
    """Whether a text could be a token, by its shape."""
    return text.count(".") == 2  # noqa: PLR2004 - header, claims, signature


def _header(token: str) -> Mapping[str, Any]:
    if len(token) > LONGEST or not is_token(token):
        raise Untrusted("it is no token, or too long a one")
    text = token.partition(".")[0]
    try:
        header = from_json(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        raise Untrusted("its header cannot be read") from None
    if not isinstance(header, dict):
        raise Untrusted("its header cannot be read")
    return header
