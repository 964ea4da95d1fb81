"""A graph as people see it: as much of it as there is room for, and where it is too long, where something goes on."""

import io
import re

import pytest
from rich.console import Console, RenderableType

from psmp.cli.pages.graphs import glance, page
from psmp.rules.orchestration.seen import seen
from psmp.words.orchestration.facts import SubPacFailed
from tests.orchestrated import MAEG, told
from tests.unit.rules.orchestration.graphs import agent, document, fan, waits
from tests.unit.rules.orchestration.play import Play, started
from tests.unit.rules.orchestration.test_seen import moments


def shown(what: RenderableType, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(what)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(len(each) <= width for each in text.splitlines())
    return str(text)


def wide(count: int) -> Play:
    edges = [edge for n in range(1, count + 1) for edge in (waits("root", f"n{n}"), waits(f"n{n}", "all", "BARRIER"))]
    return started(document([agent(number) for number in range(1, count + 1)], edges))


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (120, "node state attempt lane agent token token id cost"),
        (88, "node state attempt lane agent token cost"),
        (76, "node state attempt lane agent token cost"),
        (70, "node state attempt agent token cost"),
        (58, "node state attempt agent"),
        (40, "node state"),
    ],
)
def test_a_tree_has_as_many_columns_as_there_is_room_for_and_cuts_nothing(width: int, columns: str) -> None:
    play = started(fan())
    lines = shown(page(seen("p", play.run)), width).splitlines()
    assert " ".join(lines[2].split()) == columns
    assert [re.split(r"\W+", each.lstrip(" │├└─✓▷·"))[0] for each in lines[3:]] == [
        *("root", "n1", "n2", "sync", "n3", "all", "end"),
    ]
    assert ("after sync, n1, n2" in "\n".join(lines)) is (width >= 88)
    assert "…" not in "".join(lines[2:])


def test_why_a_node_failed_and_what_is_to_be_corrected_stands_below_the_tree() -> None:
    texts = [shown(page(each), 100) for each in moments(told(), MAEG)]
    whole = "\n".join(texts)
    for line in (
        *("n1        EXECUTION_ERROR: the disk is full", "n1  no tests are reported"),
        *("n1  to correct: no tests are reported", "a person  n1 has failed 2 times"),
        *(
            "a person  the result of n2 waits for the word of a lead",
            "a person  all is done and waits for a lead to agree",
        ),
    ):
        assert line in whole, line
    assert "3 " in next(line for line in texts[-1].splitlines() if "n1" in line), "more than it may fail by itself"
    assert "SETTLED  2 of 2 nodes complete, cost 0.0015" in texts[-1]


def test_on_a_screen_that_is_too_small_stands_where_something_goes_on_and_how_many_there_are() -> None:
    play = wide(40)
    for number in range(1, 30):
        play.done(f"n{number}")
    play.say(SubPacFailed(maeg="MAEG-P1", node="n35", attempt=1, cause="EXECUTION_ERROR", reason="the disk is full"))
    found = seen("p", play.run)
    text = shown(glance(found, 24), 100)
    lines = text.splitlines()
    assert len(lines) <= 24
    assert lines[1] == "29 COMPLETE, 10 DISPATCHED, 1 FAILED"
    assert lines[4].startswith("✗ n35  FAILED")
    assert "n35  EXECUTION_ERROR: the disk is full" in text
    assert "n1 " not in text
    assert shown(glance(found, 60), 100) == shown(page(found), 100)
