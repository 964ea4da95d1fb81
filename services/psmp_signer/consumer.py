"""The signer at work: it is asked over NATS, remembers on disk what it is about to sign, and then signs it."""

import asyncio
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from typing import Final

import structlog
from nats.errors import Error as NatsError
from pydantic import ValidationError

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.dsse import EXTRACT
from psmp.ledger.keys import Keys, Use
from psmp.ledger.notes import Signer, Verifier, seal
from psmp.ledger.signing import (
    Answers,
    Bundle,
    Envelope,
    Refusal,
    Signature,
    Stated,
    Statement,
    Why,
    Wish,
    Wishes,
    manifest,
    pae,
)
from psmp.service.memory import Memory
from psmp.service.statistics import Statistics
from psmp.wire.mended import MendedClient
from psmp.wire.message import Message
from psmp.words import subjects
from psmp.words.faults import told
from psmp_signer.rules import judge, recalled

LOG: Final = structlog.get_logger()
_MOST_WAITING: Final = 1000


class Signatory:
    """A ``Loop`` that answers one request after the other; what comes while a thousand wait is not heard."""

    def __init__(self, nats: MendedClient, deployment: str, keys: Keys[Signer], memory: Memory) -> None:
        self._nats, self._deployment, self._memory = nats, deployment, memory
        self._logs, self._statements = keys[Use.LOG], keys[Use.STATEMENT]
        self._verifiers: tuple[Verifier, ...] = tuple(each.verifier for each in self._logs)
        self._asked: asyncio.Queue[Message | None] = asyncio.Queue()
        self._signed = self._refused = 0
        self._trouble = ""

    async def run(self) -> None:
        """See ``Loop``."""
        for subject in (subjects.SIGN_CHECKPOINTS, subjects.SIGN_STATEMENT, subjects.SIGN_EXPORT):
            await self._nats.listen(subject, self._hear)
        while (message := await self._asked.get()) is not None:
            try:
                answer = await asyncio.to_thread(self._answer, message)
            except sqlite3.Error as error:  # it is not signed, and whoever asked asks again
                self._trouble = f"cannot remember what it signs: {error}"
                LOG.exception("signer_failed")
                continue
            self._trouble = ""
            try:
                await self._nats.publish(message.reply, answer)
            except NatsError as error:
                LOG.warning("not_answered", error=told(error))

    def stop(self) -> None:
        """See ``Loop``."""
        self._asked.put_nowait(None)

    def describe(self) -> Statistics:
        """See ``Loop``; ``buried`` is what was refused."""
        trouble = self._trouble if self._nats.is_connected else "not connected to NATS"
        return Statistics("signer", self._signed, buried=self._refused, waiting=self._asked.qsize(), trouble=trouble)

    def _hear(self, message: Message) -> None:
        if message.reply and self._asked.qsize() < _MOST_WAITING:
            self._asked.put_nowait(message)

    def _answer(self, message: Message) -> bytes:
        if message.subject in (subjects.SIGN_STATEMENT, subjects.SIGN_EXPORT):
            exports = message.subject == subjects.SIGN_EXPORT
            return self._state(message.data, exports=exports).model_dump_json().encode()
        return self._sign(message.data).model_dump_json().encode()

    def _sign(self, asked: bytes) -> Answers:
        """Judge every wish, remember what may be signed, and only then sign it."""
        try:
            wishes = Wishes.model_validate_json(asked).wishes
        except ValidationError as error:
            return Answers(refused=_unread(error))
        judged = list(self._judged(wishes))
        self._memory.remember(each for each in judged if isinstance(each, Checkpoint))
        return Answers(answers=tuple(map(self._told, judged)))

    def _judged(self, wishes: tuple[Wish, ...]) -> Iterator[Checkpoint | Refusal]:
        agreed: dict[str, Checkpoint] = {}
        for wish in wishes:
            signed = agreed.get(wish.origin) or self._memory.recall(wish.origin) or recalled(wish, self._verifiers)
            found = judge(self._deployment, wish, signed)
            if isinstance(found, Checkpoint):
                agreed[wish.origin] = found
            yield found

    def _told(self, judged: Checkpoint | Refusal) -> str | Refusal:
        if isinstance(judged, Refusal):
            self._refused += 1
            LOG.error("not_signed", why=judged.why, text=judged.text)
            return judged
        self._signed += 1
        return seal(judged.text, [key.sign(judged.text) for key in self._logs]).decode()

    def _state(self, asked: bytes, *, exports: bool) -> Stated:
        """Whoever may have only ``exports`` signed is refused everything else: what it attests would be believed."""
        try:
            statement = Statement.model_validate_json(asked).statement
        except ValidationError as error:
            return Stated(refused=_unread(error))
        if exports and isinstance(statement, Envelope) and statement.payload_type != EXTRACT:
            self._refused += 1
            text = f"only bundles and extracts are signed here, no {statement.payload_type}"
            return Stated(refused=Refusal(why=Why.FOREIGN, text=text))
        self._signed += 1
        match statement:
            case Bundle(sha256=sha256):
                text = manifest(self._deployment, sha256)
                return Stated(note=seal(text, [key.sign(text) for key in self._statements]).decode())
            case Envelope(payload_type=kind, payload=payload):
                return Stated(signatures=tuple(_enveloped(key, pae(kind, payload)) for key in self._statements))


def _enveloped(key: Signer, text: str) -> Signature:
    verifier = key.verifier
    return Signature(keyid=f"{verifier.name}+{verifier.id.hex()}", sig=b64encode(key.signature(text)).decode())


def _unread(error: ValidationError) -> Refusal:
    first = error.errors(include_url=False, include_input=False)[0]
    return Refusal(why=Why.MALFORMED, text=f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
