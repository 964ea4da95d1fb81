"""``psmp maeg``: graphs of agents checked and submitted from a file, seen as they run, and proved once settled."""

import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, nullcontext
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.live import Live
from rich.text import Text

from psmp.cli import settings
from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.files import content
from psmp.cli.flags import ANSWERING, COMMON, SPEAKING, Answering, Common, ProjectName, Speaking
from psmp.cli.graphs import bundled
from psmp.cli.graphs.bundled import proved
from psmp.cli.graphs.seen import Watching
from psmp.cli.opened import asking, speaking
from psmp.cli.output import Format, write_json, writing
from psmp.cli.pages import graphs as pages
from psmp.cli.pages import proofs
from psmp.cli.pages.settled import told
from psmp.client import Client
from psmp.graphs.judging import Judged, judged
from psmp.rules.orchestration import drawn
from psmp.words.ids import ProjectKey
from psmp.words.orchestration.seen import Orchestration

GraphFile = Annotated[
    Path, Parameter(help="The graph, as YAML or JSON; - is standard input.", allow_leading_hyphen=True)
]
Graph = Annotated[str | None, Parameter(help="The graph, MAEG-…; left out, the newest of the project.")]


def check(file: GraphFile, *, answering: Answering = ANSWERING) -> Exit:
    """Say everything that is wrong with a graph in a file, each with its line and column; needs no server.

    Ends with 0, or with 2 where it could not be submitted.
    """
    found = _judged(file)
    answering.out.one(_told(found, file), lambda: pages.faulty(found, str(file)))
    return Exit.USAGE if found.faults else Exit.DONE


async def submit(file: GraphFile, project: ProjectName = None, *, common: Speaking = SPEAKING) -> Exit:
    """Register a graph of agents from a file; its first nodes are dispatched at once.

    It is checked before anything is sent, as psmp maeg check does, and ends with 2 where something is wrong.
    """
    found, out = _judged(file), common.out
    if found.faults:
        out.one(_told(found, file), lambda: pages.faulty(found, str(file)))
        return Exit.USAGE
    chosen = settings.project_of(project)
    async with speaking(common) as client:
        settled = await client.submit_maeg(chosen, found.raw, command_id=common.command_id)
    for doubt in found.doubts:
        out.say(Text(f"? {file}:{doubt.place.line}:{doubt.place.column}: not proved: {doubt.problem}"), "yellow")
    name = found.draft.maeg
    return told(out, settled, f"next: psmp maeg watch {name} {chosen}")


async def show(
    maeg: Graph = None,
    project: ProjectName = None,
    *,
    mermaid: Annotated[bool, Parameter(help="As a flow chart of Mermaid, coloured by state.")] = False,
    common: Common = COMMON,
) -> Exit:
    """Show how a graph of agents stands: each node's state, token, lane, attempt and cost."""
    name = settings.project_of(project)
    async with asking(common) as client:
        maeg = maeg or _chosen([each.id for each in await client.orchestrations(name)], None, name)
        found = await client.orchestration(name, maeg)
    if mermaid:
        with writing() as stdout:
            stdout.write(drawn.mermaid(found))
    else:
        common.out.one(_spelled(found), lambda: pages.page(found))
    return Exit.DONE


async def watch(maeg: Graph = None, project: ProjectName = None, *, common: Common = COMMON) -> Exit:
    """See a graph of agents as it runs, until it is settled (0) or given up (3).

    A live page in a terminal; else, and with -o, one document a line for every change.
    """
    name, out = settings.project_of(project), common.out
    live = out.format is Format.TABLE and sys.stdout.isatty()
    last: Orchestration | None = None
    async with asking(common) as client:
        with Live(console=out.page, refresh_per_second=4) if live else nullcontext() as screen:
            async with aclosing(_changes(client, name, maeg)) as changes:
                async for last in changes:
                    if screen is not None:
                        screen.update(pages.glance(last, out.page.height))
                    else:
                        write_json(_spelled(last))
                    if last.state in ("SETTLED", "ABANDONED"):
                        break
    return Exit.GOVERNED if last is not None and last.state == "ABANDONED" else Exit.DONE


def verify(
    bundle: Annotated[Path, Parameter(help="A bundle, as psmp export writes it: a folder or a .zip.")],
    *,
    keys: Annotated[
        Path | None, Parameter(help="The public keys that are trusted, from whoever runs PSMP; never from the bundle.")
    ] = None,
    maeg: Annotated[str | None, Parameter(help="This graph alone; left out, all that are settled.")] = None,
    answering: Answering = ANSWERING,
) -> Exit:
    """Prove the settlement of graphs offline, from a bundle: root, every outcome, checkpoint, exactly one WRAP.

    Ends with 7 where something does not hold, with 8 where nothing is settled, or was pruned, with 4 where there is no
    such graph.
    """
    found = proved(bundle, keys, answering.out)
    said = [each for proof in found.proofs for each in proof.graphs if maeg in (None, each.maeg)]
    answering.out.one(bundled.told(found, said), lambda: proofs.page(found, said))
    if not found.holds or any(each.flaws for each in said):
        return Exit.INTEGRITY
    if maeg is not None and not said and not any(proof.pruned for proof in found.proofs):
        raise Complaint(Exit.NOT_FOUND, f"there is no graph {maeg} in {bundle}", "psmp maeg show shows those there are")
    settled = [each for each in said if each.state == "SETTLED"]
    return Exit.DONE if settled and (maeg is None or len(settled) == len(said)) else Exit.STALE


async def _changes(client: Client, project: str, maeg: str | None) -> AsyncGenerator[Orchestration, None]:
    """How the graph stands now, and after every event that changes that."""
    watching, last = Watching(ProjectKey(client.tenant, project)), None
    end = (await client.status(project)).sequence
    async with aclosing(client.events(project, after=0)) as events:
        async for each in events:
            watching.take(each.position, each.raw)
            if each.envelope.sequence < end:
                continue
            if each.envelope.sequence == end:
                maeg = _chosen(list(watching.runs), maeg, project)
            found = watching.seen(str(maeg))
            if found != last:
                last = found
                yield found


def _spelled(found: Orchestration) -> dict[str, Any]:
    return found.model_dump(mode="json", exclude_none=True)


def _chosen(known: Sequence[str], maeg: str | None, project: str) -> str:
    if maeg is None and known:
        return known[-1]
    if maeg is None or maeg not in known:
        what = f"there is no graph {maeg} in {project}" if maeg else f"{project} has no graph"
        listed = f"there is {', '.join(known[-5:])}" if known else "psmp maeg submit FILE registers one"
        raise Complaint(Exit.NOT_FOUND, what, listed)
    return maeg


def _judged(file: Path) -> Judged:
    raw = sys.stdin.buffer.read() if str(file) == "-" else content(file)
    return judged(raw, file.name)


def _told(found: Judged, file: Path) -> dict[str, Any]:
    """The same for programs."""
    return {
        "file": str(file),
        "maeg": found.draft.maeg,
        "holds": not found.faults,
        "faults": [
            {
                "line": each.place.line,
                "column": each.place.column,
                "pointer": each.fault.pointer,
                "code": str(each.fault.code),
                "problem": each.fault.problem,
                "cycle": list(each.fault.cycle),
            }
            for each in found.faults
        ],
        "doubts": [
            {"line": each.place.line, "column": each.place.column, "pointer": each.pointer, "problem": each.problem}
            for each in found.doubts
        ],
    }
