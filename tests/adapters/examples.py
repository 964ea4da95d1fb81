"""The examples of the documentation, as they are written there."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psmp

PAGE = Path(__file__).parents[2] / "docs" / "adapters.md"
PROJECT = "rag-chatbot"


def example(heading: str) -> Callable[[Any, Any], Any]:
    """The function ``work`` of the example below that heading."""
    found = re.search(
        rf"^## {heading}.*?```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert found, heading
    assert len([line for line in found[1].splitlines() if line.strip()]) <= 14
    names: dict[str, Any] = {}
    exec(compile(found[1], f"{PAGE}#{heading}", "exec"), names)  # noqa: S102 - the page is ours
    work: Callable[[Any, Any], Any] = names["work"]
    return work


async def prepared() -> None:
    """The project of the examples is there and open."""
    async with psmp.connect(os.environ["PSMP_URL"], agent="ada", timeout=60) as ada:
        try:
            await ada.create_project(PROJECT)
            await ada.transition(PROJECT, "PLANNING", reason="go")
        except psmp.ProjectExists:
            return
