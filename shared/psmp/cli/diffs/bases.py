"""What the local repository knows of the bases of other agents' claims: how the file came from there to ours."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from psmp.cli.diffs import git
from psmp.cli.diffs.faults import DiffFault
from psmp.cli.diffs.found import FromDiff
from psmp.cli.diffs.unified import parse
from psmp.compat.paths.claims import Claim
from psmp.compat.paths.gaps import Gap, bridged, gaps
from psmp.compat.paths.passages import passed
from psmp.words.values import Hunk

MOST_HUNKS: Final = 1000
"""How many hunks one passage has."""

MOST_IN_ALL: Final = 4000
"""How many the passages of one declaration have together: some 400 kB of the megabyte that it may have."""

MOST_CREATED: Final = 50
"""How many created files are looked for in the history."""

_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def with_passages(made: FromDiff, others: Iterable[Claim]) -> FromDiff:
    """The claims with a passage from each base of ``others`` on the same file that the local repository knows.

    What stays unknown is said in a remark; a folder that is in no repository knows nothing.
    """
    wanted = gaps(made.claims, others)
    known = _passages(made.folder, made.since, wanted)
    left = sorted({gap.path for gap in wanted if gap not in known})
    remarks = tuple(f"{path}: {_UNKNOWN}" for path in left)
    return replace(made, claims=bridged(made.claims, known), remarks=(*made.remarks, *remarks))


_UNKNOWN: Final = (
    "others claim it at a base from which no way to yours is known here, so it stays unknown whether you meet; "
    "git fetch may help"
)


def _passages(folder: Path, since: str, wanted: Sequence[Gap]) -> dict[Gap, tuple[Hunk, ...]]:
    named = [gap for gap in wanted if _ID.fullmatch(gap.theirs) and _ID.fullmatch(gap.ours)]
    try:
        there = git.known(folder, {blob for gap in named for blob in (gap.theirs, gap.ours)}) if named else set()
        at_hand = [gap for gap in named if {gap.theirs, gap.ours} <= there]
        created = [gap for gap in at_hand if gap.created]
        followed = {gap for gap in created[:MOST_CREATED] if git.was_there(folder, since, gap.path, gap.theirs)}
        asked = [gap for gap in at_hand if not gap.created or gap in followed]
        return _fitting(asked, _between(folder, asked)) if asked else {}
    except DiffFault:
        return {}


def _between(folder: Path, asked: Sequence[Gap]) -> dict[str, tuple[Hunk, ...]]:
    """For the number of each gap what changed in the blob, where that can be told by lines."""
    with TemporaryDirectory(prefix="psmp-bases-") as name:
        trees = [[getattr(gap, side) for gap in asked] for side in ("theirs", "ours")]
        data = git.blobs_diff(folder, Path(name), trees[0], trees[1])
    changes = {change.path: change.edits for change in parse(data, "the passage from others' bases")}
    return {path: passed(edits) for path, edits in changes.items() if edits is not None}


def _fitting(asked: Sequence[Gap], found: dict[str, tuple[Hunk, ...]]) -> dict[Gap, tuple[Hunk, ...]]:
    """Of the passages those that are not too long, as many as one declaration has room for."""
    fitting: dict[Gap, tuple[Hunk, ...]] = {}
    room = MOST_IN_ALL
    for number, gap in enumerate(asked):
        hunks = found.get(str(number))
        if hunks is not None and len(hunks) <= min(MOST_HUNKS, room):
            fitting[gap] = hunks
            room -= len(hunks)
    return fitting
