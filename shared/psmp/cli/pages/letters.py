"""Dead letters."""

import json
from collections.abc import Iterable
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from psmp.cli.clock import to_second
from psmp.cli.pages import events
from psmp.cli.pages.layout import Fitting, facts, heading, indented, table
from psmp.cli.pages.wording import shown
from psmp.wire.letterbox import Kept

STATE_STYLES = {"waiting": "bold red", "unseen": "bold red", "retried": "green", "dropped": "dim"}
_HEX_LINE = 16


def plain(kept: Kept) -> dict[str, Any]:
    """A letter for a JSON document, without its body."""
    letter = kept.letter
    return {
        "letter": letter.number,
        "time": letter.time,
        "service": letter.origin.service,
        "consumer": letter.origin.consumer,
        "tenant": letter.key.tenant if letter.key else None,
        "project": letter.key.project if letter.key else None,
        "stream": letter.origin.stream,
        "subject": letter.subject,
        "position": letter.position,
        "tries": letter.tries,
        "reason": letter.reason,
        "state": kept.state,
    }


def whole(kept: Kept) -> dict[str, Any]:
    """A letter for a JSON document, with everything: ``body`` where it is JSON, else ``hex``."""
    read = _json(kept.letter.body)
    body = {"hex": kept.letter.body.hex()} if read is None else {"body": read}
    history = [json.loads(each.model_dump_json(exclude_none=True)) for each in kept.history]
    return plain(kept) | {"headers": dict(kept.letter.headers)} | body | {"history": history}


def listing(found: Iterable[Kept]) -> RenderableType:
    """One line for each letter; what a narrow page has no room for is left out."""
    rows = [
        (
            *(str(each.letter.number), to_second(each.letter.time), each.letter.origin.service),
            str(each.letter.key or "-"),
            *(shown(each.letter.subject), str(each.letter.tries), shown(each.letter.reason)),
            Text(each.state, style=STATE_STYLES[each.state]),
        )
        for each in found
    ]
    tight = ("letter", "when", "service", "state")
    headings = ("letter", "when", "service", "project", "subject", "tries", "reason", "state")
    wide = table(*headings, rows=rows, tight=tight)
    narrow = table(
        *("letter", "service", "project", "reason", "state"),
        rows=((row[0], row[2], row[3], row[6], row[7]) for row in rows),
        tight=tight,
    )
    return Fitting(110, wide, narrow)


def shown_whole(kept: Kept) -> RenderableType:
    """Everything about one letter."""
    letter = kept.letter
    rows: list[tuple[str, RenderableType]] = [
        ("state", Text(kept.state, style=STATE_STYLES[kept.state])),
        ("given up", Text(f"{to_second(letter.time)} by {letter.origin.service}, after {letter.tries} deliveries")),
        ("reason", Text(shown(letter.reason))),
        ("project", Text(str(letter.key or "-"))),
        ("subject", Text(shown(letter.subject))),
        (
            "position",
            Text(f"{letter.position} of {letter.origin.stream}, consumer {letter.origin.consumer}"),
        ),
        *((f"{shown(name)}:", Text(shown(value))) for name, value in letter.headers.items()),
    ]
    parts: list[RenderableType] = [heading(f"dead letter {letter.number}"), indented(facts(rows)), Text()]
    parts += [heading(f"body, {len(letter.body)} bytes"), indented(Text(_body(letter.body))), Text()]
    parts += [heading("history"), *(indented(events.line(each, project=True)) for each in kept.history)]
    return Group(*parts)


def _json(body: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(body)
    except ValueError:
        return None


def _body(body: bytes) -> str:
    read = _json(body)
    if read is not None:
        text = json.dumps(read, indent=2, ensure_ascii=False)
        return "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    parts = (body[start : start + _HEX_LINE] for start in range(0, len(body), _HEX_LINE))
    return "\n".join(f"{part.hex(' '):<48} {''.join(chr(c) if 32 <= c < 127 else '.' for c in part)}" for part in parts)  # noqa: PLR2004 - printable ASCII
