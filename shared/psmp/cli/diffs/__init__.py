"""``--from-diff``: the path claims and the needs that follow from a change that is made already."""

import sys
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from psmp.cli import manifests
from psmp.cli.diffs import git
from psmp.cli.diffs.bases import with_passages
from psmp.cli.diffs.beside import base_of, is_result
from psmp.cli.diffs.faults import DiffFault
from psmp.cli.diffs.found import FromDiff
from psmp.cli.diffs.unified import parse, with_base
from psmp.cli.manifests.found import Found, ManifestFault, together
from psmp.compat.paths.edits import FileChange
from psmp.words.values import MAX_PATHS

__all__ = ["DiffFault", "FromDiff", "read", "with_passages"]

MANIFESTS: Final = ("pyproject.toml", "requirements*.txt", "requirements*.in", "package.json")
"""The files that say what is needed, by name."""

_INCLUDED: Final = ("*.txt", "*.in", *MANIFESTS)
_MOST_INCLUDED: Final = 500
_ID: Final = (40, 64)


def read(text: str, *, folder: Path = Path(), purpose: str = "") -> FromDiff:
    """What follows from the diff that ``text`` names: a file, ``-`` for standard input, or what git calls two states.

    Raises ``DiffFault`` or ``ManifestFault``. Git is asked in ``folder``, where also a diff's files are looked for.
    """
    if text == "-" or (folder / text).is_file():
        return _of_file(text, folder, purpose)
    two = git.states(text, folder)
    changes = _complete(two, text, parse(git.diff(two, text), text))
    told = _told(text, changes, _of_tree(two, text, changes, purpose), _left_out(two, text))
    return replace(told, folder=two.folder, since=two.old)


def _complete(two: git.States, source: str, changes: tuple[FileChange, ...]) -> tuple[FileChange, ...]:
    """The changes with the ids of files that were moved and not changed, which git does not tell."""
    untold = [change for change in changes if change.moved is not None and change.base is None]
    blobs = {change.moved: git.blob_at(two, change.path, source) for change in untold}
    told = (with_base(change, blobs[change.moved]) if change in untold else change for change in changes)
    return tuple(
        replace(change, result=blobs[change.path]) if change.mode == "create" and change.path in blobs else change
        for change in told
    )


def _left_out(two: git.States, source: str) -> tuple[str, ...]:
    unknown = git.untracked(two, source) if two.new is None else ()
    if not unknown:
        return ()
    named = f"{unknown[0]} and {len(unknown) - 1} more" if len(unknown) > 1 else unknown[0]
    return (f"{named}: not tracked by git and so not in the diff; git add it, or claim it with --path",)


def _of_file(text: str, folder: Path, purpose: str) -> FromDiff:
    source = "stdin" if text == "-" else text
    changes = _based(folder, parse(_bytes(text, folder, source), source))
    vague = [change.path for change in changes if change.mode != "create" and not _is_full(change.base)]
    remarks = [f"{path}: its base is not known, so others' claims on it cannot be compared by lines" for path in vague]
    found: list[Found] = []
    for change in filter(_is_manifest, changes):
        path = folder / change.path
        if not path.is_file() or not is_result(change, path.read_bytes()):
            remarks.append(f"{change.path}: not read, for the file here is not what the diff makes of it; add --from")
        else:
            found.append(manifests.read(path, root=folder, purpose=purpose))
    return replace(_told(source, changes, together(found) if found else None, tuple(remarks)), folder=folder)


def _told(source: str, changes: tuple[FileChange, ...], found: Found | None, remarks: tuple[str, ...]) -> FromDiff:
    claims = tuple(claim for change in changes for claim in change.claims())
    if len(claims) > MAX_PATHS:
        problem = f"{len(claims)} claims, where an artifact makes {MAX_PATHS} at most"
        raise DiffFault(source, None, problem, "declare it as several artifacts, or whole folders with --path src/")
    return FromDiff(changes, claims, found, remarks)


def _bytes(text: str, folder: Path, source: str) -> bytes:
    try:
        if text == "-":
            data = sys.stdin.buffer.read(git.LARGEST + 1)
        else:
            with (folder / text).open("rb") as file:
                data = file.read(git.LARGEST + 1)
    except OSError as error:
        raise DiffFault(source, None, error.strerror or str(error), "check the path") from None
    if len(data) > git.LARGEST:
        raise DiffFault(source, None, f"larger than {git.LARGEST} bytes", "give several smaller diffs")
    return data


def _based(folder: Path, changes: Iterable[FileChange]) -> tuple[FileChange, ...]:
    """The changes with full ids, where the repository knows them or the file is still as it was."""
    listed = list(changes)
    named = {change.base for change in listed} | {change.result for change in listed if change.mode == "create"}
    short = {each for each in named if each is not None and not _is_full(each)}
    known = git.blobs(folder, sorted(short)) if short else {}
    return tuple(_on(folder, change, known) for change in listed)


def _on(folder: Path, change: FileChange, known: dict[str, str]) -> FileChange:
    if change.mode == "create" and change.result is not None:
        return replace(change, result=known.get(change.result, change.result))
    if change.base is not None:
        return with_base(change, known.get(change.base, change.base))
    path = folder / change.path
    if change.mode != "write" or not path.is_file():
        return change
    base = base_of(change, path.read_bytes())
    return change if base is None else with_base(change, base)


def _is_full(base: str | None) -> bool:
    return base is not None and len(base) in _ID


def _is_manifest(change: FileChange) -> bool:
    name = change.path.rpartition("/")[2]
    return change.mode != "delete" and any(fnmatch(name, each) for each in MANIFESTS)


def _of_tree(two: git.States, source: str, changes: Iterable[FileChange], purpose: str) -> Found | None:
    """What the changed manifests need in the newer state, read from copies where that is not the files as they are."""
    changed = [change.path for change in changes if _is_manifest(change)]
    if not changed:
        return None
    if two.new is None:
        return together([manifests.read(two.folder / path, root=two.folder, purpose=purpose) for path in changed])
    with TemporaryDirectory(prefix="psmp-diff-") as name:
        root = Path(name).resolve()
        listed = [
            path for path in git.files(two, source) if any(fnmatch(path.rpartition("/")[2], each) for each in _INCLUDED)
        ]
        for path in dict.fromkeys((*changed, *listed[:_MOST_INCLUDED])):  # all of them normal: none leads outside
            copy = root / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(git.content(two, path, source))
        return together([_relative(root, root / path, purpose) for path in changed])


def _relative(root: Path, path: Path, purpose: str) -> Found:
    """What a manifest needs, told as of its place in the tree and not of the copy that is read."""
    try:
        found = manifests.read(path, root=root, purpose=purpose)
    except ManifestFault as fault:
        shown = fault.path.relative_to(root) if fault.path.is_relative_to(root) else fault.path
        problem = fault.problem.replace(f"{root}/", "")
        raise ManifestFault(shown, fault.line, problem, fault.hint) from None
    here = f"{root}/"
    needs = tuple(
        need if need.location is None else need.model_copy(update={"location": need.location.replace(here, "")})
        for need in found.dependencies
    )
    return Found(needs, tuple(remark.replace(here, "") for remark in found.unread))
