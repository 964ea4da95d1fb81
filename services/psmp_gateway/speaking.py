"""Commands and questions in an agent's name, over the gateway's one link to NATS."""

import asyncio
from collections import OrderedDict
from functools import partial
from typing import Final, TypeVar

from pydantic_core import from_json

from psmp.client import clock
from psmp.client.asking import Asker
from psmp.client.client import Client
from psmp.client.errors import NoAnswer, NotAcknowledged, Order
from psmp.client.link import Link
from psmp.client.receipts import Receipts
from psmp.client.results import Settled
from psmp.client.sending import Sender
from psmp.wire.asking import Answer, Asking
from psmp.wire.message import Message
from psmp.words import subjects
from psmp.words.answers import Status, StatusQuestion
from psmp.words.commands import LARGER, Command
from psmp.words.envelope import TraceParent, seal_command
from psmp.words.ids import ProjectKey
from psmp.words.strict import MAX_BYTES
from psmp.words.values import Word
from psmp_gateway.rules import problems
from psmp_gateway.rules.access import Caller
from psmp_gateway.rules.headers import command_id
from psmp_gateway.trouble import trouble

MOST_REMEMBERED: Final = 100_000
SOURCE: Final = "/psmp/gateway"

ONCE_WITHIN: Final = 2.0
"""Seconds after which a command that was not acknowledged is sent again."""

A = TypeVar("A", bound=Word)


class Speaking:
    """Says what callers want said. ``ask_within`` is how many seconds the keeper has for an answer."""

    def __init__(self, link: Link, ask_within: float) -> None:
        self._link, self._sender, self._ask_within = link, Sender(link, Receipts(None)), ask_within
        self._used: OrderedDict[str, int] = OrderedDict()
        self._asking: Asking | None = None

    def order(
        self,
        caller: Caller,
        project: str,
        command: Command,
        key: str | None,
        traceparent: TraceParent | None,
        *,
        expected: int | None = None,
    ) -> Order:
        """A command ready to be sent; ``key`` is the caller's ``Idempotency-Key``.

        Raises ``Trouble`` for a command that is too large, or another one than the key was used for before, as far as
        this gateway remembers; ``Unusable`` for a key that is none.
        """
        place = ProjectKey(caller.tenant, project)
        named = None if key is None else command_id(caller.tenant, project, caller.agent, key)
        if named is not None:
            self._remember(named, hash((command.KIND, expected, command.model_dump_json())))
        stamp = clock.stamp(named)
        body = seal_command(place, caller.agent, command, stamp, traceparent, source=SOURCE, expected=expected)
        most = LARGER.get(command.KIND, MAX_BYTES)
        if len(body) > most:
            detail = f"the command has {len(body)} bytes in its envelope, at most {most} are taken"
            raise trouble(problems.TOO_LARGE, detail, "declare less at once")
        subject = subjects.command(place, caller.agent, command.KIND, privileged=caller.privileged)
        return Order(stamp.id, place, caller.agent, command.KIND, subject, body)

    def _remember(self, named: str, fingerprint: int) -> None:
        if self._used.setdefault(named, fingerprint) != fingerprint:
            detail = "this Idempotency-Key came with another request before"
            raise trouble(problems.KEY_REUSED, detail, "make a new key for each command")
        self._used.move_to_end(named)
        if len(self._used) > MOST_REMEMBERED:
            self._used.popitem(last=False)

    async def settle(self, order: Order, within: float) -> Settled:
        """The outcome of a command. Raises what ``Sender.settle`` does."""
        return await self._sender.settle(order, within)

    async def send(self, order: Order, within: float) -> int:
        """Store a command and wait for no outcome; its position among the commands. Raises ``NotAcknowledged``.

        It is sent without a task or a timer of its own; where no answer comes of that, again, as everything else is.
        """
        position = await self._send_once(order)
        return position if position is not None else await self._send_until(order, within)

    async def _send_once(self, order: Order) -> int | None:
        if self._asking is None:
            asking = Asking(await self._link.up(), ONCE_WITHIN)
            await asking.ready()
            self._asking = asking
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asking.ask(order.subject, order.body, b"", partial(_tell, answered))
        answer = await answered
        if not isinstance(answer, Message):
            return None
        said = from_json(answer.data)
        return int(said["seq"]) if "error" not in said and "seq" in said else None

    async def _send_until(self, order: Order, within: float) -> int:
        try:
            raw = await self._link.request(order.subject, order.body, within, f"{order.kind} for {order.key}")
        except NoAnswer as error:
            raise NotAcknowledged(order, within, error.reason) from None
        said = from_json(raw)
        if "error" in said or "seq" not in said:
            raise NotAcknowledged(order, within, f"NATS did not store it: {raw.decode(errors='replace')[:200]}")
        return int(said["seq"])

    async def ask(self, caller: Caller, kind: str, question: Word, answer: type[A], within: float | None = None) -> A:
        """What the keeper, or whoever answers such questions, answers. Raises what ``Asker.ask`` does."""
        asker, seconds = Asker(self._link, caller.tenant, caller.agent), within or self._ask_within
        return await asker.ask(kind, question, answer, seconds)

    async def status(
        self, caller: Caller, project: str, sequence: int | None = None, time: str | None = None
    ) -> Status:
        """How a project stands now, or stood at ``sequence`` or at a time."""
        question = StatusQuestion(project=project, sequence=sequence, time=time)
        return await self.ask(caller, "status", question, Status)

    def client(self, caller: Caller) -> Client:
        """A client that speaks as the caller over the same link."""
        return Client(self._link, self._sender, caller.tenant, caller.agent, self._ask_within)

    async def beat(self, caller: Caller, project: str) -> None:
        """Say that the agent is alive."""
        subject = subjects.heartbeat(ProjectKey(caller.tenant, project), caller.agent)
        await self._link.request(subject, b"alive", self._ask_within, "the heartbeat")


def _tell(answered: asyncio.Future[Answer], answer: Answer) -> None:
    if not answered.done():  # whoever asked may have gone
        answered.set_result(answer)
