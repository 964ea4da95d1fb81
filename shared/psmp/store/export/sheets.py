"""Where a bundle's files go: a folder or a .zip, there once it is whole, and never instead of another."""

import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO


class NotWritten(Exception):
    """There is something of that name already, or it cannot be written."""

    hint = "name another place; nothing is ever overwritten"


class Sheets:
    """See ``psmp.store.export.bundle.Pages``. Written beside ``path``, and given its name at the end."""

    def __init__(self, path: Path) -> None:
        self._path, self._beside = path, path.with_name(f".{path.name}.{os.getpid()}")
        self._zip: zipfile.ZipFile | None = None
        self._name = ""
        self._file: IO[bytes] | None = None
        with _telling(path):
            if path.is_symlink() or path.exists():
                raise NotWritten(f"{path} is there already")
            if path.suffix == ".zip":
                self._zip = zipfile.ZipFile(self._beside, "x", zipfile.ZIP_DEFLATED)
            else:
                self._beside.mkdir()

    def write(self, name: str, data: bytes) -> None:
        """See ``psmp.store.export.bundle.Pages``; raises ``NotWritten``."""
        with _telling(self._path):
            if name != self._name or self._file is None:
                self._end()
                self._name, self._file = name, self._begin(name)
            self._file.write(data)

    def finish(self) -> None:
        """Give the whole its name; raises ``NotWritten``."""
        with _telling(self._path):
            self._end()
            if self._zip is None:
                self._beside.rename(self._path)  # where somebody has put a file or a full folder meanwhile, it fails
                return
            self._zip.close()
            os.link(self._beside, self._path)  # a rename would replace what is there
            self._beside.unlink()

    def drop(self) -> None:
        """Leave nothing behind."""
        with ExitStack() as stack:
            stack.callback(_remove, self._beside)
            if self._zip is not None:
                stack.callback(self._zip.close)
            stack.callback(self._end)

    def _begin(self, name: str) -> IO[bytes]:
        if self._zip is not None:
            return self._zip.open(name, "w", force_zip64=True)
        path = self._beside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")

    def _end(self) -> None:
        if self._file is not None:
            self._file.close()


@contextmanager
def fresh(path: Path) -> Iterator[Sheets]:
    """A folder, or an archive where ``path`` ends in .zip, which nobody sees before the block is done.

    Raises ``NotWritten``, also where there is something of that name. Of a block that fails nothing stays.
    """
    sheets = Sheets(path)
    try:
        yield sheets
        sheets.finish()
    except BaseException:
        sheets.drop()
        raise


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotWritten(f"{path}: {error.strerror or error}") from error


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
