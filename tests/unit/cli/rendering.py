"""Pages as text of some width, held against the files in ``pages``; PSMP_WRITE_PAGES=1 writes those anew."""

import io
import os
from pathlib import Path

from rich.console import Console, RenderableType

FOLDER = Path(__file__).with_name("pages")
WIDTHS = (60, 80, 120)


def rendered(content: RenderableType, width: int) -> str:
    page = io.StringIO()
    console = Console(file=page, width=width, color_system=None, markup=False, highlight=False)
    console.print(content, crop=False)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"


def looked_at(name: str, found: str) -> None:
    path = FOLDER / f"{name}.txt"
    if os.environ.get("PSMP_WRITE_PAGES"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(found)
    assert found == path.read_text()
