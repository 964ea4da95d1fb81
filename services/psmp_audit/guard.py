"""The guard of the ledger: before anything is taken in, log, ledger and checkpoints are held against each other."""

from pathlib import Path

import structlog
from nats.aio.client import Client

from psmp.service.metrics import REGRESSED
from psmp.store.pool import Connection
from psmp.store.restore.heads import Keys, standing
from psmp.store.restore.standing import MOST_TOLD, Kind, Regressed, Standing, command
from psmp.wire.standing import State, Word, last_word, say

LOG = structlog.get_logger()


class Guard:
    """Checks, and says for all to hear how it stands.

    ``file`` is that of the checkpoints; ``keys`` are those of the logs, where they are known.
    """

    def __init__(self, nats: Client, file: Path | None = None, keys: Keys = ()) -> None:
        self._nats, self._file, self._keys = nats, file, keys

    async def check(self, connection: Connection) -> None:
        """Raises ``Regressed`` when something is missing, unless whoever restores has asked for just that."""
        found = await standing(self._nats, connection, self._file, self._keys)
        for forged in found.forged[:MOST_TOLD]:
            LOG.critical("checkpoint_forged", error=forged)
        REGRESSED.set(float(not found.holds))
        word = await last_word(self._nats)
        if found.holds:
            if word is None or word.state is not State.WELL:
                LOG.warning("stands_again") if word else LOG.info("stands")
                await say(self._nats, Word(State.WELL))
            return
        if word is not None and word.state is State.RESTORING and _can_be_filled(found):
            return
        regressed = Regressed(found, command(found))
        said = Word(State.REGRESSED, found.told, regressed.hint)
        if word != said:
            LOG.critical("ledger_regressed", missing=found.told, hint=regressed.hint)
            await say(self._nats, said)
        raise regressed


def _can_be_filled(found: Standing) -> bool:
    """Whether all that is missing is what following the log brings back."""
    return all(each.kind is Kind.LEDGER_LACKS for each in found.missing)
