"""Settings from the environment (``PSMP_*``), checked at the start; everything that is wrong is said at once."""

import sys
from importlib.util import find_spec
from typing import Annotated, Literal, TypeVar

from pydantic import Field, FilePath, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from psmp.ledger.origins import DEPLOYMENT
from psmp.wire.connection import Address


class Settings(BaseSettings):
    """What a service needs to know. Times are in seconds."""

    model_config = SettingsConfigDict(env_prefix="PSMP_", frozen=True, extra="ignore", env_ignore_empty=True)

    nats_url: Annotated[str, Field(pattern=r"^(nats|tls)://.+")]
    nats_credentials: FilePath | None = None
    nats_ca: FilePath | None = None
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 0
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    heartbeat_seconds: Annotated[float, Field(gt=0, le=3600)] = 30.0
    drain_seconds: Annotated[float, Field(gt=0, le=600)] = 10.0
    watch_seconds: Annotated[float, Field(gt=0, le=3600)] = 1.0
    otlp_endpoint: Annotated[
        str | None, Field(pattern=r"^https?://.+", validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    ] = None

    @field_validator("nats_credentials")
    @classmethod
    def _can_be_read(cls, path: FilePath | None) -> FilePath | None:
        if path is not None and find_spec("nkeys") is None:
            raise ValueError("nkeys, which reads such files, is not installed: pip install nkeys")
        return path

    @property
    def nats(self) -> Address:
        """Where NATS is."""
        return Address(self.nats_url, self.nats_credentials, self.nats_ca)


Deployment = Annotated[str, Field(pattern=DEPLOYMENT.pattern.replace(r"\Z", "$"))]
"""The name of a deployment, as ``PSMP_DEPLOYMENT`` has it."""


class StoreSettings(Settings):
    """What a service needs to know that writes to Postgres."""

    postgres_dsn: Annotated[str, Field(pattern=r"^postgres(ql)?://")]


C = TypeVar("C", bound=Settings)


def read(kind: type[C]) -> C:
    """The settings; prints every fault and exits with status 2 when they cannot be used."""
    try:
        return kind()
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            name = str(fault["loc"][0])  # an alias is the whole name
            sys.stderr.write(f"{name if name.isupper() else 'PSMP_' + name.upper()}: {fault['msg']}\n")
        raise SystemExit(2) from None
