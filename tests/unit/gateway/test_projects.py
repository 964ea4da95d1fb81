"""The list of projects by name: its pages join without a gap or a repetition, however many are gone through for one."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psmp.words.answers import ProjectLine
from psmp.words.values import Phase
from psmp_gateway.routes import projects
from psmp_gateway.routes.parameters import ProjectFilter

CALL = cast("Any", None)
NOW = "2026-11-21T10:15:30.000000Z"
NAMES = st.lists(st.sampled_from(["Straße", "STRASSE 2", "Rag", "brag", "x"]), max_size=9)


def line(number: int, name: str) -> ProjectLine:
    about = {"state": Phase.PLANNING, "since": NOW, "time": NOW, "sequence": 1, "artifacts": 0, "conflicts": 0}
    return ProjectLine.model_validate({"project": f"p{number}", "name": name, **about})


def paged(names: Sequence[str], wanted: str, limit: int) -> list[list[str]]:
    """Every page of the projects that are called so, by their ids."""
    every = [line(number, name) for number, name in enumerate(names)]

    async def seen(_: object, after: str, limit: int, __: object) -> tuple[list[ProjectLine], bool, int]:
        left = [each for each in every if each.project > after]
        return left[:limit], len(left) > limit, 3

    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"seen": seen, "PAGE": 2, "MOST_LOOKED_AT": 4}.items():
            patch.setattr(projects, name, value)
        pages, cursor = list[list[str]](), None
        while True:
            answer = asyncio.run(projects.listing(CALL, ProjectFilter(name=wanted, limit=limit, cursor=cursor)))
            page = json.loads(bytes(answer.body))
            assert page["behind"] == 3
            pages.append([each["project"] for each in page["items"]])
            if (cursor := page.get("next_cursor")) is None:
                return pages


@given(NAMES, st.sampled_from(["", "rag", "RAG", "strasse", "y"]), st.integers(1, 4))
def test_every_project_that_is_called_so_is_on_one_page_and_no_other_is_on_any(
    names: list[str], wanted: str, limit: int
) -> None:
    pages = paged(names, wanted, limit)
    assert all(len(page) <= limit for page in pages)
    found = [f"p{number}" for number, name in enumerate(names) if wanted.casefold() in name.casefold()]
    assert [each for page in pages for each in page] == found


def test_a_page_by_name_is_no_longer_in_the_making_than_so_many_projects_take() -> None:
    assert paged(["x"] * 9 + ["rag"], "rag", 4) == [[], [], ["p9"]]
    assert paged(["rag", "rag", "x"], "rag", 2) == [["p0", "p1"], []]
    assert paged(["rag", "rag"], "rag", 2) == [["p0", "p1"]]
