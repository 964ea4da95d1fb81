"""Extracts: records of the ledger as other programs want to read them, in JSON or CSV, chosen by filters.

An extract leaves records out, so it proves nothing by itself. Each of its records has its number and its leaf hash, by
which it can be found in the whole, and that can be verified.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from pydantic_core import from_json, to_json

FORMAT: Final = "psmp-extract-1"

COLUMNS: Final = (
    *("tenant", "project", "sequence", "position", "leaf", "time", "kind", "actor", "id", "causation", "correlation"),
    *("artifact", "version", "agent", "conflicts", "cleared", "resolution", "strategy", "origin", "to", "command"),
    *("code", "reason", "data"),
)
"""The columns of the CSV: where the record stands, what the event says of itself, what it is about, all its data."""

CELLS: Final = (
    "a cell whose first visible character could begin a formula (= + - @ in either width), or that begins with a tab, "
    "a line break or an apostrophe, has one apostrophe put before it; take that one away to have the text as it was"
)
"""How cells are kept from being run by a spreadsheet."""

_FORMULA: Final = frozenset("=+-@＝＋－＠")  # noqa: RUF001 - in the wide forms too
_FIRST: Final = frozenset("\t\r\n'")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are wanted: ``since`` <= time < ``until``, whose, and of what kind; None is any.

    ``agent`` is who did it or whom it is about (``data.agent``). ``kind`` is a whole one (``artifact.declared``) or
    what it is about (``artifact``).
    """

    since: datetime | None = None
    until: datetime | None = None
    agent: str | None = None
    kind: str | None = None

    @property
    def everything(self) -> bool:
        """Whether there is nothing that is not wanted."""
        return self == Wanted()

    def admits(self, event: Mapping[str, Any]) -> bool:
        """Whether this event is wanted."""
        kind, data = kind_of(event), event.get("data")
        who = (event.get("actor"), data.get("agent") if isinstance(data, dict) else None)
        return (
            (self.kind is None or self.kind in (kind, kind.partition(".")[0]))
            and (self.agent is None or self.agent in who)
            and ((self.since is None and self.until is None) or self._within(str(event.get("time", ""))))
        )

    def _within(self, time: str) -> bool:
        try:
            moment = datetime.fromisoformat(time)
        except ValueError:
            return False
        if moment.tzinfo is None:  # it is in no range
            return False
        return (self.since is None or self.since <= moment) and (self.until is None or moment < self.until)

    def plain(self) -> dict[str, str]:
        """What was asked for, as JSON."""
        said = {name: value for name, value in asdict(self).items() if value is not None}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()}


class Entry(NamedTuple):
    """A row of the ledger; its body is None where retention has taken it away."""

    tenant: str
    project: str
    sequence: int
    position: int
    leaf: bytes
    body: bytes | None


def kind_of(event: Mapping[str, Any]) -> str:
    """The kind of an event, ``artifact.declared``; "" where it says none."""
    return str(event.get("type", "")).removeprefix("psmp.").removesuffix(".v1")


Opened = Mapping[str, Any] | None
"""The event of a row; None where there is none to show."""


def opened(entry: Entry) -> Opened:
    """The event of a row; None where its body was taken away or is no event as they are written, in one line."""
    try:
        event = from_json(entry.body or b"")
    except ValueError:
        return None
    return event if isinstance(event, dict) and b"\n" not in (entry.body or b"") else None


def chosen(event: Opened, wanted: Wanted) -> bool:
    """Whether a row with this event is wanted. What cannot be read is so only where everything is."""
    return wanted.everything if event is None else wanted.admits(event)


def as_json(entry: Entry, event: Opened) -> bytes:
    """The row, which has this event, as one line of JSON, with the very bytes of its event in it.

    ``pruned`` where there are none any more, ``unreadable`` (base64) where they are no event.
    """
    about = {**entry._asdict(), "leaf": entry.leaf.hex()}
    del about["body"]
    head = to_json(about).removesuffix(b"}")
    if entry.body is None:
        return head + b',"pruned":true}'
    if event is None:
        return head + b',"unreadable":"' + b64encode(entry.body) + b'"}'
    return head + b',"event":' + entry.body + b"}"


def as_cells(entry: Entry, event: Opened) -> tuple[str, ...]:
    """The row, which has this event, as the cells of ``COLUMNS``, in their order, not neutralised yet."""
    event = event or {}
    data = event.get("data")
    data = data if isinstance(data, dict) else {}
    told = {
        **{name: getattr(entry, name) for name in ("tenant", "project", "sequence", "position")},
        "leaf": entry.leaf.hex(),
        "kind": kind_of(event) or ("(pruned)" if entry.body is None else "(unreadable)"),
        **{name: event.get(name) for name in ("time", "actor", "id")},
        "causation": event.get("causationid"),
        "correlation": event.get("correlationid"),
        **{name: data.get(name) for name in _PLAIN},
        "conflicts": _names([data.get("conflict"), *_listed(data.get("conflicts"))]),
        "cleared": _names(_listed(data.get("cleared"))),
        "data": to_json(data).decode() if event else None,
    }
    return tuple(_text(told[name]) for name in COLUMNS)


_PLAIN: Final = ("artifact", "version", "agent", "resolution", "strategy", "origin", "to", "command", "code", "reason")


def _listed(said: object) -> list[object]:
    return said if isinstance(said, list) else []


def _names(said: Iterable[object]) -> str:
    """Ids of conflicts, each once, parted by spaces; an event tells them as ids or as whole conflicts."""
    names = (str(each.get("id")) if isinstance(each, dict) else str(each) for each in said if each is not None)
    return " ".join(dict.fromkeys(names))


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def neutral(text: str) -> str:
    """The text of a cell so that no spreadsheet takes it for a formula: see ``CELLS``."""
    if text[:1].isalnum():
        return text
    visible = next((each for each in text if each.isprintable() and not each.isspace()), "")
    return f"'{text}" if text[:1] in _FIRST or visible in _FORMULA else text


def line(cells: Iterable[str]) -> bytes:
    """A line of CSV (RFC 4180), every cell in quotes and neutral."""
    quoted = ('"' + neutral(each).replace('"', '""') + '"' for each in cells)
    return (",".join(quoted) + "\r\n").encode()


@dataclass(frozen=True, slots=True)
class Source:
    """A project's log as the extract was made from it; ``checkpoint`` is the newest signed note of it."""

    origin: str
    size: int
    position: int
    leaf: str
    checkpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of the rows: how many are in the extract, and how many of those have no event to show."""

    records: int
    pruned: int
    unreadable: int
    sha256: str


def manifest(
    form: str, deployment: str, asked: Mapping[str, str], sources: Sequence[Source], counted: Counted, made_at: str
) -> bytes:
    """What an extract says of itself, as JSON.

    ``sha256`` is that of the CSV file; in JSON, that of the lines of ``records``, each without the comma behind it and
    with its line feed.
    """
    said: dict[str, Any] = {
        "format": FORMAT,
        "form": form,
        "verifiable": False,
        "why": "records are left out, or not written as they are stored; psmp export --format jsonl is verifiable",
        "check": "every record has its sequence and its leaf hash, as the verifiable bundle has them",
        "deployment": deployment,
        "made_at": made_at,
        "filters": dict(asked),
        "logs": [{name: value for name, value in asdict(each).items() if value is not None} for each in sources],
        **asdict(counted),
    }
    if form == "csv":
        said |= {"columns": list(COLUMNS), "cells": CELLS}
    return to_json(said)
