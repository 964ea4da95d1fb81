"""The log in memory: for unit tests of rules and loops, never on a path that users run."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

from psmp.log.port import LARGEST, Draft, Outpaced, Record, TooLarge
from psmp.words.ids import ProjectKey


class MemoryEventLog:
    """An ``EventLog`` that forgets everything when it is dropped."""

    def __init__(self) -> None:
        self._records: defaultdict[ProjectKey, list[Record]] = defaultdict(list)
        self._last = 0

    async def append(self, key: ProjectKey, kind: str, body: bytes, *, expected: int) -> int:
        """See ``EventLog.append``."""
        if len(body) > LARGEST:
            raise TooLarge(key, kind, len(body))
        records = self._records[key]
        head = records[-1].position if records else 0
        if head != expected:
            raise Outpaced(key, expected)
        self._last += 1
        records.append(Record(self._last, key, kind, body))
        return self._last

    async def append_all(self, key: ProjectKey, events: Sequence[Draft], *, expected: int) -> list[int]:
        """See ``EventLog.append_all``."""
        for each in events:
            if len(each.body) > LARGEST:
                raise TooLarge(key, each.kind, len(each.body))
        positions = list[int]()
        for each in events:
            expected = await self.append(key, each.kind, each.body, expected=expected)
            positions.append(expected)
        return positions

    async def read(self, key: ProjectKey, *, after: int = 0, limit: int | None = None) -> AsyncIterator[Record]:
        """See ``EventLog.read``."""
        for record in [each for each in self._records[key] if each.position > after][:limit]:
            yield record
