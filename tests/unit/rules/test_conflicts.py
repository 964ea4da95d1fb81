"""Open conflicts are what the verdicts leave, and blocking is derived from them alone."""

import pytest

from psmp.rules.conflicts import after, blocking
from psmp.words.events import ArtifactAccepted, ConflictCleared
from psmp.words.values import Policy, Severity
from tests.histories import conflict, detected

STRICT, LENIENT = Policy(strict_mode=True), Policy(strict_mode=False)
ONE, TWO = conflict(1, "api", "web"), conflict(2, "api", "cli", severity=Severity.LOW)


def test_a_verdict_opens_its_conflicts() -> None:
    assert after({}, detected("web", ONE, TWO)) == {"C-1": ONE, "C-2": TWO}


def test_a_conflict_told_again_is_replaced_and_cleared_ones_are_gone() -> None:
    wider = conflict(1, "api", "cli", "web")
    assert after({"C-1": ONE, "C-2": TWO}, detected("cli", wider, cleared=("C-2",))) == {"C-1": wider}


def test_a_conflict_both_cleared_and_told_is_open() -> None:
    assert after({"C-1": ONE}, detected("web", ONE, cleared=("C-1",))) == {"C-1": ONE}


def test_clearing_takes_away_what_it_names_and_nothing_else() -> None:
    cleared = ConflictCleared(artifact="web", version=2, cleared=("C-1", "C-9"))
    assert after({"C-1": ONE, "C-2": TWO}, cleared) == {"C-2": TWO}


def test_an_acceptance_changes_nothing() -> None:
    conflicts = {"C-1": ONE}
    assert after(conflicts, ArtifactAccepted(artifact="cli", version=1)) is conflicts


@pytest.mark.parametrize("severity", Severity)
def test_in_strict_mode_any_conflict_blocks_else_only_a_critical_one(severity: Severity) -> None:
    found = [conflict(1, "api", "web", severity=severity)]
    assert blocking(found, STRICT) == ("C-1",)
    assert blocking(found, LENIENT) == (("C-1",) if severity is Severity.CRITICAL else ())


def test_blockers_are_named_oldest_first() -> None:
    found = [conflict(number, "api", "web") for number in (10, 2, 9, 1)]
    assert blocking(found, STRICT) == ("C-1", "C-2", "C-9", "C-10")
    assert blocking([], STRICT) == ()
