"""``python -m psmp_replay``: decides again what comes on stdin, tells on stdout what came of it, and can do no more.

A line of JSON each, bytes as base64. In: ``{"project": [tenant, project], "skew": seconds}``, then what was recorded
beside its log, ``{"command": [subject, bytes]}`` and ``{"letter": [number, service, subject, reason]}``, then the log,
``{"record": [position, kind, bytes]}``, then ``{"end": true}``. Out: a ``Fidelity`` for each project.
"""

import sys
from base64 import b64decode
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from pydantic_core import from_json

from psmp.log.port import Damaged, Record
from psmp.words.fidelity import Fidelity
from psmp.words.ids import ProjectKey
from psmp_replay import sandbox
from psmp_replay.inputs import Inputs, Letter, Sent
from psmp_replay.replay import Replay


def replayed(lines: Iterable[bytes]) -> Iterator[Fidelity]:
    """What comes of each project that the lines tell of; of a damaged log the rest is passed over."""
    inputs, damage = Inputs(), ""
    key, replay = ProjectKey("", ""), None
    for line in lines:
        said: dict[str, Any] = from_json(line)
        match said:
            case {"project": [tenant, project], "skew": skew}:
                key, inputs, damage = ProjectKey(tenant, project), Inputs(), ""
                replay = Replay(key, inputs, timedelta(seconds=skew))
            case {"command": [subject, body]}:
                inputs.hear(Sent(subject, b64decode(body)))
            case {"letter": [number, *told]}:
                inputs.letters[number] = Letter(*told)
            case {"record": [position, kind, body]} if replay and not damage:
                try:
                    replay.take(Record(position, key, kind, b64decode(body)))
                except Damaged as found:
                    damage = str(found)
            case {"end": True} if replay:
                yield replay.report(damage)


def main() -> None:
    """Close the walls, then decide until stdin ends."""
    sandbox.close()
    for each in replayed(sys.stdin.buffer):
        sys.stdout.buffer.write(each.model_dump_json().encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
