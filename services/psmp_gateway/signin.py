"""Signing in with the issuer in a browser: OpenID Connect's code flow with PKCE (RFC 7636).

Everything that must be the same at the beginning and at the end is made of one cookie of chance, which only the
browser has: the state that comes back through it, the nonce inside the token, the verifier that redeems the code. So
any gateway can finish what another one began, and nothing is kept meanwhile.
"""

import base64
import hashlib
import secrets
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import httpx2

from psmp_gateway.keys import NotKnown
from psmp_gateway.rules.access import Grant
from psmp_gateway.tokens import Issuer, Untrusted

LASTS: Final = 600
"""Seconds that somebody has to sign in."""
_CHANCE: Final = 32


class SignIn:
    """The sign-in with an issuer, as the client that it knows; ``secret`` proves that to it, if it wants proof."""

    def __init__(self, issuer: Issuer, client: httpx2.AsyncClient, client_id: str, secret: str | None) -> None:
        self._issuer, self._client, self._id, self._secret = issuer, client, client_id, secret

    async def begin(self, back: str) -> tuple[str, str]:
        """Where to send the browser, and the cookie to give it. Raises ``NotKnown``."""
        chance = secrets.token_urlsafe(_CHANCE)
        where = await self._issuer.endpoint("authorization_endpoint")
        asked = {
            "response_type": "code",
            "client_id": self._id,
            "redirect_uri": back,
            "scope": " ".join(self._issuer.trust.scopes),
            "state": derived(chance, "state"),
            "nonce": derived(chance, "nonce"),
            "code_challenge": challenge(derived(chance, "verifier")),
            "code_challenge_method": "S256",
        }
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}", chance

    async def finish(self, chance: str, state: str, code: str, back: str) -> Grant | None:
        """What the person is granted that has signed in; None for nothing. Raises ``Untrusted`` and ``NotKnown``."""
        if not secrets.compare_digest(derived(chance, "state"), state):
            raise Untrusted("this sign-in was begun by somebody else, or in another browser")
        token = await self._redeemed(code, derived(chance, "verifier"), back)
        claims = await self._issuer.verify(token, self._id, derived(chance, "nonce"))
        return self._issuer.trust.grant(claims)

    async def _redeemed(self, code: str, verifier: str, back: str) -> str:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        login = httpx2.Auth()
        if self._secret:
            login = httpx2.BasicAuth(quote_plus(self._id), quote_plus(self._secret))
        else:
            form["client_id"] = self._id
        where = await self._issuer.endpoint("token_endpoint")
        try:
            answer = await self._client.post(where, data=form, auth=login, headers={"Accept": "application/json"})
            said: Any = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise NotKnown(f"the issuer does not redeem the code: {str(error) or type(error).__name__}") from None
        if answer.status_code != httpx2.codes.OK or not isinstance(said, dict):
            raise Untrusted("the issuer does not take the code")
        token = said.get("id_token")
        if not isinstance(token, str):
            raise Untrusted("the issuer says nothing of who signed in")
        return token


def derived(chance: str, purpose: str) -> str:
    """A part of the sign-in that tells nothing of the cookie, nor of the other parts."""
    return _spelled(hashlib.sha256(f"psmp sign-in v1\n{purpose}\n{chance}".encode()).digest())


def challenge(verifier: str) -> str:
    """What is told at the beginning of what redeems the code at the end (RFC 7636, S256)."""
    return _spelled(hashlib.sha256(verifier.encode()).digest())


def _spelled(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
