"""What a path may be called, and which names some file systems cannot tell apart."""

import re
from functools import lru_cache
from typing import Final
from unicodedata import normalize

LONGEST: Final = 1024
"""Characters that a path may have."""

_WRONG: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\\]|^[A-Za-z]:/|(?:^|/)(?:\.\.?(?:/|\Z)|/)|^\Z"
)
"""Whatever is found in one of the faults below, and in nothing that is valid."""

_FAULTS: Final = (
    (re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]"), "holds a control character", "leave it out"),
    (re.compile(r"[\ud800-\udfff]"), "holds half of a surrogate pair", "name the file in valid Unicode"),
    (re.compile(r"\\"), "holds a backslash", "separate folders with '/'"),
    (re.compile(r"^/"), "is absolute", "name it relative to the project's root"),
    (re.compile(r"^[A-Za-z]:/"), "starts with a drive", "name it relative to the project's root"),
    (re.compile(r"(?:^|/)(?P<at>\.\.)(?:/|$)"), "leads upwards with '..'", "name it without '..', from the root"),
    (re.compile(r"(?:^|/)(?P<at>\.)(?:/|$)"), "has a segment '.'", "leave that segment out"),
    (re.compile(r"/(?P<at>/)"), "has an empty segment", "write one '/' between two names"),
    (re.compile(r"^$"), "names nothing", "name a file, or a folder with '/' at its end"),
)


class InvalidPath(ValueError):
    """A claim on ``path`` cannot be understood: ``fault`` says why, ``place`` where, ``hint`` what to do instead."""

    def __init__(self, path: str, place: str, fault: str, hint: str) -> None:
        """Keep the facts; the sentence is made of them."""
        super().__init__(path, place, fault, hint)
        self.path = path
        self.place = place
        self.fault = fault
        self.hint = hint

    def __str__(self) -> str:
        """Say what is wrong, and where."""
        shown = self.path if len(self.path) <= 80 else f"{self.path[:77]}..."  # noqa: PLR2004 - a line of a terminal
        return f"path {shown!r} {self.fault}, at {self.place}"


def normal(text: str) -> str:
    """The one spelling of a path: relative, without ``./`` in front; a folder's has a ``/`` at its end.

    Raises InvalidPath.
    """
    if len(text) > LONGEST:
        raise InvalidPath(text, f"character {LONGEST}", f"is longer than {LONGEST} characters", "shorten it")
    path = text.removeprefix("./")
    if _WRONG.search(path):
        raise _diagnosed(text, path)
    return path


def _diagnosed(text: str, path: str) -> InvalidPath:
    found, fault, hint = next(
        (found, fault, hint) for shape, fault, hint in _FAULTS if (found := shape.search(path)) is not None
    )
    at = found.start(found.lastgroup or 0) + len(text) - len(path)
    return InvalidPath(text, f"character {at}", fault, hint)


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """What is left of a name where case, Unicode form and trailing dots and spaces do not count.

    Two names of one folder with the same fold are one file on Windows, on macOS, or on a disk made for either.
    """
    return normalize("NFC", normalize("NFC", name).casefold()).rstrip(". ") or name
