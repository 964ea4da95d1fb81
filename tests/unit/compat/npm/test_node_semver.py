"""What the package ``semver`` itself answers, at the version that the file names."""

import json
from pathlib import Path

import pytest

from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.npm.ranges import parse

ANSWERS = json.loads(Path(__file__).with_name("node_semver.json").read_text())


@pytest.mark.parametrize(("text", "mask"), [row for row in ANSWERS["ranges"] if row[1]], ids=repr)
def test_a_range_admits_the_versions_that_satisfy_it_for_npm(text: str, mask: str) -> None:
    satisfying = [version for place, version in enumerate(ANSWERS["versions"]) if int(mask, 16) >> place & 1]
    assert [version for version in ANSWERS["versions"] if parse(text).span.contains(version)] == satisfying


@pytest.mark.parametrize("text", [text for text, mask in ANSWERS["ranges"] if not mask], ids=repr)
def test_what_is_no_range_for_npm_is_none_here(text: str) -> None:
    with pytest.raises(InvalidConstraint):
        parse(text)


@pytest.mark.parametrize(
    ("text", "meaning"), [("1.2.3*", "1.2.3"), ("*1.2.3", "1.2.3"), ("+a", "*"), ("~> >1", "~1")], ids=repr
)
def test_slips_that_npm_lets_pass_are_refused(text: str, meaning: str) -> None:
    with pytest.raises(InvalidConstraint):
        parse(text)
    parse(meaning)
