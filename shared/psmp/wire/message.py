"""A message as it came, of which only as much is read as somebody asks for."""

import re
from typing import Final

_SPACE: Final = re.compile(r"\s")
_VERSION: Final = "NATS/1.0"


class Message:
    """What was published to ``subject``; ``head`` is the block of headers as it came, empty when there is none."""

    __slots__ = ("_headers", "data", "head", "reply", "subject")

    def __init__(self, subject: str, reply: str, data: bytes, head: bytes = b"") -> None:
        self.subject, self.reply, self.data, self.head = subject, reply, data, head
        self._headers: dict[str, str] | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Every header; what a server says without words of anybody's is under ``Status`` and ``Description``."""
        if self._headers is None:
            self._headers = self._read()
        return self._headers

    def _read(self) -> dict[str, str]:
        first, _, rest = self.head.decode("utf-8", "replace").partition("\r\n")
        status, _, description = first.removeprefix(_VERSION).strip().partition(" ")
        said = {"Status": status, "Description": description}
        return {name: value for name, value in said.items() if value} | read(rest)

    @property
    def status(self) -> str:
        """The server's word in place of a message (``404``); empty when this is a message."""
        return self.head[len(_VERSION) : self.head.find(b"\r\n")].decode().strip()[:3]


def read(lines: str) -> dict[str, str]:
    """The headers in ``lines``; those are left out whose names are no names."""
    fields = (line.partition(":") for line in lines.split("\r\n"))
    named = ((name.strip(), colon, value.strip()) for name, colon, value in fields)
    return {name: value for name, colon, value in named if colon and name.isascii() and not _SPACE.search(name)}
