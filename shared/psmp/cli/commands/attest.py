"""``psmp attest``: a signed statement of what was found to hold of a completed project, and the check of one."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter

from psmp.cli import settings
from psmp.cli.attesting import attested, bill_of
from psmp.cli.database import Tenant, tenant_of
from psmp.cli.deployments import Deployment, deployment_of
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.files import content, deliver
from psmp.cli.flags import SERVERS, ProjectName, Servers
from psmp.cli.logbook import opened
from psmp.cli.output import Format, Output
from psmp.cli.publickeys import KeyFile, public_keys
from psmp.cli.sealing import by_signer
from psmp.ledger.dsse import EXTRACT, IN_TOTO, Envelope
from psmp.ledger.keys import Use
from psmp.ledger.notes import Malformed, Untrusted
from psmp.store.export.attest import Unproved, look
from psmp.store.pool import answering as asked
from psmp.words.ids import ProjectKey

_AGAIN: Final = "psmp status shows how it stands; psmp verify where the record is broken"


async def attest(
    project: ProjectName = None,
    *,
    check: Annotated[
        Path | None, Parameter(help="An attestation to check with --keys instead; needs no server and no project.")
    ] = None,
    keys: KeyFile = None,
    sbom: Annotated[
        Path | None,
        Parameter(
            help="Where to write the bill of materials that is stated; with --check, the one to hold it against."
        ),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        Parameter(help="Where to write the checkpoint that is stated; with --check, the one to hold it against."),
    ] = None,
    output: Annotated[Path | None, Parameter(help="The file to write; left out, standard output.")] = None,
    tenant: Tenant = None,
    deployment: Deployment = None,
    servers: Servers = SERVERS,
) -> Exit:
    """Sign what holds of a completed project: an in-toto statement in a DSSE envelope.

    Ends with 3 where the project is not completed, 8 where no checkpoint covers it yet, 7 where its record does not
    hold; then nothing is signed.
    """
    if check is not None:
        return _checked(check, keys, sbom, checkpoint)
    key = ProjectKey(tenant_of(tenant), settings.project_of(project))
    trusted = public_keys(keys)[Use.LOG] if keys else ()
    name = deployment_of(deployment)
    async with opened(servers, "attest") as logbook:
        with asked():
            found = await look(logbook.pool, key, name, trusted)
        if isinstance(found, Unproved):
            if found.absent:
                raise Complaint(
                    Exit.NOT_FOUND, f"there is no project {key}", "psmp projects lists those that there are"
                )
            end = Exit.INTEGRITY if found.broken else Exit.STALE if found.waits else Exit.GOVERNED
            raise Complaint(end, f"nothing is attested of {key}: {found.reason}", _AGAIN)
        bill = bill_of(found.status)
        envelope = await attested(found, bill, name, by_signer(logbook.nats))
    if sbom is not None:
        deliver(bill, sbom)
    if checkpoint is not None:
        deliver(found.checkpoint.text, checkpoint)
    deliver(envelope.written() + "\n", output)
    return Exit.DONE


def _checked(file: Path, keys: Path | None, sbom: Path | None, checkpoint: Path | None) -> Exit:
    """Whether a statement key has signed it, and what it says is about these files."""
    if keys is None:
        raise Complaint(Exit.USAGE, "whose signature is to be believed?", "add --keys FILE, from whoever runs PSMP")
    out = Output(Format.JSON)
    try:
        envelope = Envelope.read(content(file))
        envelope.signed_by(public_keys(keys)[Use.STATEMENT])
    except Untrusted as error:
        raise Complaint(Exit.INTEGRITY, f"{file}: {error}", "are these the keys of this deployment?") from None
    except Malformed as error:
        raise Complaint(
            Exit.USAGE, f"{file}: {error}", "an attestation is a DSSE envelope, as psmp attest writes it"
        ) from None
    if envelope.kind not in (IN_TOTO, EXTRACT):
        raise Complaint(Exit.USAGE, f"{file}: of type {envelope.kind}", "psmp attest and psmp export write others")
    statement: dict[str, Any] = json.loads(envelope.payload)
    stated = {each["digest"]["sha256"] for each in statement.get("subject", ())}
    for given in (each for each in (sbom, checkpoint) if each is not None):
        if sha256(content(given)).hexdigest() not in stated:
            raise Complaint(Exit.INTEGRITY, f"{given} is not what was stated", "psmp sbom --at writes what was")
    out.one(statement, str)
    return Exit.DONE
