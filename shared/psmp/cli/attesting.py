"""What is said about projects beside their records: bills of materials, and attestations of what is completed."""

from collections.abc import Mapping

from psmp import __version__
from psmp.cli import clock
from psmp.cli.sealing import Sealing
from psmp.deep.declared import declared_bill
from psmp.ledger.dsse import IN_TOTO, Envelope
from psmp.ledger.statements import Subject, verified
from psmp.store.export.attest import Verified, look, projects
from psmp.store.pool import Pool
from psmp.words.answers import Status
from psmp.words.envelope import written


def bill_of(status: Status) -> str:
    """What stands declared in the project, as a bill of materials."""
    return declared_bill(status, tool=__version__)


async def attested(found: Verified, bill: str, deployment: str, sealing: Sealing) -> Envelope:
    """The statement of what was found, signed."""
    name = f"{found.status.tenant}/{found.status.project}.cdx.json"
    statement = verified(
        found.checkpoint,
        Subject(name, bill.encode()),
        found.properties,
        verifier=f"urn:psmp:{deployment}:attest:v1",
        time=written(clock.now()),
        position=found.position,
    )
    return await sealing(IN_TOTO, statement)


async def enclosed(
    pool: Pool, tenant: str | None, project: str | None, deployment: str, sealing: Sealing | None
) -> Mapping[str, bytes]:
    """The files that go with a bundle, by name.

    ``sbom/<tenant>/<project>.cdx.json`` of every project that declares something; where somebody signs,
    ``attestations/<tenant>/<project>.json`` of every completed one. Neither of a project whose record does not hold.
    Raises asyncpg's errors and ``Complaint``.
    """
    files: dict[str, bytes] = {}
    for key in await projects(pool, tenant, project):
        found = await look(pool, key, deployment)
        if found.status is None or not found.status.artifacts:
            continue
        bill = bill_of(found.status)
        files[f"sbom/{key}.cdx.json"] = bill.encode()
        if isinstance(found, Verified) and sealing is not None:
            envelope = await attested(found, bill, deployment, sealing)
            files[f"attestations/{key}.json"] = envelope.written().encode() + b"\n"
    return files
