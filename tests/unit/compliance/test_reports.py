"""Reports: no status without evidence, none in a record that does not hold, and nothing is claimed beyond."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.compliance import controls, hipaa
from psmp.compliance.controls import Control, Status, judge
from psmp.compliance.evidence import Decision, Evidence, Guards, Kind, Retention, Standing
from psmp.compliance.report import FRAMEWORKS, Report, again, markdown, plain, report

KINDS = {
    name: Kind(3, 5, 9)
    for name in (
        *("artifact.declared", "artifact.accepted", "conflict.detected", "alert.raised", "alert.acknowledged"),
        *("alert.cleared", "agent.silenced", "project.stalled", "subject.erased", "letter.dropped"),
    )
}
HEALTHY = Evidence(
    tenant="acme",
    position=99,
    checkpoint=7,
    keys=True,
    standings=(
        Standing(
            "rag",
            58,
            head="ab" * 32,
            first="2026-11-18T00:00:00Z",
            last="2026-11-19T00:00:00Z",
            checkpoints=2,
            number=7,
            size=50,
            root="cd" * 32,
            signed=True,
        ),
    ),
    kinds=KINDS,
    parts={
        "refusals": [
            {"code": "NOT_OWNER", "commands": 2, "agents": 1},
            {"code": "RATE_LIMITED", "commands": 9, "agents": 3},
        ],
        "resolved": [
            {"strategy": None, "decided_by": None, "conflicts": 2, "median": 60.0, "p90": 90.0},
            {"strategy": "change", "decided_by": "governor", "conflicts": 2, "median": 60.0, "p90": 90.0},
        ],
    },
    decisions=(
        Decision("rag", 8, "waived", "eve", "C-4 waived for 60 s", "not *yet* live"),
        Decision("rag", 9, "subject.erased", "operator", "bob erased, approved by dpo", "asked for it"),
        Decision("rag", 1, "project.created", "eve", "created, to be governed by eve", "RAG"),
    ),
    guards=Guards(4, 4, (), checksums=True),
    people=3,
    sealed=4,
    retention=Retention(days=30),
)
EMPTY = Evidence(tenant="acme", position=0, checkpoint=0)
BARE = replace(EMPTY, position=9, standings=(Standing("rag", 9),))
BROKEN = replace(HEALTHY, standings=(replace(HEALTHY.standings[0], fault="event 5: leaf"),))

ALL = [(name, control) for name, framework in FRAMEWORKS.items() for control in framework.controls]


def each_report(evidence: Evidence) -> Iterator[Report]:
    return (report(framework, evidence) for framework in FRAMEWORKS.values())


@pytest.mark.parametrize(("_", "control"), ALL)
def test_without_a_record_no_control_is_covered_and_it_says_so(_: str, control: Control) -> None:
    found = judge(control, EMPTY)
    assert (found.status, found.evidence) == (Status.NOT, (controls.NO_RECORD,))


@pytest.mark.parametrize(("_", "control"), ALL)
def test_in_a_record_that_does_not_hold_no_control_is_covered(_: str, control: Control) -> None:
    found = judge(control, BROKEN)
    assert found.status is Status.NOT
    assert found.evidence[:2] == (controls.BROKEN, "rag: event 5: leaf")
    assert not [line for line in found.evidence if "hold" in line and line != controls.BROKEN]


@pytest.mark.parametrize(("_", "control"), ALL)
def test_a_control_without_evidence_says_so(_: str, control: Control) -> None:
    found = judge(control, BARE)
    if not [line for line in control.evidence(BARE) if line]:
        assert (found.status, found.evidence) == (Status.NOT, (controls.NO_EVIDENCE,))
    else:
        assert found.status is not Status.COVERED


def test_what_the_record_cannot_say_is_never_covered() -> None:
    silent = {f"{name} {each.name}" for name, each in ALL if each.evidence is controls.nothing}
    assert silent == {"soc2 CC6.8", "soc2 CC7.5", "gdpr Art. 30", "hipaa 164.312(d)"}
    for _, control in ALL:
        if control.evidence is controls.nothing:
            assert judge(control, HEALTHY).status is Status.NOT


def test_every_control_says_what_it_does_not_prove() -> None:
    assert all(control.limits and control.about for _, control in ALL)
    assert len({control.name for _, control in ALL}) == len(ALL)


def test_nothing_is_called_compliant() -> None:
    for evidence in (EMPTY, BARE, HEALTHY, BROKEN):
        for made in each_report(evidence):
            assert not re.search(r"complian|certif|guarantee", markdown(made), re.IGNORECASE)


def test_a_healthy_record_covers_only_its_own_integrity() -> None:
    covered = [
        control.name for made in each_report(HEALTHY) for control, found in made.findings if found.status == "covered"
    ]
    assert covered == ["164.312(c)(1), (c)(2)"]
    partly = [
        control.name for made in each_report(HEALTHY) for control, found in made.findings if found.status == "partly"
    ]
    assert len(partly) + len(covered) + 4 == len(ALL)


@pytest.mark.parametrize(
    "evidence",
    [
        replace(HEALTHY, standings=(replace(HEALTHY.standings[0], signed=None),)),
        replace(HEALTHY, standings=(replace(HEALTHY.standings[0], signed=False),)),
        replace(HEALTHY, standings=(*HEALTHY.standings, Standing("bare", 3))),
    ],
)
def test_integrity_is_covered_only_where_trusted_keys_have_signed_everything(evidence: Evidence) -> None:
    found = {control.name: each for control, each in report(hipaa.HIPAA, evidence).findings}
    assert found["164.312(c)(1), (c)(2)"].status is Status.PARTLY


def test_six_years_are_covered_when_they_are_there() -> None:
    def retained(**changes: object) -> Status:
        evidence = replace(HEALTHY, standings=(replace(HEALTHY.standings[0], **changes),))  # type: ignore[arg-type]
        return {control.name: each for control, each in report(hipaa.HIPAA, evidence).findings}[
            "164.316(b)(2)(i)"
        ].status

    assert retained() is Status.PARTLY
    assert retained(first="2020-11-18T00:00:00Z") is Status.COVERED
    assert retained(first="2020-11-18T00:00:00Z", pruned=1) is Status.PARTLY
    assert retained(first="", last="", pruned=1) is Status.PARTLY


def test_refusals_are_told_where_they_bear_on_a_control() -> None:
    assert list(controls.refused(HEALTHY, "NOT_OWNER")) == ["2 commands of 1 agent refused with NOT_OWNER"]
    assert len(list(controls.refused(HEALTHY))) == 2


def test_what_is_kept_is_told() -> None:
    told = list(controls.kept(replace(HEALTHY, retention=Retention(holds=("a", "b")))))
    assert told[-2:] == ["bodies are kept for ever", "legal holds keep a, b"]
    assert "no record was pruned" in told
    assert list(controls.kept(HEALTHY))[-1] == "bodies are kept for 30 days after a project was archived"
    decision = Decision("rag", 9, "pruned", "office", "9 bodies pruned", "policy 7")
    pruned = replace(HEALTHY, standings=(Standing("rag", 9, pruned=9),), decisions=(decision,))
    assert list(controls.kept(pruned)) == [
        "9 records have no bytes any more, only their leaf hash",
        "position 9, rag: 9 bodies pruned (office): policy 7",
    ]


def test_strays_are_a_fault() -> None:
    strayed = replace(HEALTHY, strays=2)
    assert strayed.faults == ("2 events of the projection are not those of the ledger",)
    assert not report(FRAMEWORKS["soc2"], strayed).holds


def test_events_are_told_with_their_place() -> None:
    evidence = replace(EMPTY, kinds={"a.b": Kind(2, 5, 9), "a.c": Kind(1, 7, 7)})
    assert evidence.told("things", "a.b", "a.c") == "3 things (positions 5 to 9)"
    assert evidence.told("things", "a.c") == "1 things (position 7)"
    assert evidence.told("things", "a.d") == ""
    assert evidence.count("a.b", "a.d") == 2


def test_a_report_names_how_to_make_it_again() -> None:
    spanned = replace(HEALTHY, since="2026-01-01T00:00:00.000000Z", until="2027-01-01T00:00:00.000000Z")
    made = report(FRAMEWORKS["gdpr"], spanned)
    assert again(made) == (
        "psmp report gdpr --tenant acme --since 2026-01-01T00:00:00.000000Z --until 2027-01-01T00:00:00.000000Z"
        " --at 99 --checkpoint 7 --keys FILE"
    )
    assert not again(report(FRAMEWORKS["gdpr"], replace(spanned, keys=False))).endswith("--keys FILE")
    assert again(made) in markdown(made)
    assert plain(made)["again"] == again(made)


def test_both_forms_say_the_same() -> None:
    for evidence in (EMPTY, HEALTHY, BROKEN):
        for made in each_report(evidence):
            told, text = plain(made), markdown(made)
            assert told["holds"] is made.holds
            for each in told["controls"]:
                assert f"### {each['control']} {each['title']}: {each['status']}" in text
                assert f"Not proved: {each['not_proved']}." in text


def test_the_three_records_are_told_apart() -> None:
    texts = [markdown(report(FRAMEWORKS["soc2"], each)) for each in (EMPTY, HEALTHY, BROKEN)]
    assert "no record of this tenant" in texts[0]
    assert "Yes: every record" in texts[1]
    assert "**No.**" in texts[2]
    unkeyed = markdown(report(FRAMEWORKS["soc2"], replace(HEALTHY, keys=False)))
    assert "Signatures of checkpoints were not checked" in unkeyed
    assert "Signatures of checkpoints were not checked" not in texts[1]


@given(st.text())
def test_what_agents_write_makes_no_markup(text: str) -> None:
    decision = Decision("rag", 8, "waived", "eve", "C-4 waived", text)
    [line] = [
        each
        for each in markdown(report(FRAMEWORKS["soc2"], replace(HEALTHY, decisions=(decision,)))).splitlines()
        if "C-4 waived" in each and "waived (eve)" in each
    ][:1]
    assert not re.search(r"(?<!\\)[`*_\[\]<>|#!~&]", line.replace("\\\\", "").removeprefix("- "))


def test_where_no_conflict_has_ended_nothing_is_said_of_how_they_end() -> None:
    none = {"strategy": None, "decided_by": None, "conflicts": 0, "median": None, "p90": None}
    assert list(controls.resolved(replace(HEALTHY, parts={"resolved": [none]}))) == []
