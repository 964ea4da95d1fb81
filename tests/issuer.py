"""An OpenID Connect issuer with real keys, as a real server on a port of its own."""

import asyncio
import base64
import contextlib
import hashlib
import json
import secrets
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, OKPKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

AUDIENCE = "psmp"
CLIENT = "psmp-dashboard"
SECRET = "s3cret & more"  # noqa: S105 - of this issuer alone


def new_key(kid: str, kind: str = "ES256", **more: str) -> Key:
    told: Any = {"kid": kid, "use": "sig", "alg": kind, **more}
    if kind == "ES256":
        return ECKey.generate_key("P-256", told)
    return OKPKey.generate_key("Ed25519", told)


@dataclass(slots=True)
class Issuer:
    """What it publishes and whom it signs in can be changed at any time; ``asked`` counts requests by path."""

    url: str = ""
    keys: list[Key] = field(default_factory=lambda: [new_key("first")])
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "ada", "groups": ["admins"]})
    asked: dict[str, int] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    away: bool = False
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def token(self, *, key: Key | None = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token for the API, good unless something is said otherwise; None takes a claim away."""
        key, now = key or self.keys[-1], int(time.time())
        said = {"iss": self.url, "aud": AUDIENCE, "iat": now, "exp": now + 300, **self.person, **claims}
        told = {"alg": key.get("alg"), "kid": key.kid, **(header or {})}
        wanted = {name: value for name, value in told.items() if value is not None}
        kept = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(wanted, kept, key, algorithms=[str(wanted["alg"])])

    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._described),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._redeem, methods=["POST"]),
            ]
        )

    def _count(self, request: Request) -> None:
        self.asked[request.url.path] = self.asked.get(request.url.path, 0) + 1

    async def _described(self, request: Request) -> Response:
        self._count(request)
        if self.away:
            return Response(status_code=503)
        ends = {"jwks_uri": "/keys", "authorization_endpoint": "/authorize", "token_endpoint": "/token"}
        told = {name: f"{self.url}{path}" for name, path in ends.items()}
        return JSONResponse({"issuer": self.url, **told, **self.document})

    async def _keys(self, request: Request) -> Response:
        self._count(request)
        return JSONResponse(KeySet(self.keys).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        """The person agrees at once."""
        asked = dict(request.query_params)
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def _redeem(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self._codes.pop(form.get("code", ""), None)
        shown = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
        verified = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or shown != f"{CLIENT}:s3cret+%26+more"
            or verified.decode().rstrip("=") != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"token_type": "Bearer", "id_token": self.token(aud=CLIENT, nonce=asked["nonce"])})


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:  # noqa: ANN401 - as the library has it
        yield


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[Issuer]:
    """An issuer that listens while the block runs."""
    issuer = Issuer()
    listening = socket.create_server(("127.0.0.1", 0))
    issuer.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = _Server(uvicorn.Config(issuer.application(), log_config=None, lifespan="off", ws="none"))
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        yield issuer
    finally:
        server.should_exit = True
        await serving


def trust_file(folder: Path, issuer: Issuer, **more: Any) -> Path:
    """The file that says that it is trusted, and whom it grants what."""
    told = {"issuer": issuer.url, "audience": AUDIENCE, "client_id": CLIENT, "leeway_seconds": 5, **more}
    lines = [f"{name} = {json.dumps(value)}" for name, value in told.items()]
    grants = (
        ("robots", "operator", 'tenant = "default"\nprivileged = true'),
        ("admins", "admin", ""),
        ("guests", "viewer", 'tenant = "acme"\nprojects = ["fair"]'),
    )
    for group, role, rest in grants:
        lines += ["", "[[grants]]", 'claim = "groups"', f'value = "{group}"', f'role = "{role}"', rest]
    path = folder / "trust.toml"
    path.write_text("\n".join(lines) + "\n")
    return path
