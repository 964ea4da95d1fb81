"""What a server sends is read the same however it is cut, and nothing is made of what no server says."""

from collections.abc import Awaitable, Sequence
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.errors import ProtocolError

from psmp.wire.reader import Reader


class Heard(NamedTuple):
    sid: int
    subject: bytes
    reply: bytes
    head: bytes
    data: bytes


class Ear:
    """Who hears everything, and is told of a PING that it comes."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.pings = 0
        self.reader = Reader(self)

    def arrived(self, sid: int, subject: bytes, reply: bytes, head: bytes, data: bytes) -> Awaitable[None] | None:
        heard = Heard(sid, subject, reply, head, data)
        if sid % 2:
            self.heard.append(heard)
            return None
        return self._later(heard)

    async def _later(self, heard: Heard) -> None:
        self.heard.append(heard)

    async def _process_ping(self) -> None:
        self.pings += 1

    async def _process_err(self, _: str) -> None:
        self.reader.reset()


def sent(heard: Heard) -> bytes:
    reply = heard.reply + b" " if heard.reply else b""
    if not heard.head:
        return b"MSG %s %d %s%d\r\n%s\r\n" % (heard.subject, heard.sid, reply, len(heard.data), heard.data)
    sizes = b"%d %d" % (len(heard.head), len(heard.head) + len(heard.data))
    return b"HMSG %s %d %s%s\r\n%s%s\r\n" % (heard.subject, heard.sid, reply, sizes, heard.head, heard.data)


TOKENS = st.sampled_from([b"psmp.evt.a.b", b"_INBOX.x.1"])
BODIES = st.sampled_from([b"", b"{}", b"MSG a 1 2\r\nxx\r\n", b"PING\r\n", b"\r\n\r\n", b"x" * 500])
HEADS = st.sampled_from([b"", b"NATS/1.0\r\nA: b\r\n\r\n", b"NATS/1.0 404 No Messages\r\n\r\n"])
MESSAGES = st.lists(st.builds(Heard, st.integers(1, 9), TOKENS, st.just(b"") | TOKENS, HEADS, BODIES), max_size=6)


@given(MESSAGES, st.lists(st.integers(0, 3000), max_size=8))
async def test_messages_are_the_same_however_the_bytes_are_cut(messages: list[Heard], places: Sequence[int]) -> None:
    ear, raw = Ear(), b"PING\r\n".join(map(sent, messages))
    cuts = [0, *sorted(place for place in places if place < len(raw)), len(raw)]
    for begin, end in pairwise(cuts):
        await ear.reader.parse(raw[begin:end])
    assert ear.heard == messages
    assert ear.pings == max(len(messages) - 1, 0)


async def test_nothing_is_heard_on_a_connection_that_the_server_has_ended() -> None:
    ear, message = Ear(), Heard(1, b"a", b"", b"", b"late")
    await ear.reader.parse(b"-ERR 'Stale Connection'\r\n" + sent(message))
    assert ear.heard == []
    await ear.reader.parse(sent(message))
    assert ear.heard == [message]


@pytest.mark.parametrize(
    "raw",
    [
        b"MSG a 1\r\nx\r\n",
        b"MSG a 1 b c 0\r\n\r\n",
        b"MSG a x 0\r\n\r\n",
        b"MSG a 1 -1\r\n\r\n",
        b"MSG \r\n",
        b"HMSG a 1 1\r\nx\r\n",
        b"SAY a\r\n",
    ],
)
async def test_what_no_server_says_is_refused(raw: bytes) -> None:
    with pytest.raises(ProtocolError):
        await Ear().reader.parse(raw)
