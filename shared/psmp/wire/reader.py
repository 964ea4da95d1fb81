"""What a NATS server sends, taken apart; of one that many read a day, most of the time went into this."""

from collections.abc import Awaitable
from typing import Any, Final, Protocol

from nats.errors import ProtocolError
from nats.protocol.parser import Parser

_END: Final = b"\r\n"
_MESSAGES: Final = (b"MSG ", b"HMSG ")


class Receiver(Protocol):
    """Who takes the messages."""

    def arrived(self, sid: int, subject: bytes, reply: bytes, head: bytes, data: bytes) -> Awaitable[None] | None:
        """One message for the subscription ``sid``; what comes back is waited for before the next is handed on."""
        ...


class Reader(Parser):
    """nats-py's parser with the messages read in one go, by cutting the bytes instead of matching and shifting them.

    Invariant: ``_rest`` begins where a line begins, and nothing can be done with it before it has ``_least`` bytes.
    """

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - nats-py's own client, for what is not a message
        super().__init__(client)
        self._receiver: Receiver = client

    def reset(self) -> None:
        """Forget what has come of a connection that is gone."""
        super().reset()
        self._rest = bytearray()
        self._least = 0

    async def parse(self, data: bytes = b"") -> None:
        """Take in what came; raises ``ProtocolError`` for what no NATS server says."""
        if self._rest:
            self._rest += data
            if len(self._rest) < self._least:
                return
            data = bytes(self._rest)
            self._rest.clear()
        place, self._least, rest = 0, 0, self._rest
        while (end := data.find(_END, place)) >= 0:
            begin = end + len(_END)
            if not data.startswith(_MESSAGES, place):
                await super().parse(data[place:begin])
                if self._rest is not rest:  # it was said that the connection is over
                    return
                place = begin
                continue
            words = data[place:end].split()
            stop = begin + _size(words[-1])
            if stop + len(_END) > len(data):
                self._least = stop + len(_END) - place
                break
            if (unfinished := self._hand_on(words, data[begin:stop])) is not None:
                await unfinished
            place = stop + len(_END)
        self._rest += data[place:]

    def _hand_on(self, words: list[bytes], data: bytes) -> Awaitable[None] | None:
        """``MSG <subject> <sid> [reply] <size>`` or ``HMSG <subject> <sid> [reply] <size of headers> <size>``."""
        numbers = 1 if words[0] == b"MSG" else 2
        size = _size(words[-2]) if numbers > 1 else 0
        match words[1:-numbers]:
            case [subject, sid]:
                return self._receiver.arrived(_size(sid), subject, b"", data[:size], data[size:])
            case [subject, sid, reply]:
                return self._receiver.arrived(_size(sid), subject, reply, data[:size], data[size:])
        raise ProtocolError


def _size(digits: bytes) -> int:
    if not digits.isdigit():
        raise ProtocolError
    return int(digits)
