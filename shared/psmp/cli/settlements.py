"""The second story of ``psmp demo``: played, shown as a tree, exported and proved offline."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.clock import duration
from psmp.cli.commands.export import bound
from psmp.cli.graphs.bundled import Found, proved
from psmp.cli.logbook import Logbook
from psmp.cli.output import Output
from psmp.cli.pages import graphs as pages
from psmp.cli.pages import proofs
from psmp.cli.pages.layout import indented
from psmp.cli.pages.wording import sentence
from psmp.client import Client
from psmp.ledger.origins import HERE
from psmp.store.export.bundle import Scope
from psmp.story.checks import Check
from psmp.story.graph import Staging, corrected, failed_reviews
from psmp.words.events import SubPacIssued
from psmp.words.ids import ProjectKey
from psmp.words.orchestration.seen import Orchestration

TITLE = "Three agents under one plan"
ABOUT = (
    "A plan fans out to three agents, each with a lane, a scope and a token of its own. One reports a result without\n"
    "tests and fails its review; it is corrected, and the whole settles once: under one root, one checkpoint, one WRAP."
)


def opening() -> RenderableType:
    """The title and what it is about."""
    return Group(Text(), Text(TITLE, style="bold"), Text(ABOUT), Text())


async def played(staging: Staging) -> AsyncIterator[RenderableType]:
    """What befalls the graph, a line each."""
    async for each in staging.play():
        again = isinstance(each.event, SubPacIssued) and each.event.correction is not None
        style = "yellow" if again else "bold green" if each.event.KIND == "wrap.accepted" else ""
        yield Text.assemble((f"{duration(each.after):>8}  ", "dim"), (str(sentence(each.event)), style))


async def tree(client: Client, project: str) -> tuple[Orchestration, RenderableType]:
    """How the graph stands at the end."""
    graphs = await client.orchestrations(project)
    found = await client.orchestration(project, graphs[0].id)
    return found, Group(Text(), pages.page(found), Text())


async def bundled(logbook: Logbook, key: ProjectKey, keys: Path, out: Output) -> tuple[Found, float]:
    """The project's record exported, and what an auditor who has the public keys finds in it; the seconds he took."""
    with TemporaryDirectory(prefix="psmp-demo-") as folder:
        path = Path(folder) / "record.zip"
        await bound(path, logbook.pool, HERE, Scope(*key), logbook.nats, out)
        began = time.perf_counter()
        return proved(path, keys, out), time.perf_counter() - began


def proof(found: Found, seconds: float) -> RenderableType:
    """What was proved."""
    graphs = [each for one in found.proofs for each in one.graphs]
    head = Text(f"Exported, and proved offline in {duration(seconds)}", style="bold")
    return Group(head, indented(proofs.page(found, graphs)), Text())


def of_story(staging: Staging, seen: Orchestration) -> list[Check]:
    """What the story claims."""
    failed, again = failed_reviews(staging.seen), corrected(staging.seen)
    attempts = {each.id: each.attempt for each in seen.nodes if each.agent}
    wraps = [each for each in staging.seen if each.event.KIND == "wrap.accepted"]
    return [
        Check(
            claim="one review failed, and that node alone was corrected",
            held=failed == again == ["api"],
            found=_names(again),
        ),
        Check(
            claim="nothing else was done twice",
            held=attempts == {"api": 2, "page": 1, "text": 1},
            found=", ".join(f"{name} {count}" for name, count in attempts.items()),
        ),
        Check(
            claim="the whole is settled, once",
            held=seen.state == "SETTLED" and len(wraps) == 1,
            found=f"{len(wraps)} WRAP after {duration(wraps[-1].after)}" if wraps else "no WRAP",
        ),
    ]


def of_proof(found: Found) -> Check:
    """That it was proved."""
    graphs = [each for one in found.proofs for each in one.graphs]
    held = found.holds and [each.holds for each in graphs] == [True]
    said = f"{graphs[0].outcomes} outcomes under root {graphs[0].root[:12]}" if held else "it does not hold"
    return Check(claim="the settlement is proved from the exported record alone", held=held, found=said)


def report(project: str, seen: Orchestration, checks: list[Check]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "project": project,
        "held": all(each.held for each in checks),
        "graph": seen.model_dump(mode="json", exclude_none=True),
        "checks": [{"claim": each.claim, "held": each.held, "found": each.found} for each in checks],
    }


def _names(nodes: list[str]) -> str:
    return ", ".join(nodes) or "none"
