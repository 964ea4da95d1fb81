"""Answers: what settled a command goes to its sender, as it is stored, with a receipt where the service has the key."""

from pathlib import Path
from typing import Final

from nats.aio.client import Client
from pydantic import FilePath, ValidationInfo, field_validator

from psmp.ledger import origins
from psmp.ledger.keys import Use, read_private
from psmp.ledger.notes import Signer
from psmp.ledger.receipts import Promises
from psmp.log.port import Record
from psmp.service.settings import Deployment, Settings
from psmp.words import subjects
from psmp.words.envelope import open_event
from psmp.words.ids import ProjectKey
from psmp.words.receipt import HEADER, packed

POSITION: Final = "Psmp-Position"
"""The header in which an outcome says where in the stream it is stored."""


class Outcomes:
    """Tells senders what settled their commands. Whoever answers signs: nobody promises what another has said.

    Only what the log has acknowledged, or was read in it, may be told; the same record is told in the same words.
    """

    def __init__(self, nats: Client, promises: Promises | None = None) -> None:
        self._nats, self._promises = nats, promises

    async def tell(self, key: ProjectKey, agent: str, command_id: str, record: Record) -> None:
        """Send ``agent`` the record that settled its command."""
        headers = {POSITION: str(record.position)}
        if self._promises is not None:
            opened = record.opened or open_event(record.body)
            headers[HEADER] = packed(self._promises.note(record.key, opened.sequence, record.body))
        await self.publish(key, agent, command_id, record.body, headers)

    async def publish(
        self, key: ProjectKey, agent: str, command_id: str, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        """Send an answer that is in no log, and so promises nothing."""
        await self._nats.publish(subjects.outcome(key, agent, command_id), body, headers=headers)


class AnsweringSettings(Settings):
    """What a service needs to know that answers commands.

    ``receipt_keys`` is a file of private keys; each ``receipt`` key in it signs every receipt. Without it none is made.
    """

    deployment: Deployment = origins.HERE
    receipt_keys: FilePath | None = None

    @field_validator("receipt_keys")
    @classmethod
    def _has_keys(cls, path: FilePath | None, told: ValidationInfo) -> FilePath | None:
        if path is not None and "deployment" in told.data:
            _signers(path, told.data["deployment"])
        return path

    @property
    def promises(self) -> Promises | None:
        """What makes the receipts; None where there is no key."""
        keys = self.receipt_keys
        return Promises(self.deployment, _signers(keys, self.deployment)) if keys else None


def _signers(path: Path, deployment: str) -> tuple[Signer, ...]:
    try:
        found = read_private(path.read_text(encoding="utf-8").splitlines())[Use.RECEIPT]
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:  # what is no key file is Malformed; neither says more than the line's number
        raise ValueError(f"{path} is no file of private keys: {error}") from None
    name = origins.receipts(deployment)
    if not found or any(each.name != name for each in found):
        make = f"psmp signing-key make receipt {name} --file {path}"
        raise ValueError(f"{path} must have a receipt key, and all must be named {name}: {make}")
    return found
