"""How far a check is, told every second to whoever listens, from the first second on."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from nats.errors import Error as NatsError

from psmp.deep.verdict import OnProgress, Progress
from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.ids import ProjectKey
from psmp.words.progress import CheckProgress

EVERY: Final = 1.0
"""Seconds; what is answered sooner is not told of at all."""


@contextmanager
def telling(nats: MendedClient, key: ProjectKey, sequence: int) -> Iterator[OnProgress]:
    """Tells how far the check of what stood declared at event ``sequence`` is, as it says itself, until it ends."""
    loop = asyncio.get_running_loop()
    began, subject = loop.time(), subjects.progress(key)
    newest: Progress | None = None
    told = False
    timer: asyncio.TimerHandle

    def hear(progress: Progress) -> None:
        nonlocal newest
        newest = progress

    def tell() -> None:
        nonlocal timer
        timer = loop.call_later(EVERY, tell)
        say(ended=False)

    def say(*, ended: bool) -> None:
        nonlocal told
        if newest is None:
            return
        told = True
        progress = CheckProgress(
            sequence=sequence,
            doing=newest.doing,
            at=newest.at,
            of=newest.of,
            place=newest.place,
            asked=newest.asked,
            seconds=round(loop.time() - began, 1),
            ended=ended,
        )
        with suppress(NatsError):  # not connected: there is nobody who hears it
            nats.send(subject, progress.model_dump_json().encode())

    timer = loop.call_later(EVERY, tell)
    try:
        yield hear
    finally:
        timer.cancel()
        if told:
            say(ended=True)
