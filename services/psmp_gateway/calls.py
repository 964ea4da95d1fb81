"""One call: who makes it, what it may, what is said on its behalf, and how the answer is spelled."""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, NamedTuple, TypeVar

from fastapi import Depends, Request
from fastapi.responses import Response
from nats.aio.client import Client as Nats
from pydantic import ValidationError
from pydantic_core import from_json
from starlette.exceptions import HTTPException

from psmp.client.errors import VerdictPending
from psmp.client.results import Settled
from psmp.rules.limits import Buckets
from psmp.service.statistics import Statistics
from psmp.words import strict, subjects
from psmp.words.answers import Status
from psmp.words.commands import Command
from psmp.words.ids import OWN_AGENTS
from psmp.words.refusals import Code
from psmp.words.strict import Fault, Malformed
from psmp.words.values import Word
from psmp_gateway.drain import Drain
from psmp_gateway.entrance import Entrance, Entry
from psmp_gateway.keys import Keys
from psmp_gateway.record import Record
from psmp_gateway.rules import headers, problems
from psmp_gateway.rules.access import Caller, Grant, Permission
from psmp_gateway.rules.answers import Outcome, Sent, changes_nothing
from psmp_gateway.settings import GatewaySettings
from psmp_gateway.speaking import Speaking
from psmp_gateway.tail import Tail
from psmp_gateway.trouble import Trouble, invalid, trouble, unknown_project

AGENT: Final = "Psmp-Agent"
"""The header in which an admin says in whose name it speaks; nobody else may."""

PRIVILEGED: Final = 10
"""How many requests of a privileged client count as one."""

ACKNOWLEDGED_WITHIN: Final = 5.0
JSON: Final = "application/json"
MOST: Final = strict.MAX_BYTES
"""Bytes that a body may have."""
_TYPES: Final = (JSON, "application/merge-patch+json")

W = TypeVar("W", bound=Word)


@dataclass(frozen=True, slots=True)
class Ports:
    """What the gateway's routes reach."""

    settings: GatewaySettings
    nats: Nats
    speaking: Speaking
    keys: Keys
    tail: Tail
    limits: Buckets
    describe: Callable[[], Iterable[Statistics]]
    record: Record
    entrance: Entrance
    drain: Drain = field(default_factory=Drain)

    def room(self) -> None:
        """Raises ``Trouble`` when there is no room for one more live reader, or there are to be no more."""
        if self.drain.begun:
            raise trouble(problems.OVERLOADED, "this gateway is being drained", "connect again", retry_seconds=1)
        if self.tail.describe().waiting >= self.settings.live_streams:
            detail = "too many live readers are connected"
            raise trouble(problems.OVERLOADED, detail, "come back later", retry_seconds=10)

    def over(self, still: Callable[[], bool]) -> Callable[[], str]:
        """Why a live reader may go on no longer; "" while it may."""

        def over() -> str:
            if self.drain.begun:
                return "this gateway is being drained; connect again"
            return "" if still() else "what you came in with opens nothing any more"

        return over


@dataclass(frozen=True, slots=True)
class Call:
    """One request of ``caller``."""

    caller: Caller
    entry: Entry
    request: Request
    ports: Ports

    async def status(self, project: str, sequence: int | None = None, time: str | None = None) -> Status:
        """How a project stands, or stood; what the key is not for does not exist."""
        self.see(project)
        return await self.ports.speaking.status(self.caller, project, sequence, time)

    def see(self, project: str) -> None:
        """Raises ``Trouble`` unless the key is for that project."""
        if not self.caller.sees(project):
            raise unknown_project(project)

    async def expected(self, project: str, sequence_of: Callable[[Status], int]) -> int | None:
        """As ``locked``, of what a project's status tells."""

        async def current() -> int:
            return sequence_of(await self.status(project))

        return await self.locked(current)

    async def locked(self, current: Callable[[], Awaitable[int]]) -> int | None:
        """Which event ``If-Match`` names, for the command to carry; None where it names none.

        Whether that still stands is decided with the log: no other command can come between. Where several are named it
        is looked which one stands now; raises ``Trouble`` when none does.
        """
        said = self.request.headers.get("If-Match")
        named = headers.named(said)
        if named is None or len(named) == 1:
            return None if named is None else min(named)
        sequence = await current()
        if sequence not in named:
            detail = f"it was changed by event {sequence}, If-Match names {str(said)[:100]}"
            hint = "read it again, look at what has changed, and send the command with the new ETag"
            raise Trouble(problems.problem(Code.PRECONDITION_FAILED, detail, hint, sequence=sequence))
        return sequence

    async def say(
        self,
        project: str,
        command: Command,
        usual: float | None = headers.USUAL_WAIT,
        expected: int | None = None,
    ) -> Settled | Sent:
        """Have a command settled, or stored when its outcome is not waited for or does not come in time.

        ``expected``: only if this event still stands (``CommandEnvelope``); that is waited for, unless told not to.
        """
        self.see(project)
        said = self.request.headers
        speaking, traceparent = self.ports.speaking, said.get("traceparent")
        order = speaking.order(
            *(self.caller, project, command, said.get("Idempotency-Key"), _sound(traceparent)), expected=expected
        )
        within = headers.wait_of(said.get("Prefer"), usual if expected is None else headers.USUAL_WAIT)
        if within is None:
            return Sent(command_id=order.command_id, position=await speaking.send(order, ACKNOWLEDGED_WITHIN))
        try:
            return await speaking.settle(order, within)
        except VerdictPending as pending:
            return Sent(command_id=order.command_id, position=pending.position)

    async def do(
        self,
        project: str,
        command: Command,
        *,
        status: int = 200,
        location: str | None = None,
        expected: int | None = None,
    ) -> Response:
        """Say a command and answer with its outcome."""
        settled = await self.say(project, command, expected=expected)
        if isinstance(settled, Sent):
            return answer(settled, 202)
        return answer(outcome(settled), status, {"Location": location} if location else None)


class Guard:
    """Lets those in who may; everybody else is told nothing. One for each route."""

    def __init__(self, permission: Permission, ports: Ports) -> None:
        self.permission, self._ports = permission, ports

    async def __call__(self, request: Request) -> None:
        """Puts the ``Call`` into the request's state; raises ``Trouble``."""
        try:
            request.state.call = await self._admit(request)
        except Trouble:
            if self.permission is Permission.INTERNAL:  # whom it is not for, does not learn that it is there
                request.state.rate = None
                raise HTTPException(404) from None
            raise

    async def _admit(self, request: Request) -> Call:
        entry = await self._ports.entrance.admit(request)
        counted = count(self._ports, entry.grant)
        request.state.rate = counted.rate
        counted.check()
        caller = caller_of(entry.grant, request.headers.get(AGENT))
        permit(caller, self.permission)
        return Call(caller, entry, request, self._ports)


class Counted(NamedTuple):
    """A request that was counted: what is left of the limit, for header fields, and how long to wait where none is."""

    rate: tuple[str, str] | None
    seconds: int

    def check(self) -> None:
        """Raises ``Trouble`` when it was one too many."""
        if self.seconds:
            hint = f"wait {self.seconds} s and send the same again"
            raise trouble("RATE_LIMITED", "this key asks too much at once", hint, retry_seconds=self.seconds)


def count(ports: Ports, grant: Grant) -> Counted:
    """Count a request; of a privileged client several count as one."""
    limits, per_minute, now = ports.limits, ports.settings.key_requests_per_minute, time.monotonic_ns()
    share = PRIVILEGED if grant.privileged else 1
    wait = limits.wait(grant.name, now, share)
    if not wait:
        limits.take(grant.name, now, share)
    if not per_minute:
        return Counted(None, 0)
    left = limits.left(grant.name, now) * share
    seconds = -(-wait // 1_000_000_000)
    policy = f'"key";q={per_minute * share};w=60'
    return Counted((policy, f'"key";r={left};t={60 if left else seconds or 1}'), seconds)


def permit(caller: Caller, permission: Permission) -> None:
    """Raises ``Trouble`` unless the caller may do that."""
    if not caller.may(permission):
        detail = f"a key with the role {caller.grant.role} may not {permission}"
        raise trouble(problems.FORBIDDEN, detail, "ask whoever runs PSMP for a key with a role that may")


def caller_of(grant: Grant, agent: str | None) -> Caller:
    """Whoever has the grant, speaking as ``agent`` if that is said. Raises ``Trouble`` when it may not."""
    caller = Caller(grant, grant.agent if agent is None else agent)
    if caller.agent != grant.agent:
        _check_name(caller)
    return caller


def _check_name(caller: Caller) -> None:
    if not caller.may(Permission.SPEAK_AS_OTHERS):
        detail = f"this key speaks as {caller.grant.agent} and nobody else"
        raise trouble(problems.FORBIDDEN, detail, f"leave {AGENT} out; only an admin's key may name another")
    if not subjects.is_id(caller.agent) or caller.agent.startswith(OWN_AGENTS):
        raise invalid(Fault(AGENT, f"{caller.agent[:100]!r} is not an agent's id"))


async def _called(request: Request) -> Call:  # a plain function would be called in another thread, each time
    call: Call = request.state.call
    return call


Called = Annotated[Call, Depends(_called)]
"""The call, in a route that has a guard."""


def read(kind: type[W]) -> Callable[[Request], Awaitable[W]]:
    """What reads a body of a kind; it raises ``Trouble`` that says of each fault where it is."""

    async def body(request: Request) -> W:
        said_type(request, *_TYPES)
        raw = await content(request)
        try:
            strict.parse(raw)
            return kind.model_validate_json(raw)
        except Malformed as malformed:
            raise invalid(*malformed.faults) from None
        except ValidationError as error:
            told = error.errors(include_url=False, include_context=False, include_input=False)
            raise invalid(*(Fault(strict.pointer(each["loc"]), each["msg"]) for each in told)) from None

    return body


def read_change(kind: type[W]) -> Callable[[Request], Awaitable[W]]:
    """As ``read``, for a body that must say what is to change."""
    whole = read(kind)

    async def body(request: Request) -> W:
        said = await whole(request)
        if changes_nothing(said):
            names = ", ".join(name for name in kind.model_fields if name != "reason")
            raise invalid(Fault("/", "nothing is to change"), hint=f"say what shall be otherwise: {names}")
        return said

    return body


def said_type(request: Request, *known: str) -> str:
    """The media type that the body is said to have, JSON if none; raises ``Trouble`` for one that is not taken."""
    said = request.headers.get("Content-Type", JSON).partition(";")[0].strip().lower()
    if said not in known:
        detail = f"the body is said to be {said[:100]}"
        raise trouble(problems.UNSUPPORTED_MEDIA_TYPE, detail, f"send {known[0]}")
    return said


async def content(request: Request, most: int = MOST) -> bytes:
    """The body, read no further than it may be long; raises ``Trouble`` for a longer one."""
    raw, said = bytearray(), request.headers.get("Content-Length", "0")
    if not said.isdecimal() or int(said) > most:
        raise _too_large(most)
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > most:
            raise _too_large(most)
    return bytes(raw)


def _too_large(most: int) -> Trouble:
    return trouble(problems.TOO_LARGE, f"the body has more than {most} bytes", "declare less at once")


def answer(said: Word, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(said.model_dump_json(exclude_none=True), status, headers, media_type=JSON)


def outcome(settled: Settled) -> Outcome:
    """The outcome of a command."""
    return Outcome(
        command_id=settled.command_id,
        position=settled.position or 0,
        sequence=settled.sequence,
        event=from_json(settled.raw),
        receipt=settled.receipt.note if settled.receipt else None,
    )


def _sound(traceparent: str | None) -> str | None:
    """A W3C trace context that envelopes take; a caller's other ones are ignored, as that standard wants."""
    parts = (traceparent or "").split("-")
    sizes: Any = [len(each) for each in parts]
    hexadecimal = set("0123456789abcdef-").issuperset(traceparent or "x")
    return traceparent if sizes == [2, 32, 16, 2] and parts[0] == "00" and hexadecimal else None
