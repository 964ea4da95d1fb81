"""A graph as it travels and is stored: its JSON, compressed and in base64, for a thousand nodes in one message."""

import zlib
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Annotated, Final

from pydantic import StringConstraints

MOST_PACKED: Final = 262_144
"""Characters, at most; a graph of 1,000 nodes with a sentence for each has some 60,000."""

MOST_BYTES: Final = 4 * 1024 * 1024
"""Bytes of the JSON, at most."""

Packed = Annotated[str, StringConstraints(min_length=1, max_length=MOST_PACKED, pattern=r"^[A-Za-z0-9+/]*=*$")]


class Unpackable(ValueError):
    """The text is not what ``pack`` makes of a graph, or of too large a one."""


def pack(raw: bytes) -> str:
    """The text for some JSON."""
    return b64encode(zlib.compress(raw, 9)).decode()


def unpack(packed: str) -> bytes:
    """The JSON of a text; raises ``Unpackable``. No more than ``MOST_BYTES`` are ever made of it."""
    decompressor = zlib.decompressobj()
    try:
        raw = decompressor.decompress(b64decode(packed, validate=True), MOST_BYTES + 1)
    except (zlib.error, NotBase64) as error:
        raise Unpackable(f"not base64 of a zlib stream: {error}") from None
    if len(raw) > MOST_BYTES:
        raise Unpackable(f"more than {MOST_BYTES} bytes of JSON")
    if not decompressor.eof or decompressor.unused_data:
        raise Unpackable("the zlib stream is cut off, or something stands behind it")
    return raw
