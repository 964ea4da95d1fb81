"""Open alerts: what is amiss, since when, and what to type."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.clock import ago
from psmp.cli.pages.layout import SEVERITY_STYLES, indented, to_type
from psmp.cli.pages.wording import shown
from psmp.words.answers import AlertLine, AlertStatus


def listing(lines: Iterable[AlertLine], present: datetime, *, options: str = "") -> RenderableType:
    """Alerts of many projects, each with what to type about it, with ``options`` added."""
    return Group(*(part for each in lines for part in _line(each, present, options)))


def _line(each: AlertLine, present: datetime, options: str) -> Iterator[RenderableType]:
    yield told(each, present, project=each.project)
    if each.hint:
        yield indented(Text(shown(each.hint), style="dim"))
    if each.conflict:
        yield to_type(f"psmp status {each.project}{options}", indent=2)
    if each.person and each.taken is None:
        yield to_type(f"psmp acknowledge {each.project} {each.alert}{options} --reason …", indent=2)


def told(each: AlertStatus, present: datetime, *, project: str = "") -> Text:
    """One alert in a line."""
    whose = f"{project}  " if project else ""
    hand = f"  in the hands of {each.taken}" if each.taken else "  waits for a person" if each.person else ""
    return Text.assemble(
        (whose, "bold"),
        (f"{each.severity}", SEVERITY_STYLES.get(each.severity, "")),
        f"  {each.alert}: {shown(each.text)}",
        (f"  {ago(each.since, present)}{hand}", "dim"),
    )
