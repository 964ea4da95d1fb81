"""The whole of what is amiss between log, ledger and checkpoints, and what may be restored from what. Reads only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from psmp.log.jetstream import JetStreamEventLog
from psmp.store.pool import Connection, Pool
from psmp.store.restore.heads import Keys, promised, standing
from psmp.store.restore.judge import Side, judge
from psmp.store.restore.refill import is_unfinished
from psmp.store.restore.standing import Kind, Restore, Span, Standing
from psmp.store.restore.walk import Progress, Walked, walk
from psmp.store.verify import verify
from psmp.wire.mended import MendedClient
from psmp.words.ids import ProjectKey


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found: by the heads, by the walk, whom the checkpoints prove right, and faults of the ledger's own."""

    standing: Standing
    walked: Walked
    sides: Mapping[ProjectKey, Side]
    faults: Mapping[ProjectKey, int]
    """The first sequence of each project's ledger that does not follow on the one before."""
    unfinished: bool = False
    """Whether the log is one that somebody began to write anew and was cut off from."""

    @property
    def nothing_to_do(self) -> bool:
        """Whether log and ledger have the same but for what the ledger has yet to take in, and nothing is half done."""
        walked = self.walked
        return self.standing.holds and not (walked.lacking or walked.differing or self.faults or self.unfinished)

    @property
    def log_is_whole(self) -> bool:
        """Whether there is nothing to write into the log: what is amiss is that the ledger lacks something."""
        walked = self.walked
        amiss = {each.kind for each in self.standing.missing}
        return amiss == {Kind.LEDGER_LACKS} and not (walked.lacking or walked.differing or self.faults)

    def against_log(self, trusted: str) -> list[str]:
        """Why the log must not be written from the ledger; ``trusted`` is the side that a person vouches for."""
        why = [str(each) for each in self.standing.missing if self.standing.remedy is Restore.BACKUP]
        if self.log_is_whole:
            why.append(
                "the log has all that the ledger has, it is the ledger that lacks something: psmp restore ledger"
            )
        why += [f"the ledger itself is broken at record {first} of {key}" for key, first in self.faults.items()]
        accepted = {Side.LEDGER, Side.BOTH, Side.UNKNOWN}
        why += [
            f"the newest checkpoint of {key} does not prove what the ledger has of it, but {_proved(side)}"
            for key, side in self.sides.items()
            if side not in accepted
        ]
        if trusted != "ledger":
            why += [_undecided(key) for key in _keys(self.walked.differing) if self.sides[key] is not Side.LEDGER]
        return list(dict.fromkeys(why))

    def wrong_in_ledger(self, trusted: str) -> dict[ProjectKey, int]:
        """From which sequence on a project's ledger is not what the log has, which is proved or vouched for."""
        wrong: dict[ProjectKey, int] = {}
        for key in _keys((*self.walked.differing, *self.walked.unsound)) | self.faults.keys():
            if self.sides.get(key) is Side.LOG or trusted == "log":
                spans = (*self.walked.differing, *self.walked.unsound, *self.walked.lacking)
                firsts = [span.first for span in spans if span.key == key]
                wrong[key] = min((*firsts, *([self.faults[key]] if key in self.faults else [])))
        return wrong

    def against_ledger(self, trusted: str) -> list[str]:
        """Why the ledger cannot be filled from the log."""
        why = [str(each) for each in self.standing.missing if self.standing.remedy is Restore.BACKUP]
        wrong = self.wrong_in_ledger(trusted)
        why += [
            f"the log lacks {span}: psmp restore log comes first"
            for span in self.walked.lacking
            if span.key not in wrong
        ]
        why += [_undecided(key) for key in sorted(_keys(self.walked.differing) - wrong.keys())]
        why += [
            f"the ledger is broken at record {first} of {key}, and nothing proves the log right"
            for key, first in self.faults.items()
            if key not in wrong
        ]
        return list(dict.fromkeys(why))


async def diagnose(
    nats: MendedClient,
    connection: Connection,
    pool: Pool,
    file: Path | None,
    progress: Progress = lambda _, __: None,
    keys: Keys = (),
) -> Diagnosis:
    """Look at everything. Raises nats errors, ``Unreachable``, ``TimeoutError`` and asyncpg's errors."""
    found = await standing(nats, connection, file, keys)
    promises = await promised(nats, connection, file, keys)
    log = JetStreamEventLog(nats)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        walked = await walk(nats, connection, progress)
        faults = {each.key: each.fault.sequence async for each in verify(pool) if each.fault}
        doubted = _keys((*walked.lacking, *walked.differing, *walked.unsound)) | faults.keys()
        sides = await judge(connection, log, promises, doubted)
    return Diagnosis(found, walked, sides, faults, await is_unfinished(nats))


def _keys(spans: Iterable[Span]) -> set[ProjectKey]:
    return {span.key for span in spans if span.key is not None}


def _proved(side: Side) -> str:
    return "the log's" if side is Side.LOG else "neither side's"


def _undecided(key: ProjectKey) -> str:
    return f"log and ledger have different bytes of {key}, and no checkpoint says which are right"
