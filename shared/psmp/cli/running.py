"""A stack that runs for the command line: its plan, what it says of itself, and the file by which others find it."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from psmp.stack import Stack
from psmp.stack.api import PORT, Api, lacks_dashboard, lacks_gateway
from psmp.stack.identities import READER, RETENTION, Identities
from psmp.stack.keyfiles import PUBLIC
from psmp.stack.ports import port_if_free
from psmp.stack.whole import Whole, whole
from psmp.wire.announced import dev_file, running_dev

TENANT: Final = "default"

MEANT_FOR_OTHERS: Final = frozenset({"PSMP_NATS_CREDENTIALS", "PSMP_NATS_CA", "PSMP_CREDENTIALS", "PSMP_CA"})
"""Variables that say how to log in somewhere else; a stack of ours has logins of its own."""

INDEX: Final = "PSMP_INDEX_URL"
"""The variable that tells the checker which package index to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where everything of a running stack is. ``url`` speaks as any agent of ``tenant``.

    ``operator_url`` reads, ``retention_url`` prunes.
    ``keys`` is the file of public keys that what the stack signs is verified with.
    ``api_key`` opens ``api_url`` as an admin's; ``api_key_file`` has it while the stack is announced. Where nothing
    listens at ``api_url``, or there is no ``dashboard``, the matching ``..._lacks`` says what is to be done first.
    """

    pid: int
    url: str
    tenant: str
    operator_url: str
    retention_url: str
    api_url: str
    api_lacks: str
    dashboard: str
    dashboard_lacks: str
    api_key: str
    api_key_file: str
    postgres_dsn: str
    nats_monitor: str | None
    nats_version: str
    postgres_version: str
    services: dict[str, str]
    data: str | None
    keys: str
    ready_after: float


def everything(
    data: Path | None = None,
    *,
    nats_port: int | None = None,
    index: str | None = None,
    webhooks: Path | bool = False,
) -> Whole:
    """The plan of a stack whose services find nothing in their environment that is meant for others.

    ``index`` is the package index that the checker asks; without it none is asked, whatever the environment says. The
    same goes for ``webhooks``, which is a file of endpoints, or whether the sender runs without one.
    """
    env = {INDEX: index or ""}
    api, durable = Api(port_if_free(PORT)), data is not None
    planned = whole(data, nats_port=nats_port, durable=durable, env=env, webhooks=webhooks, api=api)
    found = {name: value for name, value in os.environ.items() if name not in MEANT_FOR_OTHERS}
    return replace(planned, plan=replace(planned.plan, env=found))


def addresses(stack: Stack, identities: Identities, api: Api) -> Addresses:
    """What there is to know of a stack that runs."""
    return Addresses(
        pid=os.getpid(),
        url=stack.nats.url_for(identities.tenant(TENANT)),
        tenant=TENANT,
        operator_url=stack.nats.url_for(identities.service(READER)),
        retention_url=stack.nats.url_for(identities.service(RETENTION)),
        api_url=api.url,
        api_lacks=lacks_gateway(),
        dashboard=f"{api.site}/ui/",
        dashboard_lacks=lacks_dashboard(),
        api_key=api.token,
        api_key_file=str(dev_file(os.environ).with_name("api-key")),
        postgres_dsn=stack.postgres_dsn,
        nats_monitor=stack.nats.monitor_url,
        nats_version=stack.nats.version,
        postgres_version=stack.postgres.version,
        services={service.name: service.url for service in stack.services},
        data=str(stack.plan.data) if stack.plan.data else None,
        keys=str(stack.folder / PUBLIC),
        ready_after=round(stack.ready_after, 3),
    )


@contextmanager
def announced(found: Addresses) -> Iterator[int | None]:
    """Others find the stack while the block runs, unless another one is announced: then gives that one's process id."""
    other = owner(running_dev(os.environ))
    if other is not None and other != found.pid:
        yield other
        return
    path, key = dev_file(os.environ), Path(found.api_key_file)
    _write(path, json.dumps(asdict(found), indent=2) + "\n")
    _write(key, found.api_key + "\n")
    try:
        yield None
    finally:
        if running_dev(os.environ).get("pid") == found.pid:
            path.unlink(missing_ok=True)
            key.unlink(missing_ok=True)


def owner(said: Any) -> int | None:  # noqa: ANN401 - JSON
    """The process that announced a stack, if it lives; None when nothing is announced or it has died."""
    pid = said.get("pid")
    if not isinstance(pid, int) or pid <= 1:
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return pid
    return pid


def _write(path: Path, text: str) -> None:
    """Whole or not at all, for nobody's eyes but ours: there are passwords in it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
