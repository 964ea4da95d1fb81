"""What follows from a diff, as a value."""

from dataclasses import dataclass
from pathlib import Path

from psmp.cli.manifests.found import Found
from psmp.compat.paths.edits import FileChange
from psmp.words.values import PathClaim


@dataclass(frozen=True, slots=True)
class FromDiff:
    """What follows from a diff: claims on paths, and what the manifests that it changes need now.

    ``found`` is None where it changes no manifest. ``remarks`` are for people. ``folder`` is where git is asked, and
    ``since`` the commit that the change is of.
    """

    changes: tuple[FileChange, ...]
    claims: tuple[PathClaim, ...]
    found: Found | None
    remarks: tuple[str, ...] = ()
    folder: Path = Path()
    since: str = "HEAD"
