"""Questions to the keeper: asked again until they are answered, for asking changes nothing."""

import asyncio
from typing import Final, TypeVar

from pydantic import ValidationError

from psmp.client.errors import LogDamaged, NoAnswer, NoSuchPast, PsmpError, Refusal, Unreadable
from psmp.client.link import Link
from psmp.client.refusals import ERRORS
from psmp.words import subjects
from psmp.words.answers import Problem
from psmp.words.refusals import Code
from psmp.words.values import Word

_UNAVAILABLE: Final = "UNAVAILABLE"
_DAMAGED: Final = "DAMAGED"
_NO_SUCH_PAST: Final = "NO_SUCH_PAST"
_BREATH: Final = 0.25

A = TypeVar("A", bound=Word)


class Asker:
    """Asks the keeper in one agent's name."""

    def __init__(self, link: Link, tenant: str, agent: str) -> None:
        self._link = link
        self._tenant, self._agent = tenant, agent

    async def ask(self, kind: str, question: Word, answer: type[A], timeout: float) -> A:
        """The keeper's answer to a question of ``kind``.

        Raises ``NoAnswer`` after ``timeout`` seconds, ``NotAllowed``, ``NoSuchPast``, ``LogDamaged``,
        ``UnknownProject`` or another ``Refusal``.
        """
        subject = subjects.question(self._tenant, self._agent, kind)
        body = question.model_dump_json(exclude_none=True).encode()
        clock = asyncio.get_running_loop().time
        deadline = clock() + timeout
        while True:
            raw = await self._link.request(subject, body, deadline - clock(), f"the question for {kind}")
            problem = _problem(raw)
            if problem is None:
                return _read(kind, raw, answer)
            if problem.code != _UNAVAILABLE:
                raise _error(problem)
            if clock() + _BREATH >= deadline:
                raise NoAnswer(f"the question for {kind}", problem.reason, problem.hint)
            await _breathe()


async def _breathe() -> None:
    """Give a keeper that cannot answer now the time to recover."""
    await asyncio.sleep(_BREATH)  # noqa: TID251 - there is nothing to wait for but time


def _problem(raw: bytes) -> Problem | None:
    try:
        return Problem.model_validate_json(raw)
    except ValidationError:
        return None


def _read(kind: str, raw: bytes, answer: type[A]) -> A:
    try:
        return answer.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Unreadable(f"the answer to {kind}", f"{first['loc']}: {first['msg']}") from None


def _error(problem: Problem) -> PsmpError:
    if problem.code == _DAMAGED:
        return LogDamaged(problem.reason, problem.hint)
    if problem.code == _NO_SUCH_PAST:
        return NoSuchPast(problem.reason, problem.hint)
    kind = ERRORS[Code(problem.code)] if problem.code in Code.__members__ else Refusal
    return kind(problem.code, problem.reason, problem.hint)
