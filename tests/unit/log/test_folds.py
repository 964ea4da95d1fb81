"""A state that was written down by older code is never read as if it were of this one."""

import hashlib

from pydantic import TypeAdapter
from pydantic_core import to_json

from psmp.log.folds import PROJECT_FOLD
from psmp.rules.project import Project

SHAPES = {
    1: "b04b89463130f4c8",
    2: "ab8f3aabc11490c2",
    3: "c769c8baa1cee962",
    4: "3a6df9b7260eb71c",
    5: "10924437a4849e44",
    6: "7c779d8dfb4960e6",
    7: "4fedb9911f72528b",
    8: "69cf0d5ec7d809a4",
    9: "51977551dba383c1",
}
"""The digest of the state's JSON Schema by version of the fold. Never edit an entry: raise the version and add one."""


def test_whoever_changes_the_shape_of_a_project_raises_the_version_of_its_fold() -> None:
    schema = TypeAdapter(Project | None).json_schema()
    assert SHAPES[PROJECT_FOLD.version] == hashlib.sha256(to_json(_bare(schema))).hexdigest()[:16]


def _bare(part: object) -> object:
    """A schema without what only people read."""
    if isinstance(part, dict):
        kept = {name: _bare(value) for name, value in part.items() if name != "description"}
        return dict(sorted(kept.items()))
    return [_bare(each) for each in part] if isinstance(part, list) else part
