"""What changed in a project, for people: a line for each thing, with what was before and what is now."""

from collections.abc import Iterator
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli import clock
from psmp.cli.pages.layout import facts, indented, table
from psmp.cli.pages.wording import counted, shown
from psmp.words.differences import Difference, Differences, Field, Place

_SIGNS: Final = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}
_LONGEST: Final = 120
"""Characters of one entry of a list."""
_TOLD: Final[dict[str, tuple[str, ...]]] = {
    "artifact": ("agent", "type", "version", "status", "dependencies", "paths"),
    "conflict": ("severity", "text"),
    "slot": ("agent", "since"),
    "waiting": ("agent", "since"),
    "resolution": ("conflict", "strategy", "stage", "by", "reason"),
    "waiver": ("by", "until", "reason"),
    "alert": ("severity", "person", "text"),
    "webhook": ("url", "kinds", "by", "ended"),
    "task": ("status", "title", "agent", "artifacts", "by", "reason"),
}
"""What is shown of something that has come or gone; JSON has all of it."""


def page(found: Differences) -> Group:
    """The two positions, then everything that is otherwise."""
    head = Text.assemble((f"{found.tenant}/{found.project}", "bold"), f"  {_place(found.at)}  →  {_place(found.to)}")
    if not found.differences:
        return Group(head, Text("nothing is otherwise", style="dim"))
    parts: list[RenderableType] = [head]
    for each in found.differences:
        sign, style = _SIGNS[each.became]
        parts.append(Text.assemble((f"{sign} ", style), f"{each.what} ", (shown(each.name), "bold")))
        if each.became == "changed":
            rows = (
                (Text(field.name, style="dim"), _value(field, field.before), _value(field, field.after))
                for field in each.fields
            )
            parts.append(indented(table("", "before", "after", rows=rows, tight=("",)), 4))
        else:
            parts.append(indented(facts(_whole(each)), 4))
    parts.append(Text(counted(len(found.differences), "thing is otherwise", "things are otherwise"), style="dim"))
    return Group(*parts)


def _place(place: Place) -> str:
    return f"event {place.sequence}, {clock.to_second(place.time)}"


def _whole(each: Difference) -> Iterator[tuple[str, Text]]:
    """What is told of something that has come or gone."""
    for field in each.fields:
        if field.name in _TOLD[each.what]:
            yield field.name, _value(field, field.after if each.became == "added" else field.before)


def _value(field: Field, value: Any) -> Text:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return Text("\n".join(_cut(_item(field.name, each)) for each in value))
    return Text("" if value is None else shown(_item(field.name, value)))


def _item(name: str, value: Any) -> str:  # noqa: ANN401 - JSON
    if not isinstance(value, dict):
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    if name == "dependencies":
        scope = "" if value["scope"] == "runtime" else f" ({value['scope']})"
        return f"{value['name']} {value['constraint']}{scope}".strip()
    if name == "paths":
        lines = ", ".join(f"{first}-{last}" for first, last in value.get("ranges") or ())
        return f"{value['mode']} {value['path']}{f':{lines}' if lines else ''}"
    if name == "parties":
        return f"{value['agent']}: {value['artifact']} {value['constraint']}".strip()
    return str(value.get("text") or ", ".join(f"{key} {each}" for key, each in value.items() if each not in (None, "")))


def _cut(text: str) -> str:
    text = shown(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
