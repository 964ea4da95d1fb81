"""The signer and the audit writer's loops at work in the test's own process, on real servers."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.keys import Keys, Use
from psmp.ledger.merkle import Frontier, leaf
from psmp.ledger.notes import Kind, Note, Signer
from psmp.ledger.origins import HERE, anchor, origin, statements
from psmp.service.answering import Answering
from psmp.service.memory import Memory
from psmp.service.statistics import Loop
from psmp.service.telemetry import Telemetry
from psmp.store.follower import Follower
from psmp.words.ids import ProjectKey
from psmp_audit.checkpoints import Checkpoints, Cosigners
from psmp_audit.desk import Desk
from psmp_audit.growth import Growth
from psmp_audit.ledger import LedgerWriter
from psmp_audit.orders import Orders
from psmp_audit.outlet import File, Outlets, Stream
from psmp_audit.questions import Questions
from psmp_signer.consumer import Signatory
from tests.following import Place

LOG = Signer(HERE, Kind.LOG, bytes(range(32)))
STATEMENT = Signer(statements(HERE), Kind.LOG, bytes(range(1, 33)))
KEYS: Keys[Signer] = {Use.LOG: (LOG,), Use.STATEMENT: (STATEMENT,), Use.RECEIPT: (), Use.WITNESS: ()}


@asynccontextmanager
async def running(*loops: Loop) -> AsyncIterator[None]:
    """Loops at work; whatever ends one ends the test."""
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for loop in loops:
            group.create_task(loop.run())
        try:
            yield
        finally:
            for loop in loops:
                loop.stop()


@asynccontextmanager
async def signing(here: Place, folder: Path, keys: Keys[Signer] = KEYS) -> AsyncIterator[Signatory]:
    """A signer at work; its memory is in ``folder``."""
    memory = Memory.open(folder)
    signatory = Signatory(here.nats, HERE, keys, memory)
    try:
        async with running(signatory):
            await here.nats.flush()
            yield signatory
    finally:
        memory.close()


@dataclass
class Auditor:
    """An audit writer: the log into the ledger, checkpoints of it, and answers to who asks for one."""

    here: Place
    file: Path | None = None
    cosigners: Cosigners | None = None
    age: float = 0.02
    records: int = 256
    growth: Growth = field(default_factory=Growth)
    desk: Desk = field(init=False)
    outlets: Outlets = field(init=False)
    checkpoints: Checkpoints = field(init=False)
    follower: Follower[Any] = field(init=False)
    questions: Answering = field(init=False)

    def __post_init__(self) -> None:
        here = self.here
        files = [File(self.file, HERE)] if self.file else []
        self.desk, self.outlets = Desk(here.nats, HERE), Outlets(Stream(here.nats), *files)
        orders = Orders(self.growth)
        self.checkpoints = Checkpoints(
            here.pool, self.growth, self.desk, self.outlets, self.cosigners, orders, age=self.age, records=self.records
        )
        writer = LedgerWriter(here.pool, here.log, self.growth)
        self.follower = Follower(here.nats, here.pool, writer, Telemetry("test", "test"))
        questions = Questions(here.nats, here.pool, self.growth, orders, self.checkpoints, self._trouble)
        self.questions = questions.answering()

    def _trouble(self) -> str:
        return self.checkpoints.describe().trouble

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator["Auditor"]:
        """All loops at work."""
        async with running(self.follower, self.checkpoints, self.questions):
            yield self


async def covered(here: Place, records: int) -> bool:
    """Whether checkpoints cover so many records, and the anchor log's every checkpoint."""
    newest = await here.rows("SELECT max(size) FROM psmp.checkpoint GROUP BY tenant, project")
    [(made,)] = await here.rows("SELECT coalesce(max(number), 0) FROM psmp.checkpoint")
    [(anchored,)] = await here.rows("SELECT coalesce(max(size), 0) FROM psmp.anchor")
    return (sum(size for (size,) in newest), made) == (records, anchored)


async def assert_signed_trees(here: Place, keys: Collection[ProjectKey]) -> None:
    """Every checkpoint is that of the records, each project's and the anchor log's."""
    texts: list[str] = []
    for number, tenant, project, size, root, note in await here.rows(
        "SELECT number, tenant, project, size, root, note FROM psmp.checkpoint ORDER BY number"
    ):
        assert number == len(texts) + 1
        bodies = await here.rows(
            "SELECT body FROM psmp.ledger WHERE (tenant, project) = ($1, $2) AND sequence <= $3 ORDER BY sequence",
            *(tenant, project, size),
        )
        tree = Frontier()
        for (body,) in bodies:
            tree = tree.append(leaf(body))
        read = Note.read(note.encode())
        assert (tree.size, tree.root) == (size, root)
        assert read.text == Checkpoint(origin(HERE, ProjectKey(tenant, project)), size, root).text
        assert LOG.verifier in read.signed_by([LOG.verifier])
        texts.append(read.text)
    for size, root, note in await here.rows("SELECT size, root, note FROM psmp.anchor ORDER BY size"):
        tree = Frontier()
        for text in texts[:size]:
            tree = tree.append(leaf(text.encode()))
        read = Note.read(note.encode())
        assert (tree.size, tree.root) == (size, root)
        assert read.text == Checkpoint(anchor(HERE), size, root).text
        assert LOG.verifier in read.signed_by([LOG.verifier])
    assert {ProjectKey(*row) for row in await here.rows("SELECT DISTINCT tenant, project FROM psmp.checkpoint")} == {
        *keys
    }
