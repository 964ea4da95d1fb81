"""Whatever is no range of npm has a fault with its place, and a hint that holds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.npm.ranges import LONGEST, parse
from tests.unit.compat.npm.sets import often

ANYTHING = "leave the range empty for any version, or write the versions that you need"
REFERENCE = "declare it as a reference"
RANGE = "declare the range of versions that you need"
ALIAS = "declare the package that it names, with the range that follows its name"
TOGETHER = "white space alone separates what holds together"
OPEN = "a number follows one that is left open"
PREFIX = "'{}' cannot stand before a version with three numbers here"
ALONE = "a hyphen range stands alone; with others its ends are '>=' and '<='"
TAGGED = "a pre-release stands behind three numbers and '-'"


def elsewhere(source: str) -> str:
    return f"'{source}' says where the package is taken from, and names no versions"


@pytest.mark.parametrize(
    ("text", "at", "fault", "hint"),
    [
        ("latest", 0, "a dist-tag names no versions", ANYTHING),
        ("next", 0, "a dist-tag names no versions", ANYTHING),
        ("any", 0, "a dist-tag names no versions", ANYTHING),
        ("vlatest", 0, "a dist-tag names no versions", ANYTHING),
        ("latest || ^1", 0, "a dist-tag names no versions", ""),
        ("npm:react@^18", 0, "an alias stands for another package", ALIAS),
        ("workspace:^1.2", 0, elsewhere("workspace:"), RANGE),
        ("catalog:", 0, elsewhere("catalog:"), RANGE),
        ("jsr:@a/b@1", 0, elsewhere("jsr:"), RANGE),
        ("file:../x", 0, elsewhere("file:"), REFERENCE),
        ("git+ssh://git@example.org/a/b.git", 0, elsewhere("git+ssh:"), REFERENCE),
        ("https://example.org/z.tgz", 0, elsewhere("https:"), REFERENCE),
        ("user/repo#v1", 0, elsewhere("user/repo#v1"), REFERENCE),
        ("../x", 0, elsewhere("../"), REFERENCE),
        ("~/x", 0, elsewhere("~/"), REFERENCE),
        ("git@example.org:a/b", 0, elsewhere("git@"), REFERENCE),
        ("==1.0.0", 0, "'==' is not an operator", "did you mean '1.0.0'?"),
        ("===1.2.3", 0, "'===' is not an operator", "did you mean '1.2.3'?"),
        ("= = 1", 0, "'= =' is not an operator", "did you mean '1'?"),
        (">==1.2.3", 0, "'>==' is not an operator", "did you mean '>=1.2.3'?"),
        (">= =1.2.3", 1, "white space parts an operator", "did you mean '>=1.2.3'?"),
        ("> = 1", 2, "white space parts an operator", "did you mean '>=1'?"),
        (">=1,<2", 3, TOGETHER, "did you mean '>=1 <2'?"),
        (">=1;<2", 3, TOGETHER, "did you mean '>=1 <2'?"),
        ("1,2", 1, TOGETHER, "did you mean '1 || 2'?"),
        ("1 && <2", 2, TOGETHER, "did you mean '1 <2'?"),
        ("1 and <2", 2, TOGETHER, "did you mean '1 <2'?"),
        ("=>1", 0, "'=>' is not an operator", "did you mean '>=1'?"),
        ("=<1", 0, "'=<' is not an operator", "did you mean '<=1'?"),
        ("!=1.2", 0, "'!=' is not an operator", "did you mean '<1.2 || >1.2'?"),
        ("!1", 0, "'!' is not an operator", "did you mean '<1 || >1'?"),
        ("<>1", 0, "'<>' is not an operator", "did you mean '<1 || >1'?"),
        (">=1 !=1.2 <3", 4, "'!=' is not an operator", "did you mean '>=1 <1.2 <3 || >=1 >1.2 <3'?"),
        ("<1 || >=1 !=1.2", 10, "'!=' is not an operator", "did you mean '<1 || >=1 <1.2 || >=1 >1.2'?"),
        ("1.0.0.0", 5, "a version has three numbers", "did you mean '1.0.0'?"),
        ("^1.2.3.4 <5", 6, "a version has three numbers", "did you mean '^1.2.3 <5'?"),
        ("^>=1", 1, "one operator follows another", ""),
        ("~^1", 1, "one operator follows another", ""),
        ("><1", 1, "one operator follows another", ""),
        ("~> >1", 3, "one operator follows another", ""),
        (">=", 2, "a version is missing", ""),
        ("^", 1, "a version is missing", ""),
        ("1.2.3 =", 7, "a version is missing", ""),
        ("v", 1, "a version is missing", ""),
        ("v 1.2.3", 1, "white space follows 'v'", "did you mean 'v1.2.3'?"),
        (">v 1", 2, "white space follows 'v'", "did you mean '>v1'?"),
        ("=v=1.2.3", 0, PREFIX.format("=v="), "did you mean '1.2.3'?"),
        ("1.2.3 - =2.0.0", 8, PREFIX.format("="), "did you mean '1.2.3 - 2.0.0'?"),
        ("=1.2.3 - 2", 0, PREFIX.format("="), "did you mean '1.2.3 - 2'?"),
        (">==v1.2.3-a", 0, "'>==' is not an operator", "did you mean '>=v1.2.3-a'?"),
        ("1-2", 1, "white space is missing beside '-'", "did you mean '1 - 2'?"),
        ("1 -2", 2, "white space is missing beside '-'", "did you mean '1 - 2'?"),
        ("1 - 2 <3", 2, ALONE, ""),
        ("1.2 - ", 6, "a version is missing", ""),
        ("- 1", 0, ALONE, ""),
        ("01.2.3", 0, "a number starts with 0", "did you mean '1.2.3'?"),
        ("1.02", 2, "a number starts with 0", "did you mean '1.2'?"),
        ("1.2.3-01", 6, "a number starts with 0", "did you mean '1.2.3-1'?"),
        ("1.2.3-a.01", 8, "a number starts with 0", "did you mean '1.2.3-a.1'?"),
        ("1.0.0rc1", 5, TAGGED, "did you mean '1.0.0-rc1'?"),
        ("1.0rc1", 3, TAGGED, "did you mean '1.0.0-rc1'?"),
        ("1.2-beta", 3, TAGGED, "did you mean '1.2.0-beta'?"),
        ("1-beta <2", 1, TAGGED, "did you mean '1.0.0-beta <2'?"),
        ("1.x.3", 3, OPEN, "did you mean '1.x'?"),
        ("x.1", 1, OPEN, "did you mean 'x'?"),
        ("*.2", 1, OPEN, "did you mean '*'?"),
        ("1.2.3*", 5, "'*' stands in the place of a number", "did you mean '1.2.3'?"),
        ("1*", 1, "'*' stands in the place of a number", "did you mean '1'?"),
        ("**", 0, "'*' stands in the place of a number", "did you mean '*'?"),
        ("1.2.", 3, "a number is missing", "did you mean '1.2'?"),
        ("1..2", 1, "'..2' does not belong to a range", ""),
        (".1", 0, "'.1' does not belong to a range", ""),
        ("+a", 0, "build metadata belongs to a version", ""),
        ("1 +a", 2, "build metadata belongs to a version", ""),
        (">1<2", 2, "white space is missing", "did you mean '>1 <2'?"),
        ("1.2?", 3, "'?' does not belong to a range", ""),
        ("?", 0, "'?' does not belong to a range", ""),
        ("(>=1)", 0, "parentheses do not belong here", ""),
        (">=1)", 3, "parentheses do not belong here", ""),
        ("1 | 2", 2, "'or' is written '||'", "did you mean '1 || 2'?"),
        ("1 ||| 2", 4, "'or' is written '||'", ""),
        ("|", 0, "'|' does not belong to a range", ""),
        ("1 or 2", 2, "'or' is written '||'", "did you mean '1 || 2'?"),
        ("or", 0, "a dist-tag names no versions", ANYTHING),
        ("9007199254740992.0.0", 0, "a number is larger than 9007199254740991", ""),
        ("^9007199254740991", 1, "its end would need a number larger than 9007199254740991", ""),
        ("<=1.9007199254740991", 2, "its end would need a number larger than 9007199254740991", ""),
        ("1.2.3_4", 5, "'_4' does not belong to a range", ""),
        ("1.2.3-", 5, "'-' does not belong to a range", ""),
        ("🤷", 0, "'🤷' does not belong to a range", ""),
        ("$" * 80, 0, "'" + "$" * 57 + "...' does not belong to a range", ""),
        ("1.2.3-" + "a" * 251, 0, "a version is longer than 256 characters", ""),
        (">1.2.3-" + "9" * 400, 1, "a version is longer than 256 characters", ""),
        ("1" * (LONGEST + 1), LONGEST, "it is longer than 1000 characters", ""),
    ],
)
def test_a_fault_is_told_with_its_place_and_what_was_meant(text: str, at: int, fault: str, hint: str) -> None:
    with pytest.raises(InvalidConstraint) as caught:
        parse(text)
    error = caught.value
    assert (error.text, error.at, error.fault, error.hint) == (text, at, fault, hint)
    assert str(error).endswith(f"is not a node-semver range: {fault}, at character {at}")


@often
@given(st.text(alphabet="<>=!~^|*+.;,-() vx0123alpha/:", max_size=20))
def test_every_text_is_a_range_or_has_a_fault_inside_it_and_a_hint_that_holds(text: str) -> None:
    try:
        parse(text)
    except InvalidConstraint as error:
        at, hint = error.at, error.hint
    else:
        return
    assert 0 <= at <= len(text)
    meant = re.fullmatch(r"did you mean '(.*)'\?", hint)
    if meant is not None:
        parse(meant[1])
