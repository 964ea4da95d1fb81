"""The outcome of a command: one line, or a verdict with its proof."""

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.clock import duration
from psmp.cli.exits import Exit
from psmp.cli.output import Output, stored
from psmp.cli.pages.conflict import explained
from psmp.cli.pages.layout import indented
from psmp.cli.pages.wording import constraint_of, sentence, shown
from psmp.client import Settled, Verdict
from psmp.words.events import ArtifactAccepted, ConflictCleared, ConflictDetected


def line(settled: Settled) -> Text:
    """What was settled, and where it stands in the log."""
    return Text.assemble(("✓ ", "green"), sentence(settled.event), (f"  event {settled.sequence}", "dim"))


def told(out: Output, settled: Settled, hint: str = "") -> Exit:
    """Show what was settled, and on stderr what is next; how the command ends."""
    out.one(stored(settled), lambda: line(settled))
    if hint:
        out.say(Text(hint), "dim")
    return Exit.DONE


def verdict(judged: Verdict, project: str, seconds: float) -> RenderableType:
    """What the checker said, with every conflict explained and every warning named."""
    where = (f"  event {judged.sequence}, {duration(seconds)}", "dim")
    match judged.event:
        case ConflictDetected() as event:
            head = Text.assemble(("✗ ", "bold red"), sentence(event), where)
            proofs = [each for conflict in event.conflicts for each in (Text(), explained(conflict, project))]
            return Group(head, *proofs, *_warned(event.warnings), *_unchecked(event.unchecked), Text())
        case ArtifactAccepted() | ConflictCleared() as event:
            head = Text.assemble(("✓ ", "green"), sentence(event), where)
            return Group(head, *_witnessed(event.witness), *_warned(event.warnings), *_unchecked(event.unchecked))
        case _:
            return line(judged)


def _witnessed(witness: dict[str, str]) -> list[RenderableType]:
    common = (f"{shown(name)} {constraint_of(range_)}" for name, range_ in witness.items())
    return [indented(Text(f"all can have {', '.join(common)}", style="dim"))] if witness else []


def _unchecked(unchecked: tuple[str, ...]) -> list[RenderableType]:
    return [indented(Text(f"? {shown(each)}", style="dim")) for each in unchecked]


def _warned(warnings: tuple[str, ...]) -> list[RenderableType]:
    return [indented(Text(f"! {shown(each)}", style="yellow")) for each in warnings]
