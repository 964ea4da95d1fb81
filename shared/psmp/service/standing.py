"""Keeps the gate before the log: hears how it stands, and sees for itself, without Postgres, what the log must have."""

import asyncio
from typing import Final

import structlog
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError

from psmp.log.gate import Gate
from psmp.log.jetstream import STREAM, get
from psmp.log.pruned import last_pruning
from psmp.service.metrics import REGRESSED
from psmp.service.pausing import pause
from psmp.service.statistics import Statistics
from psmp.wire.mended import MendedClient
from psmp.wire.standing import last_word
from psmp.words import subjects
from psmp.words.envelope import leaf_hash, open_event
from psmp.words.faults import told

LOG: Final = structlog.get_logger()
CHECKPOINTS: Final = "PSMP_CHECKPOINTS"
ANCHORS: Final = f"{subjects.CHECKPOINTS}._.anchor"
"""Where the anchor log's own checkpoints are; they say nothing of a record."""
_MOST_ANCHORS: Final = 8
"""So many messages about the anchor log may stand behind the newest about a project."""
_ASK: Final = 1.0
"""Seconds between two looks."""
_WATCH: Final = 0.1
"""Seconds after which a new connection is noticed."""


class GateKeeper:
    """A ``Loop`` that shuts the gate while the last word on the standing is that something is missing.

    At its start, after each new connection, and while the gate is shut it also looks whether the log has the record
    that the newest checkpoint covers, and the newest that was written here. No word and no checkpoint: the gate opens.
    """

    def __init__(self, nats: MendedClient, gate: Gate) -> None:
        self._nats, self._gate = nats, gate
        self._stopping = asyncio.Event()
        self._looked = -1

    async def run(self) -> None:
        """See ``Loop``."""
        clock = asyncio.get_running_loop().time
        due = 0.0
        while not self._stopping.is_set():
            if clock() >= due or self._nats.stats["reconnects"] != self._gate.seen:
                await self.look()
                due = clock() + _ASK
            await pause(self._stopping, _WATCH)

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        return Statistics("standing", trouble=self._gate.shut)

    async def look(self) -> None:
        """Look once; where nobody answers the gate stays as it is."""
        seen = self._nats.stats["reconnects"]
        try:
            word = await last_word(self._nats)
            shut = word.trouble if word else ""
            if not shut and (self._gate.shut or seen != self._looked):
                shut = await self._lost()
                self._looked = seen
        except (NatsError, TimeoutError, ValueError) as error:
            LOG.warning("standing_unknown", error=told(error))
            return
        if shut != self._gate.shut:
            LOG.critical("gate_shut", why=shut) if shut else LOG.warning("gate_open")
        REGRESSED.set(float(bool(shut)))
        self._gate.look(shut, seen)

    async def _lost(self) -> str:
        """What the log must have and has not; "" when it has."""
        position, leaf = await self._proved()
        if leaf and await self._leaf(position) != leaf:
            return f"the log lacks what the newest checkpoint covers, at position {position}. Next: psmp doctor"
        gate = self._gate
        if gate.position and await self._leaf(gate.position) != leaf_hash(gate.body) and not await self._is_pruned():
            return f"the log lacks what was written here, at position {gate.position}. Next: psmp doctor"
        return ""

    async def _is_pruned(self) -> bool:
        """Whether the log says that what was written here was pruned since."""
        written = open_event(self._gate.body)
        pruning = await last_pruning(self._nats, written.key)
        return pruning is not None and written.sequence <= pruning.event.upto

    async def _proved(self) -> tuple[int, str]:
        """Where the record stands that the newest checkpoint covers, and its hash; (0, "") where nobody signs."""
        try:
            message = await get(self._nats, CHECKPOINTS, {"last_by_subj": f"{subjects.CHECKPOINTS}.>"})
        except NoRespondersError:
            return 0, ""
        for _ in range(_MOST_ANCHORS):
            headers = (message.headers if message else None) or {}
            if subjects.LEAF in headers and headers["Nats-Subject"] != ANCHORS:
                return int(headers[subjects.POSITION]), headers[subjects.LEAF]
            number = int(headers.get("Nats-Sequence", 0))
            if number <= 1:
                break
            message = await get(self._nats, CHECKPOINTS, {"seq": number - 1})
        return 0, ""

    async def _leaf(self, position: int) -> str:
        message = await get(self._nats, STREAM, {"seq": position})
        return leaf_hash(message.data) if message else ""
