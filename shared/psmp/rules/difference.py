"""What changed between two states of a project, as its status tells them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from psmp.words.answers import Status
from psmp.words.differences import Difference, Differences, Field, Place, What

Facts = Mapping[str, Any]
"""What is said of one thing, as plain JSON by name."""

_NAMES: Final[Mapping[str, tuple[What, str]]] = {
    "artifacts": ("artifact", "artifact"),
    "conflicts": ("conflict", "id"),
    "slots": ("slot", "fence"),
    "waiting": ("waiting", "request"),
    "resolutions": ("resolution", "resolution"),
    "waivers": ("waiver", "conflict"),
    "alerts": ("alert", "alert"),
    "webhooks": ("webhook", "webhook"),
    "tasks": ("task", "task"),
}
"""The lists of a status: what is in each, and what names one of them."""

_PROJECT: Final = ("name", "phase", "state", "targets", "silent", "creator", "transitive")
_PLACES: Final = frozenset({"sequence", "time"})
"""Where something stands in the log changes whenever it does."""


def differences(before: Status, after: Status) -> Differences:
    """What is otherwise in ``after``; both are of one project. A withdrawn artifact is there no more."""
    was, now = before.model_dump(mode="json"), after.model_dump(mode="json")
    found = [
        *_changed("project", before.project, _facts(was, _PROJECT), _facts(now, _PROJECT)),
        *_changed("policy", before.project, was["policy"], now["policy"]),
    ]
    for part, (what, key) in _NAMES.items():
        found += _parts(what, _by_name(was[part], key), _by_name(now[part], key))
    return Differences(
        tenant=before.tenant,
        project=before.project,
        at=Place(sequence=before.sequence, time=before.time),
        to=Place(sequence=after.sequence, time=after.time),
        differences=tuple(found),
    )


def _facts(status: Facts, names: Iterable[str]) -> Facts:
    """Of the package resolver only its verdict, and why: how far a check is, is of the moment."""
    facts = {name: status[name] for name in names}
    transitive = facts["transitive"]
    return {**facts, "transitive": [transitive["verdict"], *transitive["reasons"]]}


def _by_name(parts: Sequence[Facts], key: str) -> dict[str, Facts]:
    live = (each for each in parts if each.get("status") != "ARCHIVED")
    return {
        str(each[key]): {name: value for name, value in each.items() if name != key and name not in _PLACES}
        for each in live
    }


def _parts(what: What, before: Mapping[str, Facts], after: Mapping[str, Facts]) -> Iterator[Difference]:
    """In the order in which they stand: what is gone first."""
    for name in before:
        if name not in after:
            yield Difference(what=what, name=name, became="removed", fields=tuple(_fields(before[name], {})))
    for name, facts in after.items():
        if name in before:
            yield from _changed(what, name, before[name], facts)
        else:
            yield Difference(what=what, name=name, became="added", fields=tuple(_fields({}, facts)))


def _changed(what: What, name: str, before: Facts, after: Facts) -> Iterator[Difference]:
    fields = tuple(_fields(before, after))
    if fields:
        yield Difference(what=what, name=name, became="changed", fields=fields)


def _fields(before: Facts, after: Facts) -> Iterator[Field]:
    """What is said otherwise; something empty says as little as nothing, and the order of a list says nothing."""
    for name in dict.fromkeys((*before, *after)):
        was, now = _said(before.get(name)), _said(after.get(name))
        if isinstance(was, list) or isinstance(now, list):
            was, now = _only(was or [], now or []), _only(now or [], was or [])
        if was != now:
            yield Field(name=name, before=was, after=now)


def _said(value: Any) -> Any:  # noqa: ANN401 - JSON
    return None if value in ("", [], {}) else value


def _only(those: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Those that are not among the others."""
    return [each for each in those if each not in others]
