"""For services: a project's signed checkpoint that covers what was written, made now where there is none yet.

Who asks needs the right to publish ``psmp.qry.<tenant>.<its name>.checkpoint``. Agents have ``Client.checkpoint``.
"""

import asyncio
from typing import Final

from nats.errors import Error as NatsError
from pydantic import ValidationError

from psmp.wire.mended import MendedClient
from psmp.words import subjects
from psmp.words.answers import CheckpointQuestion, Problem, SignedCheckpoint
from psmp.words.ids import ProjectKey

WITHIN: Final = 10.0
_ONCE: Final = 5.0
_BREATH: Final = 0.25
_UNAVAILABLE: Final = "UNAVAILABLE"
_AWAY: Final = Problem(
    code=_UNAVAILABLE, reason="the audit writer does not answer", hint="psmp doctor shows what is away; then ask again"
)


async def covering(
    nats: MendedClient, key: ProjectKey, asker: str, at_least: int, *, within: float = WITHIN
) -> SignedCheckpoint | Problem:
    """The newest checkpoint that covers record ``at_least``, asked for in the name ``asker`` until there is one.

    A ``Problem`` of code ``UNAVAILABLE`` when there was none within so many seconds: it says what stands in the way,
    and asking later may help. After ``NOT_RECORDED``, ``UNKNOWN_PROJECT`` or ``CHECKPOINTS_STOPPED`` it does not.
    """
    question = CheckpointQuestion(project=key.project, at_least=at_least).model_dump_json().encode()
    subject = subjects.question(key.tenant, asker, "checkpoint")
    clock = asyncio.get_running_loop().time
    deadline, problem = clock() + within, _AWAY
    while (left := deadline - clock()) > 0:
        try:
            raw = (await nats.request(subject, question, timeout=min(left, _ONCE))).data
        except (NatsError, TimeoutError):
            await asyncio.sleep(min(_BREATH, max(deadline - clock(), 0)))  # noqa: TID251 - time alone brings it back
            continue
        answer = _read(raw)
        if isinstance(answer, SignedCheckpoint) or answer.code != _UNAVAILABLE:
            return answer
        problem = answer
    return problem


def _read(raw: bytes) -> SignedCheckpoint | Problem:
    try:
        return SignedCheckpoint.model_validate_json(raw)
    except ValidationError:
        return Problem.model_validate_json(raw)
