"""What a signer or a witness has signed last of each log, on disk before it is signed."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self

from psmp.ledger.checkpoints import Checkpoint

FILE: Final = "signed.sqlite3"
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS signed (
    origin TEXT PRIMARY KEY,
    size INTEGER NOT NULL CHECK (size >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32)
) STRICT, WITHOUT ROWID
"""
_WRITE: Final = """
INSERT INTO signed (origin, size, root) VALUES (?, ?, ?)
ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root WHERE excluded.size > size
"""


class InUse(RuntimeError):
    """Another process signs from the same folder."""


class Memory:
    """The SQLite file ``signed.sqlite3`` in a folder that one process has to itself.

    What ``remember`` was given is on disk when it returns (``synchronous=FULL``), or it raises ``sqlite3.Error``.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use ``open``."""
        self._connection = connection

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The memory in ``folder``, made if need be; raises ``InUse``, ``OSError`` and ``sqlite3.Error``."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(folder / FILE, isolation_level=None, timeout=0, check_same_thread=False)
        try:
            for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_TABLE)
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            connection.close()
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise InUse(f"another process signs from {folder}; each that signs has a folder of its own") from error
            raise
        return cls(connection)

    def recall(self, origin: str) -> Checkpoint | None:
        """What was signed last of a log."""
        row = self._connection.execute("SELECT size, root FROM signed WHERE origin = ?", (origin,)).fetchone()
        return Checkpoint(origin, *row) if row else None

    def remember(self, signed: Iterable[Checkpoint]) -> None:
        """From now on nothing less than this is signed of these logs."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(_WRITE, [(each.origin, each.size, each.root) for each in signed])
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Give the folder back."""
        self._connection.close()
