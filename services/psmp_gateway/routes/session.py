"""Signing in to the dashboard: with an API key, or with the issuer that PSMP trusts; and out again."""

from collections.abc import Awaitable, Callable
from html import escape
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from psmp.store.pool import PostgresTooOld, PostgresUnavailable
from psmp_gateway.calls import Called, Ports, answer, read
from psmp_gateway.entrance import HOW, ungranted
from psmp_gateway.keys import NotKnown
from psmp_gateway.routes.parameters import Nothing, SignedIn, SigningIn
from psmp_gateway.rules import problems
from psmp_gateway.rules.access import PERMISSIONS, Grant
from psmp_gateway.rules.answers import KeyShown, Logins, Session
from psmp_gateway.rules.site import API, within
from psmp_gateway.signin import LASTS, SignIn
from psmp_gateway.tokens import Untrusted
from psmp_gateway.trouble import Trouble, trouble

BACK: Final = "/session/callback"

Handler = Callable[..., Awaitable[Response]]


async def current(call: Called, _: Nothing) -> Response:
    """Say who is signed in, or whose key or token was shown, and what it may do."""
    return answer(_told(call.caller.grant, call.entry.how))


class SessionRoutes:
    """The routes that whoever is not yet let in can reach. All but ``logins`` change cookies."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    @property
    def _takes_keys(self) -> bool:
        settings, sign_in = self._ports.settings, self._ports.entrance.sign_in
        return settings.key_login if settings.key_login is not None else sign_in is None

    def logins(self) -> Handler:
        """``GET /logins``."""

        async def logins(_: Nothing) -> Response:
            """Say how to sign in here: with an API key, with the issuer, or both."""
            sign_in = self._ports.entrance.sign_in
            begin = f"{API}/session/login" if sign_in else None
            return answer(Logins(key=self._takes_keys, begin=begin))

        return logins

    def open(self) -> Handler:
        """``POST /session``."""

        async def open(  # noqa: A001 - the name of the operation
            request: Request, body: Annotated[KeyShown, Depends(read(KeyShown))], _: Nothing
        ) -> Response:
            """Sign in with an API key: the answer sets a cookie that no script can read, and the key is not kept."""
            self._check_origin(request)
            if not self._takes_keys:
                hint = f"open {API}/session/login in the browser"
                raise trouble(problems.FORBIDDEN, "nobody signs in with a key here", hint)
            try:
                entry = await self._ports.entrance.shown(body.key)
            except NotKnown as error:
                raise _away(error) from None
            if entry is None or entry.how != "key":
                raise trouble(problems.UNAUTHENTICATED, "the key opens nothing", HOW)
            told = answer(_told(entry.grant, "session"), 201)
            await self._set(request, told, entry.grant, api_key=entry.grant.name)
            return told

        return open

    def close(self) -> Handler:
        """``DELETE /session``."""

        async def close(request: Request, _: Nothing) -> Response:
            """Sign out: the session is over at every gateway within seconds, and its cookie gone."""
            self._check_origin(request)
            name = self._ports.entrance.site.session_cookie(_host(request))
            if cookie := request.cookies.get(name):
                try:
                    await self._ports.entrance.sessions.close(cookie)
                except (PostgresUnavailable, PostgresTooOld) as error:
                    raise _away(error) from None
            told = Response(status_code=204)
            self._cookie(request, told, name, "", 0)
            return told

        return close

    def begin(self) -> Handler:
        """``GET /session/login``."""

        async def begin(request: Request, wanted: SigningIn) -> Response:
            """Sign in with the issuer: the browser is sent there, and comes back signed in."""
            sign_in = self._sign_in()
            try:
                where, chance = await sign_in.begin(self._back(request))
            except NotKnown as error:
                raise _away(error) from None
            told = RedirectResponse(where, 303)
            name = self._ports.entrance.site.login_cookie(_host(request))
            self._cookie(request, told, name, f"{chance}:{within(wanted.next)}", LASTS, same_site="lax")
            return told

        return begin

    def finish(self) -> Handler:
        """``GET /session/callback``."""

        async def finish(request: Request, said: SignedIn) -> Response:
            """Take back a browser that has signed in with the issuer."""
            sign_in, site = self._sign_in(), self._ports.entrance.site
            name = site.login_cookie(_host(request))
            chance, _, back = request.cookies.get(name, "").partition(":")
            if said.error or not said.code or not chance:
                reason = f"the issuer says {said.error!r}" if said.error else "nobody began to sign in in this browser"
                raise trouble(problems.UNAUTHENTICATED, reason, f"begin anew: {API}/session/login")
            try:
                grant = await sign_in.finish(chance, said.state, said.code, self._back(request))
            except Untrusted as error:
                hint = f"begin anew: {API}/session/login"
                raise trouble(problems.UNAUTHENTICATED, f"the sign-in does not hold: {error}", hint) from None
            except NotKnown as error:
                raise _away(error) from None
            if grant is None:
                raise ungranted()
            # A redirect would still count as coming from the issuer, and go without the strict cookie: a page does not.
            told = HTMLResponse(_ONWARDS.format(escape(within(back), quote=True)))
            self._cookie(request, told, name, "", 0, same_site="lax")
            await self._set(request, told, grant, api_key=None)
            return told

        return finish

    def _sign_in(self) -> SignIn:
        found = self._ports.entrance.sign_in
        if found is None:
            raise trouble(problems.NOT_FOUND, "nobody signs in with an issuer here", f"POST {API}/session takes a key")
        return found

    def _check_origin(self, request: Request) -> None:
        """Programs say nothing of where they come from; browsers always do."""
        said = request.headers.get("origin") or request.headers.get("sec-fetch-site")
        if said is not None and not self._ports.entrance.site.sent_by_us(request.headers):
            raise trouble(problems.FORBIDDEN, "a page of another site sent this", "sign in on the dashboard itself")

    def _back(self, request: Request) -> str:
        return f"{self._ports.entrance.site.origin(_host(request))}{API}{BACK}"

    async def _set(self, request: Request, told: Response, grant: Grant, *, api_key: str | None) -> None:
        sessions, site = self._ports.entrance.sessions, self._ports.entrance.site
        try:
            cookie, _ = await sessions.open(grant, api_key=api_key)
        except (PostgresUnavailable, PostgresTooOld) as error:
            raise _away(error) from None
        seconds = int(sessions.lasts.total_seconds())
        self._cookie(request, told, site.session_cookie(_host(request)), cookie, seconds)

    def _cookie(
        self, request: Request, told: Response, name: str, value: str, seconds: int, same_site: str = "strict"
    ) -> None:
        told.set_cookie(
            name,
            value,
            max_age=seconds,
            path="/",
            secure=self._ports.entrance.site.secure(_host(request)),
            httponly=True,
            samesite=same_site,  # type: ignore[arg-type]  # one of its three words
        )


_ONWARDS: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Signed in</title>'
    '<meta http-equiv="refresh" content="0;url={0}"><p>Signed in. <a href="{0}">Go on</a>.</p></html>'
)


def _told(grant: Grant, how: str) -> Session:
    return Session(
        agent=grant.agent,
        tenant=grant.tenant,
        role=grant.role,
        projects=None if grant.projects is None else tuple(sorted(grant.projects)),
        permissions=tuple(sorted(map(str, PERMISSIONS[grant.role]))),
        privileged=grant.privileged and how != "session",
        how=how,  # type: ignore[arg-type]  # it is one of those
        expires=grant.expires,
    )


def _host(request: Request) -> str:
    return request.headers.get("host", "")


def _away(error: Exception) -> Trouble:
    return trouble(problems.UNAVAILABLE, str(error), "ask again", retry_seconds=1)
