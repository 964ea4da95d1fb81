"""What the gateway needs to know besides what every service does."""

from typing import Annotated

from pydantic import Field

from psmp.ledger.origins import DEPLOYMENT, HERE
from psmp.service.settings import StoreSettings


class GatewaySettings(StoreSettings):
    """The API is served on ``gateway_host`` and ``gateway_port``; probes and metrics on ``http_port``, as elsewhere.

    ``key_requests_per_minute`` (0: no limit) and ``key_burst`` are what one API key may ask. ``live_streams`` is how
    many live readers there may be, ``live_held`` how many events are held for them: who falls further behind is told
    to read anew. ``ask_seconds`` is how long an answer of the keeper is waited for. ``deployment`` is what the
    deployment is called, as audit and signer know it.

    ``mcp_sessions`` is how many sessions of models there may be; one that is silent for ``mcp_idle_seconds`` is over.
    ``mcp_origins`` are the web pages whose scripts may talk to ``/mcp``, parted by commas: none, unless named.
    """

    gateway_host: str = "127.0.0.1"
    gateway_port: Annotated[int, Field(ge=0, le=65535)] = 4280
    key_requests_per_minute: Annotated[int, Field(ge=0)] = 1200
    key_burst: Annotated[int, Field(ge=1)] = 200
    live_streams: Annotated[int, Field(ge=1)] = 2000
    live_held: Annotated[int, Field(ge=1)] = 8192
    live_beat_seconds: Annotated[float, Field(gt=0, le=300)] = 10.0
    ask_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    deployment: Annotated[str, Field(pattern=DEPLOYMENT.pattern.replace(r"\Z", "$"))] = HERE
    mcp_sessions: Annotated[int, Field(ge=1)] = 1000
    mcp_idle_seconds: Annotated[float, Field(gt=0)] = 900.0
    mcp_origins: str = ""
