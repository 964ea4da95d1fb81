"""Sealing at work: what is personal in a command is sealed before anything is decided about it."""

import os

from psmp.personal import fields
from psmp.personal.sealing import NONCE_BYTES, seal
from psmp.wire.keyring import Keyring
from psmp.wire.mended import MendedClient
from psmp.words.envelope import CommandEnvelope
from psmp.words.sealed import ERASED


class Sealer:
    """Seals by the keys of who speaks, which it makes where there are none."""

    def __init__(self, nats: MendedClient) -> None:
        self._keyring = Keyring(nats)

    async def sealed(self, command: CommandEnvelope, agent: str, position: int, *, lasting: bool) -> CommandEnvelope:
        """The command of ``agent`` as it may be written down; no key is made for one that is not ``lasting``.

        What was sent, at ``position``, before the agent was erased is erased as well. Raises nats errors.
        """
        key = await self._keyring.to_seal(command.key, agent, position) if lasting else None
        if key is None:
            return fields.replaced(command, lambda *_: ERASED)
        return fields.replaced(command, lambda field, text: seal(key, field, text, os.urandom(NONCE_BYTES)))
