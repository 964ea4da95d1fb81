"""One HTTP POST: to an address that was checked, and to no other; redirects are not followed, answers are not read."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from socket import SOCK_STREAM
from typing import Final

import h11

from psmp_webhooks.addresses import Forbidden, checked
from psmp_webhooks.endpoints import DEFAULT_PORTS, Receiver
from psmp_webhooks.rules import Answered, Unanswered

WITHIN: Final = 10.0
"""Seconds for the whole of one attempt: to find, to connect, to send and to be answered."""

_LARGEST_HEAD: Final = 16_384
_PIECE: Final = 4096

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host; raises ``OSError``."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def post(
    endpoint: Receiver,
    body: bytes,
    headers: Mapping[str, str],
    *,
    within: float = WITHIN,
    resolve: Resolve = resolve,
) -> Answered | Unanswered:
    """What the endpoint answers within so many seconds.

    Its host is looked up once, every address that it has is checked, and one of these very addresses is connected to:
    whatever the name leads to a moment later makes no difference. The certificate must be for the name.
    """
    host = endpoint.where.hostname or ""
    if endpoint.forbidden:
        return Unanswered(f"refused: {endpoint.forbidden}")
    try:
        async with asyncio.timeout(within):
            addresses = checked(host, await resolve(host, endpoint.port), allow_private=endpoint.allow_private)
            return await _exchange(endpoint, addresses, _request(endpoint, headers, len(body)), body)
    except Forbidden as error:
        return Unanswered(f"refused: {error}")
    except TimeoutError:
        return Unanswered(f"no answer within {within:g} s")
    except (OSError, ssl.SSLError) as error:
        return Unanswered(f"cannot be reached: {error.strerror or error}")
    except UnicodeError:  # a label that is no host's
        return Unanswered(f"cannot be reached: {host[:100]} is no host's name")
    except (h11.RemoteProtocolError, EOFError) as error:
        return Unanswered(f"answered no HTTP: {error}")


async def _exchange(
    endpoint: Receiver, addresses: tuple[str, ...], request: h11.Request, body: bytes
) -> Answered | Unanswered:
    reader, writer = await _connect(endpoint, addresses)
    with _left(writer):
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)
        for event in (request, h11.Data(body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        while True:
            answer = connection.next_event()
            if answer is h11.NEED_DATA:
                connection.receive_data(await _more(reader))
            elif isinstance(answer, h11.Response):
                return Answered(answer.status_code, _asked_to_wait(answer))
            elif not isinstance(answer, h11.InformationalResponse):
                raise EOFError(f"{type(answer).__name__} came instead")


async def _more(reader: asyncio.StreamReader) -> bytes:
    piece = await reader.read(_PIECE)
    if not piece:
        raise EOFError("the connection was closed")
    return piece


@contextmanager
def _left(writer: asyncio.StreamWriter) -> Iterator[None]:
    """Leave at once at the end: what else the other one has to say is not waited for."""
    try:
        yield
    finally:
        writer.transport.abort()


async def _connect(endpoint: Receiver, addresses: tuple[str, ...]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """To the first address that takes us; raises what the last one said."""
    context = _trusting(endpoint.ca) if endpoint.where.scheme == "https" else None
    name = endpoint.where.hostname if context else None
    *others, last = addresses
    for address in others:
        try:
            return await asyncio.open_connection(address, endpoint.port, ssl=context, server_hostname=name)
        except OSError:
            continue
    return await asyncio.open_connection(last, endpoint.port, ssl=context, server_hostname=name)


@lru_cache(maxsize=64)
def _trusting(ca: Path | None) -> ssl.SSLContext:
    """Made once: it reads every authority that there is."""
    return ssl.create_default_context(cafile=str(ca) if ca else None)


def _request(endpoint: Receiver, headers: Mapping[str, str], length: int) -> h11.Request:
    where = endpoint.where
    host = f"[{where.hostname}]" if ":" in (where.hostname or "") else where.hostname or ""
    if endpoint.port != DEFAULT_PORTS[where.scheme]:
        host = f"{host}:{endpoint.port}"
    target = (where.path or "/") + (f"?{where.query}" if where.query else "")
    own = {"host": host, "content-length": str(length), "connection": "close"}
    return h11.Request(method="POST", target=target, headers=[*own.items(), *headers.items()])


def _asked_to_wait(response: h11.Response) -> float:
    """What ``Retry-After`` says in seconds; its other form, a date, is not heeded."""
    said = next((value for name, value in response.headers if name == b"retry-after"), b"")
    return float(said) if said.isdigit() else 0.0
