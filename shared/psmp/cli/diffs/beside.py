"""What the files that lie beside a diff say of it: whether they are as it found them, or as it leaves them."""

from collections.abc import Iterable

from psmp.cli.diffs.unified import blob_id
from psmp.compat.paths.edits import Edit, FileChange


def base_of(change: FileChange, content: bytes) -> str | None:
    """The id of the blob that ``change`` is of, where ``content``, from before or after the change, shows it."""
    edits = change.edits or ()
    lines = _lines(content)
    if any(edit.old for edit in edits) and _found(lines, ((edit.start, edit.old) for edit in edits)):
        return blob_id(content)
    if is_result(change, content):
        for edit, at in reversed(list(zip(edits, _places(edits), strict=True))):
            lines[at - 1 : at - 1 + len(edit.new)] = edit.old
        return blob_id(b"".join(lines))
    return None


def is_result(change: FileChange, content: bytes) -> bool:
    """Whether ``content`` is what ``change`` leaves, by its id or, where that is not told, by its lines."""
    if change.result is not None:
        return blob_id(content, change.result).startswith(change.result)
    edits = change.edits or ()
    places = zip(_places(edits), (edit.new for edit in edits), strict=True)
    return any(edit.new for edit in edits) and _found(_lines(content), places)


def _places(edits: Iterable[Edit]) -> list[int]:
    """Where the new lines of each edit start in the result."""
    places: list[int] = []
    shift = 0
    for edit in edits:
        places.append(edit.start + shift)
        shift += len(edit.new) - len(edit.old)
    return places


def _found(lines: list[bytes], parts: Iterable[tuple[int, tuple[bytes, ...]]]) -> bool:
    return all(tuple(lines[start - 1 : start - 1 + len(part)]) == part for start, part in parts)


def _lines(content: bytes) -> list[bytes]:
    *ended, last = content.split(b"\n")
    return [line + b"\n" for line in ended] + ([last] if last else [])
