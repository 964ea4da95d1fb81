"""Questions to keeper and audit: asked again until they are answered, for asking changes nothing."""

import asyncio
from typing import Final, TypeVar

from pydantic import ValidationError

from psmp.client.errors import LogDamaged, NoAnswer, NoSuchPast, NotCovered, PsmpError, Refusal, Unreadable
from psmp.client.link import Link
from psmp.client.refusals import ERRORS
from psmp.words import subjects
from psmp.words.answers import Problem
from psmp.words.values import Word

_UNAVAILABLE: Final = "UNAVAILABLE"
_DAMAGED: Final = "DAMAGED"
_NO_SUCH_PAST: Final = "NO_SUCH_PAST"
_NOT_COVERED: Final = frozenset({"NOT_RECORDED", "CHECKPOINTS_STOPPED"})
_AUDIT_AWAY: Final = "see whether psmp_audit and psmp_signer run and Postgres answers, with psmp doctor; ask again"
_SENDER_AWAY: Final = "see whether psmp_webhooks runs; ask again"
_BREATH: Final = 0.25
_REFUSALS: Final = {str(code): kind for code, kind in ERRORS.items()}

A = TypeVar("A", bound=Word)


class Asker:
    """Asks keeper and audit in one agent's name."""

    def __init__(self, link: Link, tenant: str, agent: str) -> None:
        self._link = link
        self._tenant, self._agent = tenant, agent

    async def ask(self, kind: str, question: Word, answer: type[A], timeout: float) -> A:
        """The answer to a question of ``kind``.

        Raises ``NoAnswer`` after ``timeout`` seconds, ``NotAllowed``, ``NoSuchPast``, ``LogDamaged``,
        ``UnknownProject``, ``NotCovered`` or another ``Refusal``.
        """
        subject = subjects.question(self._tenant, self._agent, kind)
        body = question.model_dump_json(exclude_none=True).encode()
        clock = asyncio.get_running_loop().time
        deadline = clock() + timeout
        last: Problem | None = None
        while True:
            try:
                raw = await self._link.request(subject, body, deadline - clock(), f"the question for {kind}")
            except NoAnswer as error:
                raise _in_vain(kind, last, error) from None
            problem = _problem(raw)
            if problem is None:
                return _read(kind, raw, answer)
            if problem.code != _UNAVAILABLE:
                raise _error(problem)
            if clock() + _BREATH >= deadline:
                raise NoAnswer(f"the question for {kind}", problem.reason, problem.hint)
            last = problem
            await _breathe()


async def _breathe() -> None:
    """Give a keeper that cannot answer now the time to recover."""
    await asyncio.sleep(_BREATH)  # noqa: TID251 - there is nothing to wait for but time


def _in_vain(kind: str, last: Problem | None, error: NoAnswer) -> NoAnswer:
    """What is known of why nobody answers any more: what was said before, else who it is that does not."""
    if last is not None:
        return NoAnswer(f"the question for {kind}", last.reason, last.hint)
    if kind in subjects.AUDITS:
        error.hint = _AUDIT_AWAY
    if kind in subjects.SENDS:
        error.hint = _SENDER_AWAY
    return error


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
    if problem.code in _NOT_COVERED:
        return NotCovered(problem.code, problem.reason, problem.hint)
    return _REFUSALS.get(problem.code, Refusal)(problem.code, problem.reason, problem.hint)
