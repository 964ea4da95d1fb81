"""Direct references (PEP 508 ``name @ url``): a package that is taken from a URL or a path instead of the index."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Generic, Self
from urllib.parse import urlsplit, urlunsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from psmp.compat.ecosystem import InvalidConstraint, S

KIND: Final = "reference to a package"
_SCHEME: Final = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_PORTS: Final = {"http": 80, "https": 443, "git+http": 80, "git+https": 443, "git+ssh": 22, "ssh": 22}


def canonical(reference: str) -> str:
    """The one spelling of a reference: two that differ only in what has no meaning (case of a host, a hash) are one.

    Raises ``InvalidConstraint``: a log keeps for ever what it is told, so a reference must carry no password.
    """
    text = reference.strip()
    if not text or not text.isprintable():
        raise InvalidConstraint(reference, 0, "it names nothing", "give a URL or a path", KIND)
    if not _SCHEME.match(text):
        return re.sub(r"^(?:\./)+", "", text)
    try:
        parts = urlsplit(text)
        port, host = parts.port, (parts.hostname or "").lower()
    except ValueError as error:
        raise InvalidConstraint(reference, 0, str(error), "give a URL or a path", KIND) from None
    if parts.password is not None or (parts.username is not None and "ssh" not in parts.scheme):
        hint = "leave user and password out; let whoever installs it have them"
        raise InvalidConstraint(reference, text.index("//") + 2, "it carries a user or a password", hint, KIND)
    user = f"{parts.username}@" if parts.username else ""
    where = user + host + (f":{port}" if port not in (None, _PORTS.get(parts.scheme.lower())) else "")
    kept = (each for each in sorted(parts.fragment.split("&")) if each.startswith("subdirectory="))
    return urlunsplit((parts.scheme.lower(), where, parts.path, parts.query, "&".join(kept)))


def version_of(reference: str, name: str) -> str | None:
    """The version that a reference's file name tells, if it is a wheel or an sdist of ``name``; None: not known."""
    file = urlsplit(reference).path.rpartition("/")[2]
    try:
        if file.endswith(".whl"):
            found, version, *_ = parse_wheel_filename(file)
        else:
            found, version = parse_sdist_filename(file)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    return str(version) if found == canonicalize_name(name) else None


@dataclass(frozen=True, slots=True)
class Sourced(Generic[S]):
    """Versions by where they are taken from: those of some references, and those of any other source.

    Invariant: ``by`` is sorted by reference and names none whose versions are ``elsewhere``.
    """

    elsewhere: S
    by: tuple[tuple[str, S], ...] = ()

    @classmethod
    def of(cls, elsewhere: S, by: Iterable[tuple[str, S]]) -> Self:
        """In the one form that equal sets have."""
        return cls(elsewhere, tuple(sorted((name, span) for name, span in by if span != elsewhere)))

    def __and__(self, other: Self) -> Self:
        """What both admit."""
        names = dict(self.by) | dict(other.by)
        return self.of(self.elsewhere & other.elsewhere, ((n, self.at(n) & other.at(n)) for n in names))

    def __sub__(self, other: Self) -> Self:
        """What is admitted here and not there."""
        names = dict(self.by) | dict(other.by)
        return self.of(self.elsewhere - other.elsewhere, ((n, self.at(n) - other.at(n)) for n in names))

    def at(self, reference: str) -> S:
        """The versions that are admitted when they are taken from ``reference``."""
        return dict(self.by).get(reference, self.elsewhere)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is admitted, wherever it is taken from."""
        return self.elsewhere.is_empty and all(span.is_empty for _, span in self.by)

    @property
    def only_prereleases(self) -> bool:
        """Whether something is admitted, but pre-releases alone."""
        spans = [self.elsewhere, *(span for _, span in self.by)]
        return not self.is_empty and all(span.is_empty or span.only_prereleases for span in spans)

    def covers(self, other: Self) -> bool:
        """Whether everything that ``other`` admits is admitted here too."""
        names = dict(self.by) | dict(other.by)
        return self.elsewhere.covers(other.elsewhere) and all(self.at(n).covers(other.at(n)) for n in names)

    def contains(self, version: str) -> bool:
        """Whether this version is admitted from somewhere."""
        return any(span.contains(version) for span in (self.elsewhere, *(span for _, span in self.by)))
