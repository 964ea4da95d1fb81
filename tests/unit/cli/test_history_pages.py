"""What ``psmp diff`` and ``psmp replay --decisions`` show to people."""

import io

import pytest
from rich.console import Console, RenderableType

from psmp.cli.pages import deciding, diff
from psmp.cli.pages.deciding import AROUND, parted, percent
from psmp.rules.difference import differences
from psmp.words.differences import Difference, Differences, Field, Place
from psmp.words.fidelity import Count, Deviation, Fidelity
from tests.unit.rules.test_difference import LIFE


def shown(page: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=120, markup=False, highlight=False)
    with console.capture() as captured:
        console.print(page)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def test_what_has_come_is_told_with_what_it_is() -> None:
    page = shown(diff.page(differences(LIFE[1], LIFE[7])))
    assert "acme/rag  event 2, 2026-11-18 00:00:00Z  →  event 8, 2026-11-18 00:00:00Z" in page
    assert "+ artifact api\n" in page
    assert "dependencies  Package_0 >=0.0,<2" in page
    assert "paths         write src/api.py:1-10" in page
    assert "+ conflict C-1\n" in page
    assert "they cannot stand together." in page
    assert "+ slot 3\n" in page
    assert "metadata" not in page, "JSON has all of it"
    assert page.endswith("7 things are otherwise")


def test_what_is_otherwise_is_told_before_and_after() -> None:
    page = shown(diff.page(differences(LIFE[7], LIFE[14])))
    assert "~ artifact api\n            before  after\n    status  DRAFT   ACTIVE\n" in page
    assert "- conflict C-1\n" in page


@pytest.mark.parametrize("here", range(0, len(LIFE), 6))
@pytest.mark.parametrize("there", [0, 30, len(LIFE) - 1])
def test_every_difference_can_be_shown(here: int, there: int) -> None:
    found = differences(LIFE[here], LIFE[there])
    page = shown(diff.page(found))
    assert all(each.name in page for each in found.differences)
    assert found.differences or page.endswith("nothing is otherwise")


def test_long_lists_of_odd_things_stay_readable() -> None:
    place = Place(sequence=1, time="2026-11-18T00:00:00Z")
    fields = (
        Field(name="targets", before=[{"python": "3.11", "platform": None}], after=[{"python": "3.12" * 60}]),
        Field(name="dependencies", after=[{"name": "x", "constraint": "", "scope": "dev"}]),
        Field(name="parties", after=[{"agent": "ada", "artifact": "api", "constraint": ">=2"}]),
        Field(name="causes", before=[["api", "web"]]),
        Field(name="text", before="a\x1b[31mb", after=None),
    )
    found = Differences(
        tenant="acme",
        project="rag",
        at=place,
        to=place,
        differences=(Difference(what="project", name="rag", became="changed", fields=fields),),
    )
    page = shown(diff.page(found))
    assert "python 3.11" in page
    assert "x (dev)" in page
    assert "ada: api >=2" in page
    assert "api, web" in page
    assert "…" in page
    assert "\x1b" not in page
    assert page.endswith("1 thing is otherwise")


DEVIATION = Deviation(
    sequence=7,
    position=19,
    kind="project.transitioned",
    service="keeper",
    reason="decided otherwise",
    recorded='{"id":"' + "0" * 200 + '","reason":"so it is"}',
    decided='{"id":"' + "0" * 200 + '","reason":"so it was not"}',
)
SAME = Fidelity(tenant="acme", project="rag", sequence=9, services={"intake": Count(same=8, recorded=1)}, why={"x": 1})


def test_the_fidelity_of_projects_is_told_by_service_and_in_sum() -> None:
    page = shown(deciding.decided([SAME, SAME]))
    assert page.count("✓ acme/rag  9 events: 8 decided the same, 1 recorded, 0 not replayable") == 2
    rows = [line.split() for line in page.splitlines()]
    assert ["all", "16", "2", "0", "0", "100", "%"] in rows
    assert ["2", "x"] in rows


def test_where_bytes_part_is_shown_and_no_hundred_per_cent() -> None:
    found = SAME.model_copy(
        update={"services": {"keeper": Count(same=1, different=1)}, "deviations": (DEVIATION,), "why": {}}
    )
    page = shown(deciding.decided([found]))
    assert "✗ acme/rag" in page
    assert "1 event is decided otherwise" in page
    assert "event     7 at position 19: project.transitioned by keeper, decided otherwise" in page
    assert 'recorded  …0","reason":"so it is"}' not in page, "there is a little before it"
    assert '"reason":"so it is"}' in page
    assert '"reason":"so it was not"}' in page
    assert "50.0000 %" in page
    assert "Not decided again" not in page


def test_what_was_not_to_be_said_and_damage_are_told() -> None:
    nothing = DEVIATION.model_copy(update={"decided": None})
    found = SAME.model_copy(update={"deviations": (nothing,), "damage": "sequence 5, not 4"})
    page = shown(deciding.decided([found]))
    assert "sequence 5, not 4" in page
    assert "decided   nothing" in page


def test_texts_are_cut_round_where_they_part() -> None:
    one, other = parted("a" * 100 + "X" + "b" * 100, "a" * 100 + "YY" + "b" * 100)
    assert one == "…" + "a" * AROUND + "X" + "b" * AROUND + "…"
    assert other == "…" + "a" * AROUND + "YY" + "b" * AROUND + "…"
    assert parted("same", "same") == ("same", "same")


def test_a_hundred_per_cent_is_only_where_nothing_is_different() -> None:
    assert percent(Count()) == "-"
    assert percent(Count(same=10)) == "100 %"
    assert percent(Count(same=10**9, different=1)) == "99.9999 %"
