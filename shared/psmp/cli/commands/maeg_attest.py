"""``psmp maeg attest``: a signed statement of a settlement, which was proved from a bundle before."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from psmp.cli.clock import now
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.files import deliver
from psmp.cli.flags import SERVERS, Servers
from psmp.cli.graphs.attesting import stated
from psmp.cli.graphs.bundled import proved
from psmp.cli.logbook import opened
from psmp.cli.output import Format, Output
from psmp.cli.sealing import by_signer
from psmp.ledger.dsse import IN_TOTO
from psmp.words.envelope import written


async def attest(
    bundle: Annotated[Path, Parameter(help="A bundle, as psmp export writes it: a folder or a .zip.")],
    maeg: Annotated[str, Parameter(help="The graph, MAEG-….")],
    *,
    keys: Annotated[
        Path | None, Parameter(help="The public keys that are trusted, from whoever runs PSMP; never from the bundle.")
    ] = None,
    wrap: Annotated[Path | None, Parameter(help="Where to write the WRAP that is stated, as JSON.")] = None,
    checkpoint: Annotated[Path | None, Parameter(help="Where to write the checkpoint that is stated.")] = None,
    output: Annotated[Path | None, Parameter(help="The file to write; left out, standard output.")] = None,
    servers: Servers = SERVERS,
) -> Exit:
    """Prove a settlement from a bundle and have that signed: an in-toto statement in a DSSE envelope.

    psmp attest --check FILE --keys KEYS checks one. Ends with 7 where something does not hold, with 8 where the graph
    is not settled, with 4 where it is not there; then nothing is signed.
    """
    found = proved(bundle, keys, Output(Format.TABLE))
    again = f"psmp maeg verify {bundle} --keys {keys} says why"
    if not found.holds:
        raise Complaint(Exit.INTEGRITY, f"nothing is attested: {bundle} does not hold", again)
    graphs = [each for proof in found.proofs for each in proof.graphs if each.maeg == maeg]
    if len(graphs) != 1:
        what = f"{len(graphs)} projects of {bundle} have a graph {maeg}" if graphs else f"no graph {maeg} in {bundle}"
        raise Complaint(Exit.USAGE if graphs else Exit.NOT_FOUND, what, "psmp export --project NAME writes one project")
    if not graphs[0].holds:
        raise Complaint(Exit.STALE, f"nothing is attested: {maeg} is not settled", again)
    said = stated(graphs[0], found.record.whole.origin, written(now()))
    async with opened(servers, "attest") as logbook:
        envelope = await by_signer(logbook.nats)(IN_TOTO, said.statement)
    if wrap is not None:
        deliver(said.wrap, wrap)
    if checkpoint is not None:
        deliver(said.checkpoint, checkpoint)
    deliver(envelope.written() + "\n", output)
    return Exit.DONE
