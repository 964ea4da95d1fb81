"""A story as people read it, at the widths of their terminals, compared with pages that were looked at.

After a change that was meant, write the pages anew with PSMP_WRITE_PAGES=1 in the environment, and look at them.
"""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console, Group, RenderableType

from psmp.story import scenario, telling
from psmp.story.checks import Check
from psmp.story.observed import Observation
from psmp.story.scenario import Resolve, Step
from psmp.words.commands import FinishSlot, WithdrawArtifact
from psmp.words.values import Phase
from tests.unit.cli.examples import CONFLICT

FOLDER = Path(__file__).with_name("pages")
STORY = scenario.load()


def rendered(content: RenderableType, width: int) -> str:
    page = io.StringIO()
    Console(file=page, width=width, color_system=None, markup=False, highlight=False).print(content)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"


def observed(number: int, before: Phase, state: Phase, **found: Any) -> Observation:
    fields = {"outcome": "accepted", "answered": 0.0042, "settled": 0.012, **found}
    return Observation(number=number, step=STORY.steps[number - 1], before=before, state=state, **fields)


SEEN = [
    observed(1, Phase.INITIALIZED, Phase.PLANNING),
    observed(6, Phase.IN_PROGRESS, Phase.IN_PROGRESS, witness=(("pydantic", ">=2.0"),), warnings=("prerelease-only",)),
    observed(7, Phase.IN_PROGRESS, Phase.BLOCKED, outcome="conflict", conflicts=(CONFLICT,)),
    observed(
        8,
        Phase.BLOCKED,
        Phase.BLOCKED,
        outcome="refused",
        code="PROJECT_BLOCKED",
        reason="the project is blocked by C-1",
        hint="amend or withdraw",
    ),
    observed(9, Phase.BLOCKED, Phase.IN_PROGRESS, cleared=("C-1",), witness=(("langchain", ">=0.1.0"),)),
    observed(10, Phase.IN_PROGRESS, Phase.IN_PROGRESS, skipped="no index is asked yet"),
    observed(12, Phase.IN_PROGRESS, Phase.IN_PROGRESS, outcome="unknown", reason="no outcome within 5 s"),
]
CHECKS = [
    Check(claim="step 1: the project is PLANNING", held=True, found="PLANNING"),
    Check(claim="step 7: the outcome is conflict", held=True, found="conflict"),
    Check(claim="step 12: the project is COMPLETED", held=False, found="IN_PROGRESS"),
    Check(claim="every event links to the one before it", held=True, found="23 events, head 6a6080df463db269…"),
]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_story(width: int) -> None:
    told = [telling.opening(STORY), telling.created(STORY, "rag-chatbot-2", 0.004)]
    found = rendered(Group(*told, *map(telling.step, SEEN), telling.ending(SEEN, CHECKS)), width)
    path = FOLDER / f"story-{width}.txt"
    if os.environ.get("PSMP_WRITE_PAGES"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(found)
    assert found == path.read_text()


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Step(agent="A", resolve=Resolve(accept_suggestion=2, reason="best")), "A takes way out 2"),
        (Step(agent="A", withdraw=WithdrawArtifact(artifact="x", reason="gone")), "A withdraws x"),
        (Step(agent="A", finish=FinishSlot()), "A is done"),
        (Step(agent="A", finish=FinishSlot(failure="oom")), "A gives up"),
    ],
)
def test_every_action_is_a_sentence(step: Step, said: str) -> None:
    seen = Observation(
        number=1, step=step, outcome="accepted", before=Phase.PLANNING, state=Phase.PLANNING, answered=1.5, settled=1.5
    )
    page = rendered(telling.step(seen), 80)
    assert said in page
    assert "1.50 s" in page


def test_a_failed_expectation_stands_on_its_own_line() -> None:
    page = rendered(telling.ending(SEEN, CHECKS), 100)
    assert "✗ step 12: the project is COMPLETED  IN_PROGRESS" in page
    assert telling.EVERY_STEP not in page
    assert telling.EVERY_STEP in rendered(telling.ending(SEEN, CHECKS[:2]), 100)


def test_programs_are_told_the_same() -> None:
    report = telling.report("rag-chatbot", SEEN, CHECKS)
    assert report["held"] is False
    assert [step["outcome"] for step in report["steps"]][2] == "conflict"
    assert report["steps"][2]["conflicts"] == ["C-1"]
    assert report["steps"][0]["answered_ms"] == 4.2
    assert report["checks"][2]["claim"] == "step 12: the project is COMPLETED"
