"""The line of versions of a conflict: exact where it is drawn, and the same line for what a way out would change."""

from hypothesis import given
from hypothesis import strategies as st

from psmp.compat.ecosystems import ECOSYSTEMS
from psmp.words.values import Change, Conflict, Ecosystem, Kind, Party, Severity, Suggestion
from psmp_gateway.rules.ranges import Stretch, number_line


def party(place: int, constraint: str, reference: str | None = None) -> Party:
    name = f"a{place}"
    return Party(
        artifact=name, version=1, agent=f"{name}-agent", constraint=constraint, sequence=place + 1, reference=reference
    )


def conflict(
    *constraints: str,
    ecosystem: Ecosystem | None = "pypi",
    kind: Kind = "version",
    subject: str = "pandas",
    changes: tuple[Change, ...] = (),
    parties: tuple[Party, ...] | None = None,
) -> Conflict:
    return Conflict(
        id="C-1",
        kind=kind,
        ecosystem=ecosystem,
        subject=subject,
        severity=Severity.CRITICAL,
        environments=(),
        causes=(),
        parties=parties or tuple(party(place, each) for place, each in enumerate(constraints)),
        text="",
        suggestions=(Suggestion(n=1, changes=changes, text=""),) if changes else (),
    )


def spelled(stretches: tuple[Stretch, ...]) -> str:
    return " ".join(
        f"{'[' if each.with_lower else '('}{each.lower or ''},{each.upper or ''}{']' if each.with_upper else ')'}"
        for each in stretches
    )


def lanes(*constraints: str, ecosystem: Ecosystem = "pypi") -> list[str]:
    return [spelled(each.stretches) for each in number_line(conflict(*constraints, ecosystem=ecosystem)).lanes]


def test_every_operator_of_pep_440_is_drawn_where_it_begins_and_ends() -> None:
    line = number_line(conflict(">=2.0,<3", "==1.5.*", "~=1.4.2", "!=2.1.*,>1", "==2.0a1", ""))
    assert line.points == ("1", "1.4.2", "1.5", "1.6", "2.0a1", "2.0", "2.1", "2.2", "3")
    assert [spelled(each.stretches) for each in line.lanes] == [
        "[2.0,3)",
        "[1.5,1.6)",
        "[1.4.2,1.5)",
        "(1,2.1) [2.2,)",
        "[2.0a1,2.0a1]",
        "(,)",
    ]
    assert line.common == ()


def test_what_all_admit_is_told() -> None:
    assert spelled(number_line(conflict(">=1,<3", ">2")).common) == "(2,3)"
    assert lanes("===1.0", "<=1.0") == ["[1.0,1.0]", "(,1.0]"]
    assert lanes("===anything", ">=1") == ["", "[1,)"]


def test_between_a_pre_release_and_its_release_there_is_more() -> None:
    assert lanes(">=2.0a1", "==2.0") == ["[2.0a1,)", "[2.0,2.0]"]
    assert lanes(">=2.0", "==2.0.post1") == ["[2.0,)", "[2.0.post1,2.0.post1]"]
    assert lanes("<1!1,>=0.dev0", "==0.dev0") == ["[0.dev0,1!1)", "[0.dev0,0.dev0]"]


def test_npm_ranges_are_drawn_with_every_alternative() -> None:
    line = number_line(conflict("^18.2.0 || ^17.0.2", "^19.0.0", "1.2.3", "*", ecosystem="npm"))
    assert [spelled(each.stretches) for each in line.lanes] == [
        "[17.0.2,18.0.0) [18.2.0,19.0.0)",
        "[19.0.0,20.0.0)",
        "[1.2.3,1.2.3]",
        "(,)",
    ]
    assert lanes("1.2.3", ">=1.2.4", ecosystem="npm") == ["[1.2.3,1.2.3]", "[1.2.4,)"]
    assert lanes("0.0.0", "<=1.2.3", ecosystem="npm")[0] == "(,0.0.1)"


def test_a_reference_is_no_set_of_versions_and_nothing_is_common_with_it() -> None:
    line = number_line(conflict(parties=(party(0, ">=1"), party(1, "", "git+https://example.org/x"))))
    assert [spelled(each.stretches) for each in line.lanes] == ["[1,)", ""]
    assert line.common == ()


def test_what_cannot_be_read_is_left_empty() -> None:
    assert lanes("not a constraint", ">=1") == ["", "[1,)"]


def test_a_way_out_shows_what_it_changes_on_the_same_line() -> None:
    change = Change(artifact="a1", agent="a1-agent", name="Pandas", constraint=">=2.0,<3")
    line = number_line(conflict(">=2.0,<3", "==1.5.*", changes=(change,)))
    (way,) = line.ways
    assert [(each.artifact, spelled(each.stretches)) for each in way.lanes] == [("a1", "[2.0,3)")]
    assert (way.leaves, spelled(way.common)) == ((), "[2.0,3)")


def test_who_gets_an_environment_of_its_own_leaves_the_line() -> None:
    change = Change(artifact="a1", agent="a1-agent", name="pandas", constraint="", action="isolate")
    (way,) = number_line(conflict(">=2.0,<3", "==1.5.*", changes=(change,))).ways
    assert (way.lanes, way.leaves, spelled(way.common)) == ((), ("a1",), "[2.0,3)")


def test_a_change_of_something_else_changes_nothing_here() -> None:
    change = Change(artifact="a1", agent="a1-agent", name="numpy", constraint=">=2")
    (way,) = number_line(conflict(">=2", "<1", changes=(change,))).ways
    assert (way.lanes, way.leaves, way.common) == ((), (), ())


def test_pythons_are_on_one_line_too() -> None:
    change = Change(artifact="a0", agent="a0-agent", name="", constraint=">=3.11", action="python")
    other = Change(artifact="a1", agent="a1-agent", name="python", constraint=">=3", action="require")
    line = number_line(
        conflict(">=3.12", "<3.12", kind="python", subject="python", ecosystem=None, changes=(change, other))
    )
    assert [spelled(each.stretches) for each in line.lanes] == ["[3.12,)", "(,3.12)"]
    assert [(each.artifact, spelled(each.stretches)) for each in line.ways[0].lanes] == [("a0", "[3.11,)")]
    assert spelled(line.ways[0].common) == "[3.11,3.12)"


def test_what_is_not_about_versions_has_no_line() -> None:
    line = number_line(conflict("writes all", kind="path", subject="a.py", ecosystem=None))
    assert (line.points, line.lanes, line.ways) == ((), (), ())


CLAUSE = st.builds(
    "{}{}".format,
    st.sampled_from((">=", ">", "<=", "<", "==", "!=")),
    st.builds("{}.{}".format, st.integers(0, 3), st.integers(0, 3)),
)
CONSTRAINT = st.lists(CLAUSE, min_size=1, max_size=3).map(",".join)


@given(st.lists(CONSTRAINT, min_size=2, max_size=4), st.integers(0, 3), st.integers(0, 4), st.integers(0, 1))
def test_a_version_is_on_a_lane_exactly_if_the_constraint_admits_it(
    constraints: list[str], major: int, minor: int, patch: int
) -> None:
    version, line = f"{major}.{minor}.{patch}", number_line(conflict(*constraints))
    for lane in line.lanes:
        drawn = any(_covers(each, (major, minor, patch)) for each in lane.stretches)
        assert drawn is ECOSYSTEMS["pypi"].parse(lane.constraint).span.contains(version)


@given(st.lists(CONSTRAINT, min_size=2, max_size=4))
def test_something_is_common_exactly_if_the_engine_finds_a_version_for_all(constraints: list[str]) -> None:
    pypi = ECOSYSTEMS["pypi"]
    assert bool(number_line(conflict(*constraints)).common) is not pypi.meet(map(pypi.parse, constraints)).is_empty


def _covers(stretch: Stretch, version: tuple[int, ...]) -> bool:
    def key(text: str) -> tuple[int, ...]:
        return tuple(int(part) for part in f"{text}.0".split(".")[:3])

    above = (
        stretch.lower is None or key(stretch.lower) < version or (stretch.with_lower and key(stretch.lower) == version)
    )
    return above and (
        stretch.upper is None or version < key(stretch.upper) or (stretch.with_upper and key(stretch.upper) == version)
    )
