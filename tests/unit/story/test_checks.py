"""What a story claims is held against what was observed, claim by claim."""

from dataclasses import replace
from typing import Any

import pytest

from psmp.log.port import Record
from psmp.rules.project import Project, evolve
from psmp.rules.status import describe
from psmp.story import checks
from psmp.story.observed import Observation
from psmp.story.scenario import Expect, Step
from psmp.words.answers import Status
from psmp.words.commands import RequestSlot
from psmp.words.envelope import GENESIS, Link, Provenance, Stamp, leaf_hash, open_event, seal_event
from psmp.words.events import Event, ProjectCreated, ProjectTransitioned
from psmp.words.ids import ProjectKey, uuid7
from psmp.words.refusals import Code
from psmp.words.values import Phase, Policy, Target
from tests.unit.cli.examples import CONFLICT

KEY = ProjectKey("default", "rag")


def observed(expect: Expect, **found: Any) -> Observation:
    step = Step(agent="a", begin=RequestSlot(), expect=expect)
    fields = {"outcome": "accepted", "before": Phase.PLANNING, "state": Phase.PLANNING, **found}
    return Observation(number=3, step=step, answered=0.01, settled=0.02, **fields)


def holds(expect: Expect, **found: Any) -> list[bool]:
    return [check.held for check in checks.of_step(observed(expect, **found))]


def test_nothing_expected_is_nothing_checked() -> None:
    assert holds(Expect()) == []


def test_a_skipped_step_is_not_checked() -> None:
    assert holds(Expect(verdict="accepted"), skipped="no index") == []


@pytest.mark.parametrize("outcome", ["accepted", "conflict", "refused", "unknown"])
def test_only_the_expected_outcome_holds(outcome: str) -> None:
    assert holds(Expect(verdict="refused"), outcome=outcome) == [outcome == "refused"]


def test_what_came_instead_is_said_with_its_reason() -> None:
    (check,) = checks.of_step(observed(Expect(verdict="accepted"), outcome="refused", reason="blocked"))
    assert check.claim == "step 3: the outcome is accepted"
    assert check.found == "refused: blocked"


def test_only_the_expected_code_holds() -> None:
    assert holds(Expect(code=Code.PROJECT_BLOCKED), code="PROJECT_BLOCKED") == [True]
    assert holds(Expect(code=Code.PROJECT_BLOCKED), code="NO_SLOT") == [False]
    assert holds(Expect(code=Code.PROJECT_BLOCKED)) == [False]


def test_only_the_expected_state_holds() -> None:
    assert holds(Expect(state=Phase.BLOCKED), state=Phase.BLOCKED) == [True]
    assert holds(Expect(state=Phase.BLOCKED), state=Phase.PLANNING) == [False]


@pytest.mark.parametrize(
    ("subject", "between", "held"),
    [
        ("langchain", ("CoderAgent", "DataScienceAgent"), True),
        ("langchain", ("DataScienceAgent", "CoderAgent"), True),
        ("langchain", None, True),
        (None, ("CoderAgent", "DataScienceAgent"), True),
        ("pandas", ("CoderAgent", "DataScienceAgent"), False),
        ("langchain", ("CoderAgent",), False),
        ("langchain", ("CoderAgent", "NotebookAgent"), False),
    ],
)
def test_a_conflict_is_on_its_subject_and_between_exactly_its_agents(
    subject: str | None, between: tuple[str, ...] | None, held: bool
) -> None:
    expect = Expect(subject=subject, between=between)
    assert holds(expect, conflicts=(CONFLICT,)) == [held]
    assert holds(expect) == [False]


def log(*events: Event) -> list[Record]:
    records: list[Record] = []
    prev = GENESIS
    for number, event in enumerate(events, 1):
        identity = uuid7(1_700_000_000_000 + number, bytes(10))
        provenance = Provenance("/psmp/intake", "a", identity, identity)
        stamp = Stamp(identity, f"2026-11-21T10:00:{number:02}.000000Z")
        body = seal_event(KEY, event, Link(number, prev), provenance, stamp)
        records.append(Record(number * 10, KEY, event.KIND, body))
        prev = leaf_hash(body)
    return records


RECORDS = log(
    ProjectCreated(name="RAG", targets=(Target(),), policy=Policy()),
    ProjectTransitioned(origin=Phase.INITIALIZED, to=Phase.PLANNING, reason="go"),
)


def folded(records: list[Record]) -> Status:
    project: Project | None = None
    for record in records:
        project = evolve(project, open_event(record.body))
    assert project is not None
    return describe(KEY, project)


def test_an_unbroken_log_that_folds_to_what_is_told_holds() -> None:
    assert [check.held for check in checks.of_log(KEY, RECORDS, folded(RECORDS))] == [True, True]


def test_a_status_that_is_not_the_log_folded_is_found() -> None:
    told = folded(RECORDS).model_copy(update={"state": Phase.COMPLETED})
    chain, agreement = checks.of_log(KEY, RECORDS, told)
    assert (chain.held, agreement.held) == (True, False)
    assert "state" in agreement.found


def test_a_changed_event_breaks_the_chain() -> None:
    changed = replace(RECORDS[0], body=RECORDS[0].body.replace(b"RAG", b"rag"))
    (chain,) = checks.of_log(KEY, [changed, RECORDS[1]], folded(RECORDS))
    assert not chain.held
    assert "position 20" in chain.found


def test_a_missing_event_breaks_the_chain() -> None:
    (chain,) = checks.of_log(KEY, RECORDS[1:], folded(RECORDS))
    assert not chain.held


def test_an_empty_log_is_no_project() -> None:
    assert [check.held for check in checks.of_log(KEY, [], folded(RECORDS))] == [True, False]


def test_what_failed_can_be_listed() -> None:
    good, bad = (checks.Check(claim="c", held=held, found="f") for held in (True, False))
    assert checks.failed([good, bad]) == (bad,)
