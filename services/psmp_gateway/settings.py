"""What the gateway needs to know besides what every service does."""

import json
import sys
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import Field, FilePath, SecretStr, ValidationError, field_validator

from psmp.ledger.origins import HERE
from psmp.service.settings import Deployment, StoreSettings
from psmp_gateway.rules.trust import Trust, is_safe


class GatewaySettings(StoreSettings):
    """The API is served on ``gateway_host`` and ``gateway_port``; probes and metrics on ``http_port``, as elsewhere.

    ``key_requests_per_minute`` (0: no limit) and ``key_burst`` are what one API key may ask. ``live_streams`` is how
    many live readers there may be, ``live_held`` how many events are held for them: who falls further behind is told
    to read anew. ``ask_seconds`` is how long an answer of the keeper is waited for. ``deployment`` is what the
    deployment is called, as audit and signer know it.

    ``mcp_sessions`` is how many sessions of models there may be; one that is silent for ``mcp_idle_seconds`` is over.
    ``mcp_origins`` are the web pages whose scripts may talk to ``/mcp``, parted by commas: none, unless named.

    ``public_url`` is where browsers find the site, when that is not where it listens; it is https, but on this machine.
    ``session_hours`` is how long somebody stays signed in. ``oidc_file`` says whose tokens are trusted and what they
    grant (``rules.trust``), ``oidc_client_secret`` proves to that issuer who we are, if it wants proof. ``key_login``:
    whether people sign in with API keys; left out, where there is no issuer to sign in with.

    ``webhooks_allow_http``: whether a webhook may be http, as the webhook sender has been told, too.
    """

    gateway_host: str = "127.0.0.1"
    gateway_port: Annotated[int, Field(ge=0, le=65535)] = 4280
    key_requests_per_minute: Annotated[int, Field(ge=0)] = 1200
    key_burst: Annotated[int, Field(ge=1)] = 200
    live_streams: Annotated[int, Field(ge=1)] = 2000
    live_held: Annotated[int, Field(ge=1)] = 8192
    live_beat_seconds: Annotated[float, Field(gt=0, le=300)] = 10.0
    public_url: Annotated[str | None, Field(pattern=r"^https?://[^/]+/?$")] = None
    session_hours: Annotated[float, Field(gt=0, le=24 * 30)] = 8.0
    key_login: bool | None = None
    oidc_file: FilePath | None = None
    oidc_client_secret: SecretStr | None = None
    ask_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    deployment: Deployment = HERE
    mcp_sessions: Annotated[int, Field(ge=1)] = 1000
    mcp_idle_seconds: Annotated[float, Field(gt=0)] = 900.0
    mcp_origins: str = ""
    webhooks_allow_http: bool = False

    @field_validator("public_url")
    @classmethod
    def _is_safe(cls, url: str | None) -> str | None:
        if url is not None and not is_safe(url):
            raise ValueError("it is https, or http on this very machine: cookies go there")
        return url


def read_trust(path: Path) -> Trust:
    """Whose tokens are trusted; prints every fault of the file and exits with status 2 when it cannot be used."""
    try:
        return Trust.model_validate_json(json.dumps(tomllib.loads(path.read_text(encoding="utf-8"))))
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            sys.stderr.write(f"{path}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}\n")
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{path}: {error}\n")
    raise SystemExit(2)
