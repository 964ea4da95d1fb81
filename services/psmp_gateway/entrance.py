"""Who is let in: by an API key or a token in ``Authorization``, or by the cookie of a session. Nothing else counts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from starlette.requests import HTTPConnection

from psmp.words.api_keys import BEGINS
from psmp_gateway.keys import Keys, NotKnown
from psmp_gateway.rules import headers, problems
from psmp_gateway.rules.access import Grant, of_key
from psmp_gateway.rules.site import SAFE, Site
from psmp_gateway.sessions import Sessions
from psmp_gateway.signin import SignIn
from psmp_gateway.tokens import Issuer, Untrusted, is_token
from psmp_gateway.trouble import Trouble, trouble

LOG: Final = structlog.get_logger()
HOW: Final = "send `Authorization: Bearer psmp_...`; whoever runs PSMP makes keys with `psmp key create`"
NOBODY: Final = "no key, token or session was shown, or one that opens nothing"


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody was let in with; ``still`` says whether it goes on, and ``how``: by key, token or session."""

    grant: Grant
    still: Callable[[], bool]
    how: str


class Entrance:
    """Lets in, or says why not."""

    def __init__(
        self, keys: Keys, sessions: Sessions, site: Site, issuer: Issuer | None = None, sign_in: SignIn | None = None
    ) -> None:
        self.keys, self.sessions, self.site, self.issuer, self.sign_in = keys, sessions, site, issuer, sign_in

    async def admit(self, request: HTTPConnection) -> Entry:
        """Whoever sent the request; raises ``Trouble``."""
        shown = headers.bearer(request.headers.get("Authorization"))
        cookie = request.cookies.get(self.site.session_cookie(request.headers.get("host", "")))
        try:
            if shown:
                found = await self.shown(shown)
            elif cookie:
                found = await self._of_session(cookie, request)
            else:
                found = None
        except NotKnown as error:
            hint = "ask again; what knows who may come in is away"
            raise trouble(problems.UNAVAILABLE, str(error), hint, retry_seconds=1) from None
        if found is None:
            raise trouble(problems.UNAUTHENTICATED, NOBODY, HOW)
        return found

    async def shown(self, text: str) -> Entry | None:
        """Whoever has an API key or a token; None when it opens nothing. Raises ``Trouble`` and ``NotKnown``."""
        if text.startswith(BEGINS):
            key = await self.keys.find(text)
            return None if key is None else Entry(of_key(key), lambda: self.keys.still(text), "key")
        if self.issuer is None or not is_token(text):
            return None
        try:
            grant = await self.issuer.find(text)
        except Untrusted as error:
            LOG.info("token_refused", reason=str(error))
            raise trouble(problems.UNAUTHENTICATED, f"the token is not to be trusted: {error}", HOW) from None
        if grant is None:
            raise ungranted()
        return Entry(grant, self.issuer.still(text, grant), "token")

    async def _of_session(self, cookie: str, request: HTTPConnection) -> Entry | None:
        method = request.scope.get("method", "WEBSOCKET")
        if method not in SAFE and not self.site.sent_by_us(request.headers):
            detail = "the request carries the cookie of a session, and was not sent by a page of this site"
            raise trouble(problems.FORBIDDEN, detail, "programs send a key instead: " + HOW)
        grant = await self.sessions.find(cookie)
        return None if grant is None else Entry(grant, self.sessions.still(cookie), "session")


def ungranted() -> Trouble:
    """Said to somebody who is known, and whom nothing was granted."""
    hint = "ask whoever runs PSMP for a grant (PSMP_OIDC_FILE) that names one of your groups"
    return trouble(problems.FORBIDDEN, "who you are is known, and grants nothing here", hint)
