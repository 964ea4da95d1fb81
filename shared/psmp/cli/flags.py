"""The options that many commands share."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Group, Parameter

from psmp.cli.output import Format, Output

if TYPE_CHECKING:
    from psmp.cli import settings
    from psmp.wire.connection import Address

ProjectName = Annotated[str | None, Parameter(help="The project's id; left out, what psmp.toml says.")]
Reason = Annotated[str, Parameter(help="Why; it stays in the log.")]
Fence = Annotated[
    int | None,
    Parameter(env_var="PSMP_FENCE", help="The fence of the slot that it is done under; psmp run sets PSMP_FENCE."),
]
MOST_PORT: Final = 65_535
ArtifactName = Annotated[str, Parameter(name="--artifact", help="The artifact's id.")]


SHARED: Final = Group("Where, as whom and how", sort_key=1)
"""Shown below what is a command's own."""


@Parameter(name="*", group=SHARED)
@dataclass(frozen=True, kw_only=True)
class Answering:
    """How the command answers."""

    output: Annotated[Format, Parameter(name=("--output", "-o"), help="table for people, json or jsonl.")] = (
        Format.TABLE
    )

    @property
    def out(self) -> Output:
        """Where the answer goes."""
        return Output(self.output)


@Parameter(name="*", group=SHARED)
@dataclass(frozen=True, kw_only=True)
class Reaching:
    """Where to, and as whom."""

    url: Annotated[str | None, Parameter(env_var="PSMP_URL", help="Address of NATS; left out, a running psmp dev.")] = (
        None
    )
    tenant: Annotated[str | None, Parameter(env_var="PSMP_TENANT", help="The tenant; default: default.")] = None
    timeout: Annotated[float, Parameter(help="Seconds to wait for an outcome.")] = 5.0
    agent: Annotated[
        str | None, Parameter(env_var="PSMP_AGENT", help="In whose name; left out, what psmp.toml says.")
    ] = None


@Parameter(name="*", group=SHARED)
@dataclass(frozen=True, kw_only=True)
class Common(Reaching, Answering):
    """Where to, as whom, and how the command answers."""


@Parameter(name="*", group=SHARED)
@dataclass(frozen=True, kw_only=True)
class Speaking(Common):
    """As ``Common``, for what is not only asked but done."""

    command_id: Annotated[
        str | None, Parameter(help="The id (UUIDv7) of a command that was sent before: twice has the effect of once.")
    ] = None
    receipts: Annotated[
        Path | None, Parameter(env_var="PSMP_RECEIPTS", help="Keep the receipt in this file, behind those it has.")
    ] = None
    person: Annotated[
        str | None,
        Parameter(env_var="PSMP_PERSON", help="Which person speaks; it and the reason can be erased (psmp erase)."),
    ] = None
    contact: Annotated[
        str | None, Parameter(env_var="PSMP_CONTACT", help="How to reach that person; can be erased as well.")
    ] = None
    if_sequence: Annotated[
        int | None,
        Parameter(
            help="Only if event N is the last about what this is about: an artifact, task or webhook, or the project.",
        ),
    ] = None


ANSWERING: Final = Answering()
REACHING: Final = Reaching()
COMMON: Final = Common()
SPEAKING: Final = Speaking()


@Parameter(name="*", group=SHARED)
@dataclass(frozen=True, kw_only=True)
class Servers:
    """Where an operator's tools find the servers themselves."""

    nats_url: Annotated[
        str | None,
        Parameter(env_var="PSMP_NATS_URL", help="NATS, with the rights for this; left out, a running psmp dev."),
    ] = None
    postgres_dsn: Annotated[
        str | None, Parameter(env_var="PSMP_POSTGRES_DSN", help="Postgres; left out, that of a running psmp dev.")
    ] = None
    nats_credentials: Annotated[
        Path | None, Parameter(env_var="PSMP_NATS_CREDENTIALS", help="Credentials file for NATS.")
    ] = None
    nats_ca: Annotated[Path | None, Parameter(env_var="PSMP_NATS_CA", help="PEM file to trust for tls://.")] = None

    def found(self) -> "settings.Servers":
        """What these flags, the environment and a running ``psmp dev`` say together."""
        from psmp.cli import settings  # noqa: PLC0415 - not before servers are asked for

        return settings.servers(self.nats_url, self.postgres_dsn)

    def address(self, url: str) -> "Address":
        """``url`` with the credentials of these flags; raises ``Invalid`` when their files cannot be used."""
        from psmp.client.place import check  # noqa: PLC0415 - not before servers are asked for
        from psmp.wire.connection import Address  # noqa: PLC0415 - as above

        address = Address(url, self.nats_credentials, self.nats_ca)
        check(address)
        return address


SERVERS: Final = Servers()
