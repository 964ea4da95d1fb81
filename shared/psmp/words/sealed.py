"""Sealed text: what stands in the log in place of what a person may have erased, and how it is found again. Pure.

``[sealed:1:<project>:<subject>:<field>:<key>:<base64url>]`` is one text that can be opened with the key of that id and
no other. It says by itself whose it is, so it may travel inside other texts.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

ERASED: Final = "[erased]"
"""What is shown of a text whose key is gone."""

SEALED: Final = "[sealed]"
"""What is shown of a text by who has no keys."""

FIELDS: Final = ("name", "contact", "reason", "failure")
"""What is sealed of a command that says which person speaks: the person, and what that person writes freely."""

_ID: Final = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
_TOKEN: Final = re.compile(rf"\[sealed:1:({_ID}):({_ID}):({'|'.join(FIELDS)}):([0-9a-f]{{16}}):([A-Za-z0-9_-]+)\]")


class Token(NamedTuple):
    """One sealed text: the project and the subject (the agent) whose it is, its field, its key's id, and its bytes.

    ``text`` is the nonce and the ciphertext in base64url.
    """

    project: str
    subject: str
    field: str
    key: str
    text: str

    def __str__(self) -> str:
        return f"[sealed:1:{':'.join(self)}]"


def tokens(text: str) -> Iterator[Token]:
    """Every sealed text inside ``text``, in order."""
    return (Token(*found.groups()) for found in _TOKEN.finditer(text))


def replaced(text: str, by: Callable[[Token], str]) -> str:
    """``text`` with every sealed text replaced; what is put in is not looked at again."""
    return _TOKEN.sub(lambda found: by(Token(*found.groups())), text)


def revealed(document: str, opened: Mapping[str, str]) -> str:
    """A JSON ``document`` with the sealed texts inside its texts replaced by what they were ``opened`` to."""
    return replaced(document, lambda token: json.dumps(opened.get(str(token), SEALED), ensure_ascii=False)[1:-1])


def veiled(text: str) -> str:
    """``text`` for who has no keys."""
    return replaced(text, lambda _: SEALED)
