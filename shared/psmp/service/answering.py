"""Questions over NATS, answered side by side: what every service that answers any has in common.

How long an answer may take is for whoever finds it to say. Nothing here cuts it short, for what a long log has told
would be lost with it; ``Asked.ending`` says when the service is to end.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import structlog
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError
from pydantic import ValidationError

from psmp.log.port import Unreachable
from psmp.service.statistics import Statistics
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.answers import Problem
from psmp.words.faults import told
from psmp.words.values import Word

LOG: Final = structlog.get_logger()
MOST_WAITING: Final = 4096
"""So many questions are in hand at once; who is not heard asks again."""
LEAVING: Final = 2.0
"""Seconds for the server to say that no more questions come."""

Q = TypeVar("Q", bound=Word)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came. ``ending`` is done when the service is to end: who waits for something waits no longer."""

    tenant: str
    agent: str
    kind: str
    body: bytes
    ending: asyncio.Future[Any]

    @classmethod
    def of(cls, subject: str, body: bytes, ending: asyncio.Future[Any]) -> "Asked":
        """What was asked on ``psmp.qry.<tenant>.<agent>.<kind>``."""
        _, _, tenant, agent, kind = subject.split(".")
        return cls(tenant, agent, kind, body, ending)

    def read(self, form: type[Q]) -> Q:
        """What it says, as a question of that form; raises ``ValidationError``."""
        return form.model_validate_json(self.body)


Find = Callable[[Asked], Awaitable[Word]]
Spell = Callable[[str, Word], Awaitable[bytes]]


async def plain(_tenant: str, answer: Word) -> bytes:
    """An answer as it is sent, where nothing in it is sealed."""
    return answer.model_dump_json().encode()


class Answering:
    """Answers questions of ``kinds``, asked on ``psmp.qry.<tenant>.<agent>.<kind>``, with what ``find`` says.

    Replicas of one ``queue`` share the questions; without one each hears all. ``besides`` are the kinds that others
    answer: where it is given, whatever is of no kind at all is answered, too. ``find`` and ``spell`` are at work on
    ``at_once`` questions; ``find`` may raise ``ValidationError`` and whatever says that something is away.
    """

    def __init__(
        self,
        nats: MendedClient,
        kinds: Collection[str],
        find: Find,
        *,
        queue: str = "",
        besides: Collection[str] | None = None,
        spell: Spell = plain,
        at_once: int = MOST_WAITING,
    ) -> None:
        self._nats, self._kinds, self._find, self._spell = nats, kinds, find, spell
        self._queue, self._besides = queue, besides
        self._places = asyncio.Semaphore(at_once)
        self._stopping = asyncio.Event()
        self._left = False
        self._waiting = self._answered = 0

    async def run(self) -> None:
        """See ``Loop``."""
        async with asyncio.TaskGroup() as group:
            ending = group.create_task(self._stopping.wait())

            async def arrive(message: Msg) -> None:
                if self._takes(message):
                    self._waiting += 1
                    group.create_task(self._answer(message, ending))

            heard = [await self._nats.subscribe(each, queue=self._queue, cb=arrive) for each in self._subjects()]
            await ending
            await self._leave(heard)
        self._left = True

    def stop(self) -> None:
        """See ``Loop``."""
        self._stopping.set()

    def describe(self) -> Statistics:
        """See ``Loop``."""
        return Statistics("questions", self._answered)

    def _subjects(self) -> list[str]:
        kinds = ["*"] if self._besides is not None else sorted(self._kinds)
        return [subjects.question("*", "*", kind) for kind in kinds]

    def _takes(self, message: Msg) -> bool:
        kind = message.subject.rpartition(".")[2]
        is_ours = bool(message.reply) and kind not in (self._besides or ())
        return is_ours and self._waiting < MOST_WAITING and not self._left

    async def _leave(self, heard: list[Subscription]) -> None:
        """Hear no more; what the server has sent already, to us and to no other replica, is answered."""
        if self._nats.is_connected:
            try:
                async with asyncio.timeout(LEAVING):
                    for each in heard:
                        await each.drain()  # type: ignore[no-untyped-call]
            except (NatsError, TimeoutError, OSError) as error:
                LOG.warning("not_drained", error=told(error))

    async def _answer(self, message: Msg, ending: asyncio.Future[Any]) -> None:
        try:
            asked = Asked.of(message.subject, message.data, ending)
            async with self._places:
                body = await self._spell(asked.tenant, await self._found(asked))
            await self._send(asked, message.reply, body)
            self._answered += 1
        except NatsError as error:
            LOG.warning("not_answered", subject=message.subject, error=told(error))
        finally:
            self._waiting -= 1

    async def _found(self, asked: Asked) -> Word:
        if asked.kind not in self._kinds:
            return unknown(asked.kind, self._kinds)
        try:
            return await self._find(asked)
        except ValidationError as error:
            return malformed(error)
        except (Unreachable, NatsError, TimeoutError, OSError) as error:
            return unavailable(told(error))

    async def _send(self, asked: Asked, reply: str, body: bytes) -> None:
        try:
            await self._nats.publish(reply, body)
        except MaxPayloadError:
            await self._nats.publish(reply, await plain(asked.tenant, too_large(asked.kind, len(body))))


def unknown(kind: str, kinds: Collection[str]) -> Problem:
    """There is no such question."""
    return Problem(code="UNKNOWN_QUESTION", reason=f"there is no question {kind}", hint=f"ask {', '.join(kinds)}")


def malformed(error: ValidationError) -> Problem:
    """What was asked is no question of its kind."""
    return Problem(code="MALFORMED", reason=str(error), hint="see the question's schema")


def unavailable(reason: str) -> Problem:
    """Something that the answer needs is away; whoever asks again may be answered."""
    return Problem(code="UNAVAILABLE", reason=reason, hint="psmp doctor shows what is away; then ask again")


def no_project(project: str) -> Problem:
    """There is no project of that name."""
    return Problem(code="UNKNOWN_PROJECT", reason=f"there is no project {project}", hint="`psmp projects` lists yours")


def too_large(kind: str, size: int) -> Problem:
    """There is an answer, and no message that holds it."""
    reason = f"the answer to {kind} has {size} bytes, more than NATS takes"
    return Problem(code="UNAVAILABLE", reason=reason, hint="raise max_payload in nats.conf")
