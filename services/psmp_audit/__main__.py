"""``python -m psmp_audit``: the audit writer as a process."""

import sys
from collections.abc import Sequence
from pathlib import Path

from psmp.ledger.keys import Use, read_public
from psmp.ledger.merkle import Nodes, prove_consistency
from psmp.ledger.notes import Malformed, Verifier
from psmp.service.runner import Context, run
from psmp.service.statistics import Loop
from psmp.store.follower import Follower
from psmp.store.pool import Pool, open_pool
from psmp.store.tree import answer
from psmp.words.ids import ProjectKey
from psmp_audit.checkpoints import Checkpoints
from psmp_audit.desk import Desk
from psmp_audit.growth import Growth
from psmp_audit.guard import Guard
from psmp_audit.latecomers import Latecomers
from psmp_audit.ledger import LedgerWriter
from psmp_audit.orders import Orders
from psmp_audit.outlet import File, Outlets, Stream
from psmp_audit.questions import Questions
from psmp_audit.settings import AuditSettings
from psmp_audit.witnesses import Prove, Witness, Witnesses


async def build(context: Context[AuditSettings]) -> Sequence[Loop]:
    """The loops: the log into the ledger, checkpoints of the ledger, and whoever asks for one is answered."""
    settings = context.settings
    pool = await open_pool(settings.postgres_dsn, "psmp-audit", size=4)
    context.adapters.callback(pool.terminate)
    growth = Growth()
    logs = _keys("PSMP_LOG_KEYS", settings.log_keys, Use.LOG, "there is no log key in it" if settings.log_keys else "")
    none = "there are witnesses, and no public key of any" if settings.witness_urls else ""
    keys = _keys("PSMP_WITNESS_KEYS", settings.witness_keys, Use.WITNESS, none)
    file = [File(settings.checkpoint_file, settings.deployment)] if settings.checkpoint_file else []
    witnesses = Witnesses([Witness(url, keys) for url in settings.witness_urls], proving(pool))
    others = Witnesses([Witness(url, keys) for url in settings.witness_urls], proving(pool))
    context.adapters.callback(witnesses.close)
    context.adapters.callback(others.close)
    orders = Orders(growth)
    checkpoints = Checkpoints(
        pool,
        growth,
        Desk(context.nats, settings.deployment),
        Outlets(Stream(context.nats), *file),
        witnesses,
        orders,
        age=settings.checkpoint_seconds,
        records=settings.checkpoint_records,
    )
    writer = LedgerWriter(pool, context.log, growth)
    guard = Guard(context.nats, settings.checkpoint_file, logs)
    follower = Follower(context.nats, pool, writer, context.telemetry, before=guard.check)

    def trouble() -> str:
        return follower.describe().trouble or checkpoints.describe().trouble

    questions = Questions(context.nats, pool, growth, orders, checkpoints, trouble).answering()
    return [follower, checkpoints, questions, Latecomers(pool, growth, others, keys, len(settings.witness_urls))]


def proving(pool: Pool) -> Prove:
    """Consistency proofs from the trees in Postgres."""

    async def prove(key: ProjectKey, older: int, newer: int) -> Sequence[bytes]:
        def ask(nodes: Nodes) -> list[bytes]:
            return prove_consistency(nodes, older, newer)

        async with pool.acquire() as connection:
            return await answer(connection, key, ask)

    return prove


def _keys(name: str, file: Path | None, use: Use, missing: str) -> tuple[Verifier, ...]:
    """The public keys in a file, none where there is no file.

    Says of the setting called ``name`` what is wrong with the file, and exits with status 2, when it cannot be read;
    or when it has none for that use and ``missing`` says why it must.
    """
    try:
        keys = read_public(file.read_text(encoding="utf-8").splitlines())[use] if file else ()
        if missing and not keys:
            raise Malformed(missing)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{name}: {error}\n")
        raise SystemExit(2) from None
    return keys


if __name__ == "__main__":
    run("audit", build, AuditSettings, writes=False)
