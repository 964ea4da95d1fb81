"""``psmp verify``: the record of a running system, along its chain; or a bundle of it, offline, by the auditor."""

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from psmp.cli import settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.flags import ANSWERING, SERVERS, Answering, Servers
from psmp.cli.offline import Asked, offline
from psmp.words.ids import ProjectKey

_NO_BUNDLE = "psmp export FILE.zip writes a bundle; then psmp verify FILE.zip --keys KEYS"


def verify(
    what: Annotated[
        str | None,
        Parameter(help="One project; left out, all of them. A path (with a / or a . in it) is a bundle, or a .jsonl."),
    ] = None,
    *,
    keys: Annotated[
        Path | None,
        Parameter(help="Verify offline, trusting the public keys of this file; never have it from the bundle."),
    ] = None,
    since: Annotated[list[Path] | None, Parameter(help="Offline: checkpoints that were kept; may be repeated.")] = None,
    receipts: Annotated[list[Path] | None, Parameter(help="Offline: receipts of agents; may be repeated.")] = None,
    witnesses: Annotated[
        int, Parameter(help="Offline: how many trusted witnesses must have cosigned the last checkpoint of a log.")
    ] = 0,
    signed: Annotated[bool, Parameter(help="Offline: a bundle that nobody signed is a flaw.")] = False,
    tenant: Annotated[
        str | None, Parameter(env_var="PSMP_TENANT", help="Whose project it is; default: default.")
    ] = None,
    servers: Servers = SERVERS,
    answering: Answering = ANSWERING,
) -> Exit:
    """Verify the record: on a running system, or offline from a bundle, trusting nothing but the keys given."""
    asked = Asked(since=tuple(since or ()), receipts=tuple(receipts or ()), witnesses=witnesses, signed=signed)
    if what is not None and (keys is not None or "/" in what or "." in what):
        return offline(Path(what), keys, asked, answering.out)
    if keys is not None or asked != Asked():
        raise Complaint(Exit.USAGE, "verify which bundle?", _NO_BUNDLE)
    if what is not None and Path(what).exists():
        answering.out.say(f"the project {what}; for what lies here: psmp verify ./{what} --keys KEYS", "dim")
    from psmp.cli.walked import walked  # noqa: PLC0415 - an auditor need not have what servers need

    key = ProjectKey(tenant or settings.defaults().tenant or "default", what) if what else None
    return asyncio.run(walked(servers, key, answering.out))
