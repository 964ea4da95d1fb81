"""The documentation hangs together and names what there is."""

import re
from pathlib import Path

import pytest

from psmp.wire.assets import STREAMS
from psmp.words.commands import COMMANDS
from psmp.words.schema import SETTLING

DOCS = Path(__file__).parents[3] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
DECISIONS = sorted((DOCS / "decisions").glob("0*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_decisions_are_numbered_without_a_gap_and_the_index_has_their_titles() -> None:
    index = (DOCS / "decisions" / "README.md").read_text()
    for number, page in enumerate(DECISIONS, 1):
        assert page.name.startswith(f"{number:04}-")
        title = page.read_text().splitlines()[0].removeprefix(f"# {number}. ")
        assert f"| {number} | [{title}]({page.name}) |" in index


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_a_context_a_decision_and_a_consequence(page: Path) -> None:
    text = page.read_text()
    assert re.findall(r"^\*\*(\w+)\.\*\* ", text, re.MULTILINE) == ["Context", "Decision", "Consequence"]
    assert len(text.splitlines()) <= 25


def test_the_subject_contract_names_every_command_stream_and_outcome() -> None:
    page = (DOCS / "subjects.md").read_text()
    wanted = [*(word.KIND for word in COMMANDS), *(stream["name"] for stream in STREAMS), *SETTLING]
    assert [name for name in wanted if f"`{name}`" not in page] == []
