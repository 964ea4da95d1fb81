"""The keys by which personal fields are sealed, in the stream ``PSMP_KEYS``: made, read, and destroyed for good.

``psmp.key.<tenant>.<subject>.<project>`` holds the subject's key in that project, and behind it, once it was destroyed,
a tombstone; the last message says which. Under the project ``_`` stands since which command everything that the subject
said before is erased: what was sent before and is decided later gets no key.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from psmp.log.jetstream import direct_get
from psmp.personal.sealing import SECRET_BYTES, Key, Name
from psmp.words import subjects
from psmp.words.ids import ProjectKey
from psmp.words.sealed import Token

STREAM: Final = "PSMP_KEYS"
PAGE: Final = 256
MOST_AT_ONCE: Final = 500
_WRONG_LAST_SEQUENCE: Final = 10071
_NO_MESSAGE: Final = 10043
_KEY_ID_BYTES: Final = 8


class Undeletable(Exception):
    """A stream lets nobody delete what is in it."""

    def __init__(self, stream: str, why: str) -> None:
        super().__init__(f"{stream} does not delete messages: {why}")
        self.stream = stream
        self.hint = "it was made by an older version; make it anew (docs/erasure.md), then retry"


@dataclass(frozen=True, slots=True)
class Stored:
    """A message of the stream: a key, or the tombstone of what the command ``erased`` destroyed, the key ``id``.

    ``since`` is the position of that command in ``PSMP_COMMANDS``.
    """

    project: str
    position: int
    id: str | None = None
    secret: bytes = field(default=b"", repr=False)
    erased: str | None = None
    since: int = 0


class Keyring:
    """What the holder's NATS identity may do with keys: intake everything, the keeper only read."""

    def __init__(self, nats: Client) -> None:
        self._nats = nats

    async def to_seal(self, project: ProjectKey, subject: str, position: int) -> Key | None:
        """The key for what a command at ``position`` of ``PSMP_COMMANDS`` says, made if there is none.

        None: it was sent before its subject was erased.
        """
        while True:
            found = await self._last(project.tenant, [(project.project, subject), ("_", subject)])
            mark, last = found.get(("_", subject)), found.get((project.project, subject))
            if mark is not None and position <= mark.since:
                return None
            if last is not None and last.erased is None and last.id is not None:
                return Key(project, subject, last.id, last.secret)
            # Made, and read back: whoever erases meanwhile has written the mark before looking for keys.
            body = {"key": os.urandom(_KEY_ID_BYTES).hex(), "secret": b64encode(os.urandom(SECRET_BYTES)).decode()}
            await self._put(subjects.key(project.tenant, subject, project.project), body, last.position if last else 0)

    async def to_open(self, tenant: str, wanted: Iterable[Token]) -> Mapping[Name, bytes]:
        """The keys that there still are for these sealed texts."""
        places = list(dict.fromkeys((token.project, token.subject) for token in wanted))
        found: dict[Name, bytes] = {}
        for first in range(0, len(places), MOST_AT_ONCE):
            for (project, subject), last in (await self._last(tenant, places[first : first + MOST_AT_ONCE])).items():
                if last.id is not None and last.erased is None:
                    found[project, subject, last.id] = last.secret
        return found

    async def mark(self, tenant: str, subject: str, command: str, position: int) -> int:
        """Write down that the command at ``position`` erases the subject, unless that is; the position marked."""
        while True:
            last = (await self._last(tenant, [("_", subject)])).get(("_", subject))
            if last is not None and last.erased == command:
                return last.since
            body = {"erased": command, "since": position}
            await self._put(subjects.key(tenant, subject), body, last.position if last else 0)

    async def all(self, tenant: str, subject: str) -> Sequence[Stored]:
        """Every key and tombstone of a subject, in any project, in the order of the stream."""
        messages = await every(self._nats, STREAM, subjects.key(tenant, subject, "*"))
        return [stored for message in messages if (stored := _stored(message)).project != "_"]

    async def bury(self, tenant: str, subject: str, last: Stored, command: str, since: int) -> None:
        """Put a tombstone behind a key, unless somebody else just did. The key is not destroyed yet."""
        body = {"erased": command, "since": since, "key": last.id}
        await self._put(subjects.key(tenant, subject, last.project), body, last.position)

    async def destroy(self, position: int) -> None:
        """Overwrite and delete the message at ``position``."""
        await delete(self._nats, STREAM, position)

    async def _put(self, subject: str, body: Mapping[str, Any], expected: int) -> None:
        """Store ``body`` behind position ``expected`` of its subject; when somebody was first, look again."""
        headers = {"Nats-Expected-Last-Subject-Sequence": str(expected)}
        try:
            await self._nats.jetstream().publish(subject, json.dumps(body).encode(), headers=headers)
        except APIError as error:
            if error.err_code != _WRONG_LAST_SEQUENCE:
                raise

    async def _last(self, tenant: str, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Stored]:
        """The last message of each project and subject that has one."""
        names = [subjects.key(tenant, subject, project) for project, subject in places]
        found = await direct_get(self._nats, STREAM, {"multi_last": names, "batch": len(names)}) if names else []
        return {(stored.project, _subject(message)): stored for message in found for stored in (_stored(message),)}


async def every(nats: Client, stream: str, pattern: str) -> list[Msg]:
    """Every message of ``stream`` on subjects by ``pattern``. Raises nats errors and ``TimeoutError``."""
    found: list[Msg] = []
    while True:
        after = int((found[-1].headers or {})["Nats-Sequence"]) if found else 0
        page = await direct_get(nats, stream, {"seq": after + 1, "batch": PAGE, "next_by_subj": pattern})
        found += page
        if len(page) < PAGE:
            return found


async def delete(nats: Client, stream: str, position: int) -> None:
    """Overwrite and delete one message, if it is there; raises ``Undeletable`` and nats errors."""
    request = json.dumps({"seq": position, "no_erase": False}).encode()
    answer = await nats.request(f"$JS.API.STREAM.MSG.DELETE.{stream}", request, timeout=5)
    error = json.loads(answer.data).get("error")
    if error is None or error["err_code"] == _NO_MESSAGE:
        return
    if "not permitted" in error["description"]:
        raise Undeletable(stream, error["description"])
    raise NatsError(f"{stream}: {error['description']}")


def _subject(message: Msg) -> str:
    return (message.headers or {})["Nats-Subject"].split(".")[3]


def _stored(message: Msg) -> Stored:
    headers = message.headers or {}
    project, body = headers["Nats-Subject"].split(".")[4], json.loads(message.data)
    secret = b64decode(body.get("secret", ""))
    position = int(headers["Nats-Sequence"])
    return Stored(project, position, body.get("key"), secret, body.get("erased"), body.get("since", 0))
