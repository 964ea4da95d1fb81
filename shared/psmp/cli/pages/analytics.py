"""What analytics found, as tables."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.clock import duration, to_second
from psmp.cli.pages.layout import heading, indented, table
from psmp.cli.pages.wording import shown
from psmp.store.analytics import Analysis, Asked, Line
from psmp.words.envelope import written

_MINUTE: Final = 60
_HOUR: Final = 3600

Column = tuple[str, Callable[[Line], str]]


def page(asked: Asked, found: Analysis) -> Group:
    """Every part that has something to say."""
    return Group(*_parts(asked, found))


def _parts(asked: Asked, found: Analysis) -> Iterator[RenderableType]:
    if found.moment is None:
        yield Text(f"the projection has nothing of {asked.tenant}/{asked.project or '*'}", style="dim")
        return
    when = to_second(written(found.moment))
    span = "".join(
        f", {name} {to_second(written(time))}"
        for name, time in (("since", asked.since), ("until", asked.until))
        if time is not None
    )
    whose = f"{asked.tenant}/{asked.project or '*'}"
    yield Text.assemble((whose, "bold"), (f"  as of position {found.position}, {when}{span}", "dim"))
    for name, (title, columns) in _TABLES.items():
        if lines := found.parts[name]:
            yield from (Text(), heading(title), indented(_table(columns, lines)))


def _table(columns: Sequence[Column], lines: Sequence[Line]) -> RenderableType:
    rows = ([Text(tell(line)) for _, tell in columns] for line in lines)
    return table(*(name for name, _ in columns), rows=rows)


def _said(name: str, otherwise: str = "") -> Callable[[Line], str]:
    return lambda line: shown(str(line[name])) if line[name] is not None else otherwise


def _share(name: str) -> Callable[[Line], str]:
    return lambda line: f"{line[name]:.1%}"


def _time(name: str) -> Callable[[Line], str]:
    return lambda line: "" if line[name] is None else lasting(line[name])


def lasting(seconds: float) -> str:
    """A length of time for people: ``4.2 s``, ``12 min``, ``3.5 h``."""
    if seconds < _MINUTE:
        return duration(max(0.0, seconds))
    return f"{seconds / _MINUTE:.0f} min" if seconds < _HOUR else f"{seconds / _HOUR:.1f} h"


def _subject(line: Line) -> str:
    ecosystem = f" ({line['ecosystem']})" if line["ecosystem"] else ""
    return shown(f"{line['subject']}{ecosystem}")


def _count(name: str) -> Column:
    return name, _said(name, "0")


_TABLES: Final[dict[str, tuple[str, tuple[Column, ...]]]] = {
    "agents": (
        "who causes conflicts",
        (
            ("agent", _said("agent")),
            ("share", _share("share")),
            ("conflicts' worth", lambda line: f"{line['causes']:.2f}"),
            ("part of", _said("conflicts")),
            ("completed", _said("completed")),
        ),
    ),
    "subjects": (
        "what they are about",
        (
            ("subject", _subject),
            ("kind", _said("kind")),
            ("share", _share("share")),
            _count("conflicts"),
            _count("open"),
        ),
    ),
    "severities": (
        "how much they weigh",
        (("severity", _said("severity")), ("share", _share("share")), _count("conflicts"), _count("open")),
    ),
    "resolved": (
        "how they end, and after how long",
        (
            ("by", _said("strategy", "all")),
            ("decided by", _said("decided_by")),
            _count("conflicts"),
            ("median", _time("median")),
            ("90 % within", _time("p90")),
        ),
    ),
    "days": ("new ones a day", (("day", _said("day")), _count("conflicts"), _count("critical"))),
    "blocked": (
        "blocked",
        (
            ("project", _said("project")),
            _count("times"),
            ("in all", _time("seconds")),
            ("now", lambda line: "blocked" if line["still"] else ""),
        ),
    ),
    "refusals": ("refused", (("code", _said("code")), _count("commands"), _count("agents"))),
    "slots": (
        "slots",
        (
            *(("agent", _said("agent")), _count("slots"), ("used", _time("seconds"))),
            *map(_count, ("finished", "failed", "expired", "held")),
        ),
    ),
    "waits": (
        "waits for a slot",
        (
            *(("agent", _said("agent")), _count("waits"), _count("granted"), _count("waiting")),
            *(("median", _time("median")), ("90 % within", _time("p90"))),
        ),
    ),
}
