"""What can be attested of a project follows from its fold, and of an unfinished one nothing can."""

from dataclasses import replace

import pytest

from psmp.rules import attested
from psmp.rules.project import Artifact, Checked, Project
from psmp.words.events import ResolutionApplied, WaiverExpired
from psmp.words.values import Phase, Policy, Target
from tests.histories import conflict, declared

NOW = "2026-11-26T05:00:00Z"
DONE = Project("x", (Target(),), Policy(), NOW, NOW, NOW, phase=Phase.COMPLETED, changed=7)
WAIVED = ResolutionApplied(resolution="R-1", conflict="C-1", strategy="waive", reason="so", seconds=60)


def found(project: Project, *, waived: bool = False) -> set[str]:
    return set(attested.properties(project, waived=waived))


@pytest.mark.parametrize("phase", [each for each in Phase if each is not Phase.COMPLETED])
def test_of_an_unfinished_project_nothing_is_attested_and_it_is_said_why(phase: Phase) -> None:
    assert attested.unfinished(replace(DONE, phase=phase)) == f"it is {phase}, not COMPLETED"


def test_of_a_project_that_is_not_there_nothing_is_attested() -> None:
    assert attested.unfinished(None) == "it is not there"
    assert attested.unfinished(DONE) == ""


def test_a_clean_project_has_all_that_its_own_log_can_show() -> None:
    assert found(DONE) == {
        *(attested.COMPLETED, attested.NO_OPEN_CONFLICTS, attested.ALL_JUDGED, attested.NOTHING_WAIVED)
    }


def test_each_property_is_lost_by_what_speaks_against_it() -> None:
    assert attested.NO_OPEN_CONFLICTS not in found(replace(DONE, conflicts={"C-1": conflict(1, "api")}))
    pending = Artifact("ada", declared("api"), 2, NOW)
    assert attested.ALL_JUDGED not in found(replace(DONE, artifacts={"api": pending}))
    assert attested.ALL_JUDGED in found(replace(DONE, artifacts={"api": replace(pending, pending=False)}))
    assert attested.NOTHING_WAIVED not in found(DONE, waived=True)


@pytest.mark.parametrize(
    ("checked", "holds"),
    [
        (Checked(7, "compatible", (), "i", None), True),
        (Checked(6, "compatible", (), "i", None), False),
        (Checked(7, "unknown", (), "i", None), False),
        (Checked(7, "conflict", (), "i", None), False),
        (None, False),
    ],
)
def test_only_a_verdict_on_what_stands_now_says_that_all_can_be_installed(checked: Checked | None, holds: bool) -> None:
    assert (attested.TRANSITIVE in found(replace(DONE, checked=checked))) is holds


def test_a_waiver_is_known_by_its_time() -> None:
    assert attested.waives(WAIVED)
    assert not attested.waives(WAIVED.model_copy(update={"seconds": None}))
    assert not attested.waives(WaiverExpired(conflict="C-1", resolution="R-1"))
