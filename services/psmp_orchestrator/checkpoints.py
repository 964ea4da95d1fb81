"""The newest checkpoint of a project's log, as the signer signed it and audit published it."""

from base64 import b64encode

from nats.aio.client import Client

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.notes import Malformed, Note
from psmp.log.jetstream import get
from psmp.words import subjects
from psmp.words.ids import ProjectKey

STREAM = "PSMP_CHECKPOINTS"


class Checkpoints:
    """Reads what is in ``PSMP_CHECKPOINTS``, where audit alone may write."""

    def __init__(self, nats: Client) -> None:
        self._nats = nats

    async def covering(self, key: ProjectKey, sequence: int) -> str | None:
        """The checkpoint that covers event ``sequence``, as its size and its root in base64; None when there is none.

        Raises nats errors.
        """
        message = await get(self._nats, STREAM, {"last_by_subj": subjects.checkpoint(key)})
        if message is None:
            return None
        try:
            found = Checkpoint.read(Note.read(message.data).text)
        except Malformed:
            return None
        return f"{found.size} {b64encode(found.root).decode()}" if found.size >= sequence else None
