"""Walks log and ledger side by side, position by position, and tells where they are not the same."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from nats.aio.client import Client

from psmp.log.jetstream import STREAM, direct_get
from psmp.store.chain import Claim
from psmp.store.pool import CHECK_WITHIN, Connection
from psmp.store.restore.standing import Span, merged
from psmp.store.statements import load
from psmp.wire.administration import ask
from psmp.words import subjects
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey

SQL: Final = load(__file__)
PAGE: Final = 512
_ANSWER_WITHIN: Final = 10.0

Progress = Callable[[int, int], None]
"""Hears how many positions are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the ledger; one whose body was pruned by retention has its leaf alone."""

    key: ProjectKey
    sequence: int
    position: int
    body: bytes | None
    leaf: str


@dataclass(frozen=True, slots=True)
class Logged:
    """A message of the log."""

    position: int
    subject: str
    body: bytes

    @property
    def key(self) -> ProjectKey:
        """Its project."""
        return subjects.read_log(self.subject)[0]

    @property
    def sequence(self) -> int:
        """Its number within its project, as its bytes say; 0 when they are no event's."""
        claim = Claim.read(self.body)
        return claim.sequence if claim else 0


@dataclass(slots=True)
class Walked:
    """What a walk found.

    - ``log``, ``ledger``: the last position of each; ``equal``: how many records are the same;
    - ``lacking``: what the ledger has at positions where the log has nothing;
    - ``differing``: what the ledger has where the log has something else;
    - ``surplus``: what the log has and the ledger has not, record by record;
    - ``unsound``: rows of the ledger whose bytes are not those of their own hash.
    """

    log: int = 0
    ledger: int = 0
    equal: int = 0
    lacking: list[Span] = field(default_factory=list)
    differing: list[Span] = field(default_factory=list)
    surplus: list[Logged] = field(default_factory=list)
    unsound: list[Span] = field(default_factory=list)

    @property
    def intact(self) -> int:
        """Up to which position the log has everything that the ledger has."""
        places = [span.begin for span in (*self.lacking, *self.differing)]
        return min(places, default=self.log + 1) - 1

    @property
    def is_tail(self) -> bool:
        """Whether all that the log lacks comes behind its end."""
        return not self.differing and all(span.begin > self.log for span in self.lacking)


async def walk(nats: Client, connection: Connection, progress: Progress = lambda _, __: None) -> Walked:
    """Walk all of both. ``connection`` is in a transaction. Raises nats errors, ``TimeoutError`` and asyncpg's."""
    found = Walked(log=await end_of(nats), ledger=await connection.fetchval(SQL["end"], timeout=CHECK_WITHIN) or 0)
    end = max(found.log, found.ledger)
    messages = logged(nats, 0, found.log)
    following = await anext(messages, None)
    async for rows in pages(connection, 0):
        until = rows[-1].position
        beside: dict[int, Logged] = {}
        while following is not None and following.position <= until:
            beside[following.position] = following
            following = await anext(messages, None)
        _compare(found, rows, beside)
        progress(until, end)
    while following is not None:
        found.surplus.append(following)
        following = await anext(messages, None)
    found.lacking, found.differing = merged(found.lacking), merged(found.differing)
    return found


def _compare(found: Walked, rows: Iterable[Stored], beside: dict[int, Logged]) -> None:
    for row in rows:
        span = Span(row.key, row.sequence, row.sequence, row.position, row.position)
        if row.body is not None and leaf_hash(row.body) != row.leaf:
            found.unsound.append(span)
        message = beside.get(row.position)
        if message is None:
            if row.body is not None:  # what is pruned cannot be had again, and need not
                found.lacking.append(span)
        elif message.body == row.body or (row.body is None and leaf_hash(message.body) == row.leaf):
            found.equal += 1
            del beside[row.position]
        else:
            found.differing.append(span)
    found.surplus.extend(beside.values())


async def end_of(nats: Client) -> int:
    """The last position of the log; 0 when there is none."""
    said = await ask(nats, f"STREAM.INFO.{STREAM}", {})
    last: int = said["state"]["last_seq"] if "state" in said else 0
    return last


async def logged(nats: Client, after: int, until: int) -> AsyncIterator[Logged]:
    """What the log has behind position ``after``, up to ``until``."""
    while after < until:
        request = {"seq": after + 1, "batch": PAGE, "next_by_subj": f"{subjects.LOG}.>"}
        page = await direct_get(nats, STREAM, request, timeout=_ANSWER_WITHIN)
        for message in page:
            headers = message.headers or {}
            after = int(headers["Nats-Sequence"])
            if after > until:
                return
            yield Logged(after, headers["Nats-Subject"], message.data)
        if len(page) < PAGE:
            return


async def pages(connection: Connection, after: int) -> AsyncIterator[list[Stored]]:
    """What the ledger has behind position ``after``, in the order of positions; ``connection`` is in a transaction."""
    cursor = await connection.cursor(SQL["behind"], after, timeout=CHECK_WITHIN)
    while page := await cursor.fetch(PAGE, timeout=CHECK_WITHIN):
        yield [
            Stored(ProjectKey(tenant, project), sequence, position, body, leaf.hex())
            for tenant, project, sequence, position, body, leaf in page
        ]
