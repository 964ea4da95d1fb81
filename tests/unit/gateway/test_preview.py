"""What would come of a way out, told before it is taken."""

import pytest

from psmp.words.answers import WaiverStatus
from psmp.words.values import Change, Conflict, Party, Policy, Severity
from psmp_gateway.rules.preview import Foreseen, Intention, foreseen
from tests.unit.cli.examples import BLOCKED, CONFLICT

MADE = BLOCKED.model_copy(update={"creator": "boss", "policy": Policy(resolvers=("fixer",))})
PATH = Conflict(
    id="C-2",
    kind="path",
    subject="app/main.py",
    severity=Severity.HIGH,
    environments=(),
    causes=(("backend", "plan"),),
    parties=(
        Party(artifact="backend", version=1, agent="CoderAgent", constraint="write", sequence=8),
        Party(artifact="embedding-pipeline", version=1, agent="DataScienceAgent", constraint="write", sequence=8),
        Party(artifact="plan", version=1, agent="PlannerAgent", constraint="write", sequence=9),
    ),
    text="all write app/main.py",
)


def asked(conflict: Conflict, agent: str, **wanted: object) -> Foreseen:
    status = MADE.model_copy(update={"conflicts": (CONFLICT, PATH)})
    return foreseen(status, conflict, agent, Intention.model_validate(wanted))


def change(artifact: str, agent: str, constraint: str) -> Change:
    return Change(artifact=artifact, agent=agent, name="langchain", constraint=constraint)


def test_a_suggestion_says_what_it_clears_and_what_goes_on_to_block() -> None:
    found = asked(CONFLICT, "boss", strategy="accept-suggestion", suggestion=1)
    assert (found.does, found.cleared, found.blocking, found.allowed) == (True, ("C-1",), ("C-2",), True)
    assert found.changes == CONFLICT.suggestions[0].changes
    missing = asked(CONFLICT, "boss", strategy="accept", suggestion=9)
    assert (missing.does, missing.reason) == (False, "C-1 has no suggestion 9")


def test_a_change_that_does_not_help_says_why_and_whose_it_is() -> None:
    own = change("backend", "CoderAgent", "==0.0.350")
    assert asked(CONFLICT, "CoderAgent", strategy="change", changes=(own,)).allowed
    others = asked(CONFLICT, "DataScienceAgent", strategy="override", changes=(own,))
    assert (others.does, others.allowed, others.deciding) == (True, False, ("boss", "fixer"))
    futile = asked(CONFLICT, "fixer", strategy="change", changes=(change("backend", "CoderAgent", ">=0.2"),))
    assert (futile.does, futile.allowed, futile.blocking) == (False, True, ("C-1", "C-2"))
    assert futile.reason
    unknown = asked(CONFLICT, "ada", strategy="change", changes=(change("nothing", "ada", ""),))
    assert (unknown.does, unknown.reason) == (False, "nothing stands declared no more")
    assert asked(CONFLICT, "ada", strategy="change").reason == "it does not say what is to be changed"


def test_a_merge_leaves_the_path_to_one_of_the_parties() -> None:
    merged = asked(PATH, "boss", strategy="merge", into="backend")
    assert [(each.artifact, each.action, each.name) for each in merged.changes] == [
        ("embedding-pipeline", "release", "app/main.py"),
        ("plan", "release", "app/main.py"),
    ]
    assert (merged.does, merged.cleared) == (True, ("C-2",))
    assert "merge into one of: backend, embedding-pipeline, plan" in asked(PATH, "boss", strategy="merge").reason
    assert "nothing to merge" in asked(CONFLICT, "boss", strategy="merge", into="backend").reason


@pytest.mark.parametrize(("agent", "may"), [("boss", True), ("CoderAgent", True), ("stranger", False)])
def test_the_resolver_is_asked_by_who_governs_or_is_a_party(agent: str, may: bool) -> None:
    found = asked(CONFLICT, agent, strategy="retry")
    assert (found.does, found.cleared, found.allowed) == (True, ("C-1",), may)
    assert asked(CONFLICT, agent, strategy="escalate").allowed is may
    hopeless = asked(PATH, agent, strategy="retry")
    assert (hopeless.does, hopeless.reason) == (False, "none of its 0 suggestions would do now")


def test_a_waiver_is_for_who_governs_and_leaves_what_else_blocks() -> None:
    assert asked(CONFLICT, "fixer", strategy="waive", seconds=60).blocking == ("C-2",)
    assert not asked(CONFLICT, "CoderAgent", strategy="waive", seconds=60).allowed
    waiver = WaiverStatus(conflict="C-2", resolution="R-1", by="boss", reason="x", since=MADE.since, until=MADE.since)
    status = MADE.model_copy(update={"conflicts": (CONFLICT, PATH), "waivers": (waiver,)})
    assert foreseen(status, CONFLICT, "boss", Intention(strategy="escalate")).blocking == ("C-1",)


def test_what_was_looked_at_too_long_ago_is_not_taken() -> None:
    status = MADE.model_copy(update={"told": {"C-1": 11}})
    late = foreseen(status, CONFLICT, "boss", Intention(strategy="accept", suggestion=1, seen=10))
    assert (late.does, late.reason) == (False, "C-1 has changed at event 11, it was looked at as of event 10")
    assert foreseen(status, CONFLICT, "boss", Intention(strategy="accept", suggestion=1, seen=11)).does
