"""How far checks are that run now, as the checker says it: in memory, and soon forgotten."""

import asyncio
from typing import Final

from pydantic import ValidationError

from psmp.wire.mended import MendedClient
from psmp.wire.message import Message
from psmp.words import subjects
from psmp.words.ids import ProjectKey
from psmp.words.progress import CheckProgress

FORGOTTEN: Final = 3.0
"""Seconds after which what was said is of no use: it is said every second."""


class Checks:
    """What was heard last of each check that runs."""

    def __init__(self) -> None:
        self._heard: dict[ProjectKey, tuple[float, CheckProgress]] = {}

    async def listen(self, nats: MendedClient) -> None:
        """Hear of every check from now on."""
        await nats.listen(subjects.progress(ProjectKey("*", "*")), self.hear)

    def hear(self, message: Message) -> None:
        """Take one word of the checker's."""
        try:
            progress = CheckProgress.model_validate_json(message.data)
        except ValidationError:  # nothing that we know; status is told without it
            return
        present, key = asyncio.get_running_loop().time(), subjects.read_progress(message.subject)
        self._heard = {each: said for each, said in self._heard.items() if present - said[0] <= FORGOTTEN}
        self._heard.pop(key, None)
        if not progress.ended:
            self._heard[key] = present, progress

    def of(self, key: ProjectKey) -> CheckProgress | None:
        """How far the check of a project is; None when none runs, as far as is known."""
        heard, progress = self._heard.get(key, (0.0, None))
        return progress if asyncio.get_running_loop().time() - heard <= FORGOTTEN else None
