"""A review is what its checks found, and what always holds cannot be left out."""

from typing import Any

import pytest

from psmp.rules.orchestration.review import STANDING, case, doubted, review
from psmp.rules.orchestration.scopes import narrowed
from psmp.rules.orchestration.shape import Shape
from psmp.words.orchestration.checks import Ber, Evidence, Finding, Made, PersonsWord, ReportedTests
from psmp.words.orchestration.graph import Scope
from psmp.words.values import Dependency
from tests.unit.rules.orchestration.graphs import fan, node_of, shape

DECLARED: list[dict[str, Any]] = [
    {"check": "ARTIFACT_ACCEPTED"},
    {"check": "TESTS_REPORTED", "least": 2},
    {"check": "HUMAN_REVIEW", "role": "lead", "seconds": 60},
]
MADE = Made(
    artifact="a",
    version=1,
    type="code",
    accepted=True,
    paths=("src/n3/a.py",),
    dependencies=(Dependency(name="numpy", constraint="==2.1"),),
)
LEAD = PersonsWord(by="ann", role="lead", agrees=True, reason="fine")
WELL = Evidence(
    made=(MADE,),
    tools=("git",),
    used=(("n1", "out"),),
    seconds=9,
    cost_micros=9,
    tests=ReportedTests(passed=2, failed=0),
    words=(LEAD,),
)


def governed() -> Shape:
    of = fan(
        lanes=[{"lane": "code", "paths": ["src/"], "types": ["code"]}],
        scope={"dependencies": [{"name": "numpy"}], "tools": ["git"], "seconds": 10, "budget_micros": 10},
    )
    of["sub_pacs"][2]["scope"] = {"paths": ["src/n3/"]}
    node_of(of, "n3")["checks"] = DECLARED
    return shape(of)


SHAPE = governed()


def judged(evidence: Evidence = WELL, outputs: dict[str, object] | None = None, spent: int = 0, **said: Any) -> Ber:
    found = evidence.model_copy(update=said)
    return review(case(SHAPE, "n3", {"out": 1} if outputs is None else outputs, found, spent))


def test_what_is_well_passes_every_check() -> None:
    ber = judged()
    assert ber.verdict == "PASS"
    assert [each.check for each in ber.findings] == [*STANDING, *(each["check"] for each in DECLARED)]


@pytest.mark.parametrize(
    ("check", "code", "said"),
    [
        ("NO_OPEN_CONFLICT", None, {"conflicts": ("C-1",)}),
        ("OUTPUTS_VALID", None, {"outputs": {}}),
        ("OUTPUTS_VALID", None, {"outputs": {"out": "1"}}),
        ("OUTPUTS_VALID", None, {"outputs": {"out": 1, "more": 1}}),
        ("SCOPE_KEPT", "GS_201", {"made": (MADE.model_copy(update={"paths": ("src/b",)}),)}),
        ("SCOPE_KEPT", "GS_201", {"made": (MADE.model_copy(update={"dependencies": (Dependency(name="x"),)}),)}),
        (
            "SCOPE_KEPT",
            "GS_201",
            {"made": (MADE.model_copy(update={"dependencies": (Dependency(name="numpy", reference="https://a/b"),)}),)},
        ),
        ("SCOPE_KEPT", "GS_201", {"tools": ("ssh",)}),
        ("LANE_KEPT", "GS_200", {"made": (MADE.model_copy(update={"type": "plan"}),)}),
        ("LANE_KEPT", "GS_200", {"made": (MADE.model_copy(update={"paths": ("docs/a",)}),)}),
        ("LANE_KEPT", "GS_200", {"made": (MADE.model_copy(update={"paths": ("src/../a",)}),)}),
        ("NO_SIDE_CHANNEL", "GS_207", {"used": (("n1", "other"),)}),
        ("TIME_WITHIN_LIMIT", None, {"seconds": 11}),
        ("COST_WITHIN_LIMIT", None, {"cost_micros": 11}),
        ("COST_WITHIN_LIMIT", None, {"spent": 2}),
        ("ARTIFACT_ACCEPTED", None, {"made": ()}),
        ("ARTIFACT_ACCEPTED", None, {"made": (MADE.model_copy(update={"accepted": False}),)}),
        ("TESTS_REPORTED", None, {"tests": None}),
        ("TESTS_REPORTED", None, {"tests": ReportedTests(passed=1, failed=0)}),
        ("TESTS_REPORTED", None, {"tests": ReportedTests(passed=2, failed=1)}),
        ("HUMAN_REVIEW", None, {"words": (LEAD.model_copy(update={"agrees": False}),)}),
        ("HUMAN_REVIEW", None, {"words": (), "waited_seconds": 60}),
    ],
)
def test_what_is_not_well_fails_its_check_and_the_review(check: str, code: str | None, said: dict[str, Any]) -> None:
    ber = judged(**said)
    assert ber.verdict == "FAIL"
    failed = {(each.check, each.code) for each in ber.findings if each.verdict == "FAIL"}
    assert (check, code) in failed
    assert all(each.text for each in ber.findings if each.verdict == "FAIL")


def test_a_review_waits_for_the_person_whose_role_it_asks_for() -> None:
    assert judged(words=()).verdict == "PENDING"
    assert judged(words=(LEAD.model_copy(update={"role": "guest"}),)).verdict == "PENDING"
    assert judged(words=(), seconds=11).verdict == "FAIL"


def test_a_scope_without_limits_limits_nothing() -> None:
    free = shape(fan())
    evidence = WELL.model_copy(update={"seconds": 10**6, "cost_micros": 10**6, "tools": ("ssh",)})
    assert review(case(free, "n3", {"out": 1}, evidence)).verdict == "PASS"


def test_a_scope_says_what_it_says_and_else_its_parents() -> None:
    parent = Scope(paths=("src/",), seconds=9)
    assert narrowed(parent, Scope(seconds=3)) == Scope(paths=("src/",), seconds=3)
    assert narrowed(parent, Scope(paths=())) == Scope(paths=(), seconds=9)


def test_an_output_that_its_taker_does_not_take_fails_though_its_giver_may_give_it() -> None:
    of = fan()
    node_of(of, "n1")["outputs"]["out"] = {"type": "string"}
    node_of(of, "n3")["inputs"]["one"] = {
        "type": "string",
        "maxLength": 9999,
    }  # of which nobody knows beforehand whether it fits
    narrow = shape(of)
    (finding,) = [
        each
        for each in review(case(narrow, "n1", {"out": "x" * 10_000}, Evidence())).findings
        if each.verdict == "FAIL"
    ]
    assert finding.check == "OUTPUTS_VALID"
    assert finding.text.startswith("output out is not what n3 takes as one: ")
    assert review(case(narrow, "n1", {"out": "x" * 9999}, Evidence())).verdict == "PASS"


def test_what_no_review_can_be_is_doubted() -> None:
    ber = judged()
    assert doubted(SHAPE, "n3", {"out": 1}, ber) == ""
    assert "makes these checks" in doubted(
        SHAPE, "n3", {"out": 1}, ber.model_copy(update={"findings": ber.findings[1:]})
    )
    assert "does not follow" in doubted(SHAPE, "n3", {"out": 1}, ber.model_copy(update={"verdict": "PENDING"}))
    assert doubted(SHAPE, "n3", {"out": "1"}, ber) == "n3 cannot pass: output out: it is string, not integer"
    assert doubted(SHAPE, "n3", {"out": "1"}, judged(outputs={"out": "1"})) == ""
    assert Finding(check="SCOPE_KEPT", verdict="PASS").text == ""
