"""Decisions decided again: what was recorded is read here, and decided in a process of its own that can do no more.

That process, ``psmp_replay``, is given bytes on its standard input and nothing else: no address, no environment.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.log.jetstream import STREAM as LOG
from psmp.log.jetstream import JetStreamEventLog, direct_get
from psmp.log.port import EventLog
from psmp.wire import letters
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.fidelity import Fidelity
from psmp.words.ids import OPERATOR, SYSTEM, ProjectKey

DECIDER: Final = (sys.executable, "-I", "-m", "psmp_replay")
"""The process that decides; Python's own settings in the environment are not heard either."""
_PAGE: Final = 256
_ANSWER_WITHIN: Final = 10.0
_HOLDS: Final = subjects.command(SYSTEM, OPERATOR, "hold.*")
"""Sent to our own project, and decided in the one that is held."""
_MOST_TOLD: Final = 2000
_LONGEST_LINE: Final = 64 * 1024 * 1024


async def decided(nats: MendedClient, keys: Sequence[ProjectKey], skew: float = 0.0) -> AsyncIterator[Fidelity]:
    """What came of each project, in this order; ``skew`` seconds are allowed between two clocks.

    Raises ``Complaint`` when NATS does not answer or the deciding process ends, and ``Unreachable``.
    """
    process = await asyncio.create_subprocess_exec(
        *DECIDER, stdin=PIPE, stdout=PIPE, stderr=PIPE, env={}, cwd="/", limit=_LONGEST_LINE
    )
    try:
        for key in keys:
            yield await _one(process, recorded(nats, JetStreamEventLog(nats), key, skew))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def recorded(nats: Client, log: EventLog, key: ProjectKey, skew: float = 0.0) -> AsyncIterator[bytes]:
    """The lines that ``psmp_replay`` reads of one project: its commands and dead letters, then its log.

    The log ends where it did before anything else was read: what it was made of is there by then.
    """
    end = await _end(nats, key)
    yield _line(project=list(key), skew=skew)
    for pattern in dict.fromkeys((f"psmp.cmd.{key.tenant}.{key.project}.>", _HOLDS)):
        async for message in _every(nats, "PSMP_COMMANDS", pattern):
            yield _line(command=[(message.headers or {})["Nats-Subject"], b64encode(message.data).decode()])
    of = ">" if key == SYSTEM else f"*.{key.tenant}.{key.project}.>"
    async for message in _every(nats, letters.STREAM, f"{subjects.DEAD}.{of}"):
        if letter := letters.stored(message):
            yield _line(letter=[letter.number, letter.origin.service, letter.subject, letter.reason])
    async for record in log.read(key):
        if record.position > end:
            break
        yield _line(record=[record.position, record.kind, b64encode(record.body).decode()])
    yield _line(end=True)


async def _one(process: Process, lines: AsyncIterator[bytes]) -> Fidelity:
    assert process.stdin is not None  # noqa: S101 - it is a pipe, as is stdout
    assert process.stdout is not None  # noqa: S101
    try:
        async for line in lines:
            process.stdin.write(line)
            await process.stdin.drain()
        said = await process.stdout.readline()
    except (BrokenPipeError, ConnectionResetError):
        said = b""
    if not said:
        raise Complaint(Exit.FAULT, f"the replay ended: {await _last_words(process)}", "report it, with the log")
    return Fidelity.model_validate_json(said)


async def _last_words(process: Process) -> str:
    assert process.stderr is not None  # noqa: S101 - it is a pipe
    told = (await process.stderr.read()).decode(errors="replace").strip()
    return told[-_MOST_TOLD:] or f"with status {await process.wait()}"


async def _end(nats: Client, key: ProjectKey) -> int:
    """The position of the project's last event; 0 where it has none."""
    request = json.dumps({"last_by_subj": subjects.log_of(key)}).encode()
    try:
        answer = await nats.request(f"$JS.API.DIRECT.GET.{LOG}", request, timeout=_ANSWER_WITHIN)
    except (NatsError, TimeoutError) as error:
        raise _silent(LOG, error) from None
    return int((answer.headers or {}).get("Nats-Sequence", 0))


async def _every(nats: Client, stream: str, pattern: str) -> AsyncIterator[Msg]:
    read = 0
    while True:
        request = {"seq": read + 1, "batch": _PAGE, "next_by_subj": pattern}
        try:
            page = await direct_get(nats, stream, request, timeout=_ANSWER_WITHIN)
        except (NatsError, TimeoutError) as error:
            raise _silent(stream, error) from None
        for message in page:
            yield message
        if len(page) < _PAGE:
            return
        read = int((page[-1].headers or {})["Nats-Sequence"])


def _silent(stream: str, error: Exception) -> Complaint:
    why = f"NATS does not show {stream}: {str(error) or type(error).__name__}"
    return Complaint(Exit.UNREACHABLE, why, "psmp doctor, with an operator's credentials")


def _line(**said: object) -> bytes:
    return json.dumps(said, separators=(",", ":")).encode() + b"\n"
