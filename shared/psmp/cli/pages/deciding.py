"""What came of deciding decisions again."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.pages.layout import facts, heading, indented, table
from psmp.cli.pages.wording import counted, shown
from psmp.words.fidelity import Count, Deviation, Fidelity, summed

AROUND = 40
"""Characters shown on both sides of where recorded and decided bytes part."""


def decided(found: Sequence[Fidelity]) -> Group:
    """One line for each project, what was decided otherwise, and the sum by service."""
    parts = [part for each in found for part in _project(each)]
    return Group(*parts, Text(""), _sums(found))


def percent(count: Count) -> str:
    """The fidelity for people: 100 % only where all are the same."""
    if count.fidelity is None:
        return "-"
    return "100 %" if not count.different else f"{min(count.fidelity, 99.9999):.4f} %"


def _project(each: Fidelity) -> Iterator[RenderableType]:
    total, whole = each.total, f"  {counted(each.sequence, 'event')}: "
    said = f"{total.same} decided the same, {total.recorded} recorded, {total.gone} not replayable"
    if not total.different and not each.damage:
        yield Text.assemble(("✓ ", "green"), (f"{each.tenant}/{each.project}", "bold"), whole, said)
        return
    problem = each.damage or counted(total.different, "event is decided otherwise", "events are decided otherwise")
    name = (f"{each.tenant}/{each.project}", "bold")
    yield Text.assemble(("✗ ", "bold red"), name, whole, said, (f"; {shown(problem)}", "red"))
    for deviation in each.deviations:
        yield indented(facts(_deviation(deviation)))


def _deviation(each: Deviation) -> Iterator[tuple[str, RenderableType]]:
    yield "event", Text(f"{each.sequence} at position {each.position}: {each.kind} by {each.service}, {each.reason}")
    recorded, again = parted(each.recorded, each.decided or "")
    yield "recorded", Text(shown(recorded))
    yield "decided", Text(shown(again if each.decided is not None else "nothing"))


def parted(recorded: str, again: str) -> tuple[str, str]:
    """Both texts from a little before where they part first to a little after where they part last."""
    blocks = SequenceMatcher(None, recorded, again, autojunk=False).get_opcodes() if again else []
    apart = [block for block in blocks if block[0] != "equal"]
    if not apart:
        return _cut(recorded, 0, 4 * AROUND), again
    _, first, _, other, _ = apart[0]
    _, _, last, _, end = apart[-1]
    return _cut(recorded, first - AROUND, last + AROUND), _cut(again, other - AROUND, end + AROUND)


def _cut(text: str, begin: int, end: int) -> str:
    begin = max(begin, 0)
    return ("…" if begin else "") + text[begin:end] + ("…" if end < len(text) else "")


def _sums(found: Sequence[Fidelity]) -> RenderableType:
    services = sorted({name for each in found for name in each.services})
    by_name = {name: summed(each.services.get(name, Count()) for each in found) for name in services}
    rows = [_row(name, count) for name, count in (*by_name.items(), ("all", summed(by_name.values())))]
    names = ("service", "same", "recorded", "not replayable", "different", "fidelity")
    why: dict[str, int] = {}
    for reason, count in (pair for each in found for pair in each.why.items()):
        why[reason] = why.get(reason, 0) + count
    parts: list[RenderableType] = [table(*names, rows=rows, tight=names)]
    if why:
        parts += [Text(""), heading("Not decided again"), indented(facts(_reasons(why.items())))]
    return Group(*parts)


def _reasons(why: Iterable[tuple[str, int]]) -> Iterator[tuple[str, RenderableType]]:
    for reason, count in sorted(why, key=lambda each: -each[1]):
        yield str(count), Text(shown(reason))


def _row(name: str, count: Count) -> tuple[Text, ...]:
    style = "bold red" if count.different else ""
    cells = (name, count.same, count.recorded, count.gone, count.different)
    return (*(Text(str(cell)) for cell in cells), Text(percent(count), style=style))
