"""One WebSocket: subscriptions to the log, commands and their outcomes, for somebody who was let in as over HTTP."""

import asyncio
from typing import Final

from pydantic import ValidationError
from pydantic_core import to_json
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from psmp.client.errors import PsmpError, VerdictPending
from psmp.client.results import Verdict
from psmp.words import strict
from psmp.words.strict import Fault, Malformed
from psmp_gateway.calls import ACKNOWLEDGED_WITHIN, AGENT, Ports, caller_of, count, outcome, permit
from psmp_gateway.entrance import HOW, Entry
from psmp_gateway.keys import NotKnown
from psmp_gateway.rules import conversation as words
from psmp_gateway.rules import problems
from psmp_gateway.rules.access import COMMANDS, SENT, Caller, Permission
from psmp_gateway.rules.conversation import Authenticate, Ping, Say, Spoken, Subscribe, Unsubscribe
from psmp_gateway.rules.headers import Unusable
from psmp_gateway.rules.live import Filter
from psmp_gateway.rules.problems import Problem
from psmp_gateway.stream import RESYNCS, SENT_WITHIN, STREAMS, Reader
from psmp_gateway.trouble import Trouble, invalid, trouble, understood, unknown_project

INTRODUCED_WITHIN: Final = 10.0
"""Seconds in which a client says who it is that did not say so before."""
MOST_SUBSCRIPTIONS: Final = 32
MOST_COMMANDS: Final = 32
"""Commands whose outcome one client waits for at the same time; further ones wait for their turn."""

UNAUTHENTICATED: Final = 4401
SLOW: Final = 4408
GOING_AWAY: Final = 1001


class TooSlow(Exception):
    """The client does not take what it is sent."""


class Conversation:
    """Everything that is said over one connection."""

    def __init__(self, connection: WebSocket, ports: Ports, within: float = SENT_WITHIN) -> None:
        self._connection, self._ports, self._within = connection, ports, within
        self._sending = asyncio.Lock()
        self._turns = asyncio.Semaphore(MOST_COMMANDS)
        self._following: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """From the handshake to the end."""
        try:
            met = await self._meet()
        except Trouble as error:
            await self._connection.send_denial_response(_refused(error.problem))
            return
        await self._connection.accept()
        try:
            with STREAMS.track_inprogress():
                await self._talk(met)
        except* TooSlow:
            RESYNCS.inc()
        except* WebSocketDisconnect:
            pass

    async def _meet(self) -> tuple[Entry, Caller] | None:
        """Whoever shakes hands; None when it has yet to say who it is. Raises ``Trouble``."""
        headers, entrance = self._connection.headers, self._ports.entrance
        origin = headers.get("origin")
        if origin is not None and not entrance.site.is_ours(origin, headers.get("host", "")):
            raise trouble(problems.FORBIDDEN, "a page of another site may not speak here", "open the dashboard itself")
        cookie = entrance.site.session_cookie(headers.get("host", ""))
        if "authorization" not in headers and cookie not in self._connection.cookies:
            return None
        entry = await entrance.admit(self._connection)
        return entry, self._caller(entry, headers.get(AGENT))

    def _caller(self, entry: Entry, agent: str | None) -> Caller:
        count(self._ports, entry.grant).check()
        caller = caller_of(entry.grant, agent)
        permit(caller, Permission.READ)
        return caller

    async def _talk(self, met: tuple[Entry, Caller] | None) -> None:
        try:
            entry, caller = met or await self._introduced()
        except Trouble as error:
            await self._send(words.problem(None, error.problem))
            await self._end(UNAUTHENTICATED, error.problem.title)
            return
        grant = caller.grant
        who = {"agent": caller.agent, "tenant": grant.tenant, "role": str(grant.role)}
        await self._send(words.told("welcome", **who, position=self._ports.tail.end))
        async with asyncio.TaskGroup() as group:
            over = group.create_task(self._until_over(entry))
            try:
                while True:
                    await self._hear(await self._receive(), entry, caller, group)
            finally:
                over.cancel()
                for task in self._following.values():
                    task.cancel()

    async def _introduced(self) -> tuple[Entry, Caller]:
        try:
            async with asyncio.timeout(INTRODUCED_WITHIN):
                said = _read(await self._receive())
        except TimeoutError:
            raise trouble(problems.UNAUTHENTICATED, "nobody said who speaks", HOW) from None
        if not isinstance(said, Authenticate):
            raise trouble(problems.UNAUTHENTICATED, "the first message must say who speaks", HOW)
        try:
            entry = await self._ports.entrance.shown(said.token)
        except NotKnown as error:
            raise trouble(problems.UNAVAILABLE, str(error), "connect again", retry_seconds=1) from None
        if entry is None:
            raise trouble(problems.UNAUTHENTICATED, "the key or token opens nothing", HOW)
        return entry, self._caller(entry, said.agent)

    async def _until_over(self, entry: Entry) -> None:
        """Ends the conversation when it must end, whether or not anybody follows anything."""
        over, tail = self._ports.over(entry.still), self._ports.tail
        with tail.watched() as stirred:
            while not tail.stopped and not over():
                stirred.clear()
                try:
                    async with asyncio.timeout(self._ports.settings.live_beat_seconds):
                        await stirred.wait()
                except TimeoutError:
                    continue
        reason = over() or "the gateway is being stopped; connect again"
        await self._send(words.told("closed", reason=reason))
        await self._end(GOING_AWAY if tail.stopped or self._ports.drain.begun else UNAUTHENTICATED, reason)
        raise WebSocketDisconnect(GOING_AWAY)

    async def _hear(self, text: str, entry: Entry, caller: Caller, group: asyncio.TaskGroup) -> None:
        name: str | None = None
        try:
            said = _read(text)
            name = getattr(said, "id", None)
            count(self._ports, caller.grant).check()
            match said:
                case Ping():
                    await self._send(words.told("pong", name, position=self._ports.tail.end))
                case Subscribe():
                    self._subscribe(said, entry, caller, group)
                case Unsubscribe():
                    self._unsubscribe(said)
                    await self._send(words.told("unsubscribed", name))
                case Say():
                    await self._turns.acquire()
                    group.create_task(self._command(said, caller))
                case Authenticate():
                    raise trouble(problems.INVALID, "who speaks was said already", "open another connection")
        except Trouble as error:
            await self._send(words.problem(name, error.problem))

    def _subscribe(self, said: Subscribe, entry: Entry, caller: Caller, group: asyncio.TaskGroup) -> None:
        if said.id in self._following:
            raise trouble(problems.INVALID, f"{said.id} is followed already", "unsubscribe it first")
        if len(self._following) >= MOST_SUBSCRIPTIONS:
            raise trouble(problems.OVERLOADED, f"{MOST_SUBSCRIPTIONS} subscriptions are open", "unsubscribe one first")
        for project in said.project:
            if not caller.sees(project):
                raise unknown_project(project)
        self._ports.room()
        ports, projects = self._ports, frozenset(said.project) or caller.grant.projects
        wanted = Filter(caller.tenant, projects, said.kind, said.severity)
        over, beat = ports.over(entry.still), ports.settings.live_beat_seconds
        reader = Reader(ports.tail, wanted, said.after, over, beat, Spoken(said.id))
        self._following[said.id] = group.create_task(self._follow(said.id, reader))

    def _unsubscribe(self, said: Unsubscribe) -> None:
        task = self._following.pop(said.id, None)
        if task is None:
            raise trouble(problems.INVALID, f"{said.id} is not followed", "subscribe it first")
        task.cancel()

    async def _follow(self, name: str, reader: Reader) -> None:
        async for chunk in reader.frames():
            for line in chunk.splitlines():
                await self._send(line)
        self._following.pop(name, None)

    async def _command(self, said: Say, caller: Caller) -> None:
        try:
            answer = await self._settled(said, caller)
        except Trouble as error:
            answer = words.problem(said.id, error.problem)
        except PsmpError as error:
            answer = words.problem(said.id, understood(error, said.project))
        except Unusable as error:
            answer = words.problem(said.id, invalid(Fault("/key", error.problem)).problem)
        finally:
            self._turns.release()
        await self._send(answer)

    async def _settled(self, said: Say, caller: Caller) -> bytes:
        kind = SENT.get(said.command)
        if kind is None:
            raise invalid(Fault("/command", f"{said.command!r} is none of {', '.join(SENT)}"))
        permit(caller, COMMANDS[kind])
        if not caller.sees(said.project):
            raise unknown_project(said.project)
        try:
            command = kind.model_validate_json(to_json(said.data))
        except ValidationError as error:
            raise invalid(*_faults(error, "/data")) from None
        speaking = self._ports.speaking
        order = speaking.order(caller, said.project, command, said.key, None)
        if not said.wait:
            position = await speaking.send(order, ACKNOWLEDGED_WITHIN)
            return words.told("sent", said.id, command_id=order.command_id, position=position)
        try:
            settled = await speaking.settle(order, said.wait)
        except VerdictPending as pending:
            return words.told("sent", said.id, command_id=order.command_id, position=pending.position)
        verdict = {"accepted": settled.accepted, "text": settled.text} if isinstance(settled, Verdict) else {}
        return words.told("outcome", said.id, **verdict, **outcome(settled).model_dump(mode="json", exclude_none=True))

    async def _receive(self) -> str:
        """The next message; one of bytes is taken for a text that cannot be read."""
        message = await self._connection.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", GOING_AWAY))
        return str(message.get("text") or "")

    async def _send(self, message: bytes) -> None:
        """Raises ``TooSlow`` when the client does not take it."""
        try:
            async with asyncio.timeout(self._within), self._sending:
                await self._connection.send_text(message.decode())
        except TimeoutError:
            raise TooSlow from None

    async def _end(self, code: int, reason: str) -> None:
        try:
            async with asyncio.timeout(self._within):
                await self._connection.close(code, reason[:120])
        except TimeoutError:
            raise TooSlow from None


def _read(text: str) -> Authenticate | Subscribe | Unsubscribe | Say | Ping:
    raw = text.encode()
    try:
        strict.parse(raw)
        return words.ASKED.validate_json(raw)
    except Malformed as malformed:
        raise invalid(*malformed.faults) from None
    except ValidationError as error:
        raise invalid(*_faults(error)) from None


def _faults(error: ValidationError, below: str = "") -> list[Fault]:
    told = error.errors(include_url=False, include_context=False, include_input=False)
    return [Fault(below + strict.pointer(each["loc"]), each["msg"]) for each in told]


def _refused(said: Problem) -> Response:
    return Response(said.model_dump_json(exclude_none=True), said.status, media_type="application/problem+json")
