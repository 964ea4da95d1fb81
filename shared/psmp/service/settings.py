"""Settings from the environment (``PSMP_*``), checked at the start; everything that is wrong is said at once."""

import sys
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from psmp.wire.connection import Address


class Settings(BaseSettings):
    """What a service needs to know. Times are in seconds."""

    model_config = SettingsConfigDict(env_prefix="PSMP_", frozen=True, extra="ignore", env_ignore_empty=True)

    nats_url: Annotated[str, Field(pattern=r"^(nats|tls)://.+")]
    nats_credentials: Path | None = None
    nats_ca: Path | None = None
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 0
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    heartbeat_seconds: Annotated[float, Field(gt=0, le=3600)] = 30.0
    drain_seconds: Annotated[float, Field(gt=0, le=600)] = 10.0
    watch_seconds: Annotated[float, Field(gt=0, le=3600)] = 1.0

    @property
    def nats(self) -> Address:
        """Where NATS is."""
        return Address(self.nats_url, self.nats_credentials, self.nats_ca)


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
            name = "PSMP_" + "_".join(map(str, fault["loc"])).upper()
            sys.stderr.write(f"{name}: {fault['msg']}\n")
        raise SystemExit(2) from None
