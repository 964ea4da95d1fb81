"""What a child process writes: its last lines in memory, the rest in a file of bounded size."""

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

_LINES_KEPT: Final = 200
_LARGEST_FILE: Final = 8 * 1024 * 1024
_LONGEST_LINE: Final = 64 * 1024


class Output:
    """Keeps the last 200 lines, and at most twice 8 MiB in ``path`` and ``path.1``.

    It is filled by a thread, so that a child never waits for a busy event loop; ``on_line`` is called in that thread.
    """

    def __init__(self, path: Path, on_line: Callable[[str], None] | None = None) -> None:
        """The file's directory must exist."""
        self.path = path
        self._on_line = on_line
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self._count = 0
        self._lock = threading.Lock()

    def tail(self, count: int = 12) -> tuple[str, ...]:
        """The last ``count`` lines, oldest first."""
        return tuple(self._lines)[-count:]

    @property
    def count(self) -> int:
        """How many lines there have been so far."""
        return self._count

    def since(self, count: int) -> tuple[str, ...]:
        """The lines that came after there had been ``count``, as far as they are still kept."""
        with self._lock:
            return self.tail(self._count - count) if self._count > count else ()

    def pump(self, source: IO[bytes]) -> None:
        """Take everything from ``source`` until it ends, then close it."""
        with source, self.path.open("ab", buffering=0) as file:
            for raw in iter(lambda: source.readline(_LONGEST_LINE), b""):
                self._take(raw, file)

    def _take(self, raw: bytes, file: IO[bytes]) -> None:
        line = raw.decode(errors="replace").rstrip()
        with self._lock:
            self._lines.append(line)
            self._count += 1
            file.write(raw)
            if file.tell() > _LARGEST_FILE:
                self._turn_over(file)
        if self._on_line is not None:
            self._on_line(line)

    def _turn_over(self, file: IO[bytes]) -> None:
        """Keep what is full as ``path.1`` and go on with an empty file, the same one for every writer."""
        self.path.with_name(self.path.name + ".1").write_bytes(self.path.read_bytes())
        file.truncate(0)
