"""What every adapter asks of PSMP while a slot is held: may work go on, and what does the checker say of what was made.

The slot itself is ``client.run``'s: it is asked for before the framework begins, kept alive, and given back however the
framework ends. A framework's hooks could not promise that, for the last of them does not run when something is raised.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Final, TypeVar

from psmp.client import BlockingRun, ProjectBlocked, PsmpError, Refusal, Run
from psmp.client.errors import sentence
from psmp.client.lifting import lifted
from psmp.rules.lifecycle import STOPPED
from psmp.words.answers import Status
from psmp.words.refusals import Code

T = TypeVar("T")

DECLARE: Final = "declare_artifact"
"""The name of the tool by which a model declares what it made. It stays free while all others are stopped."""

ABOUT_DECLARE: Final = (
    "Declare an artifact that you made: its id, the packages it needs (PEP 508, such as 'pandas>=2.0') and the files "
    "that it touches. The answer is the verdict: accepted, or the conflict with others and the ways out of it. Call it "
    "for everything you make. With amend true it changes what you declared before; what is left out stays as it was."
)

_MEND: Final = f"change nothing now; call {DECLARE} with amend true to change your own declaration, or stop"


class Governance:
    """Asks in the name of a slot that is held: by ``client.run`` of an asynchronous client, or of a blocking one.

    Whatever cannot be asked raises ``PsmpError``: an adapter lets nothing through that was not clearly permitted.
    """

    def __init__(self, held: Run | BlockingRun) -> None:
        self.run = held.run if isinstance(held, BlockingRun) else held
        self._portal = held.portal if isinstance(held, BlockingRun) else None

    async def objection(self) -> ProjectBlocked | None:
        """Why no work may be done now; None when it may. Raises ``SlotLost`` and whatever a question raises."""
        return await self._there(self._objection())

    async def gate(self) -> None:
        """Raises ``ProjectBlocked`` while the project is blocked."""
        if (objection := await self.objection()) is not None:
            raise objection

    async def declare(
        self,
        artifact: str,
        dependencies: Sequence[str] | None = None,
        paths: Sequence[str] | None = None,
        summary: str | None = None,
        *,
        amend: bool = False,
    ) -> str:
        """Declare, or amend, under the slot; the verdict or the refusal as a text for the model."""
        return await self._there(self._declare(artifact, dependencies, paths, summary, amend=amend))

    def wait(self, asked: Coroutine[Any, Any, T]) -> T:
        """What is asked, for code that is not asynchronous; needs a blocking client's run."""
        if self._portal is None:
            asked.close()
            raise TypeError("this is called without an event loop: hold the slot with psmp.connect_sync")
        return self._portal.run(asked)

    async def _there(self, asked: Coroutine[Any, Any, T]) -> T:
        """``asked`` on the event loop that the client lives in."""
        if self._portal is None or self._portal.is_here():
            return await asked
        return await asyncio.wrap_future(self._portal.start(asked))

    async def _objection(self) -> ProjectBlocked | None:
        self.run.check()
        return objection(await lifted(self.run.client, self.run.project))

    async def _declare(
        self,
        artifact: str,
        dependencies: Sequence[str] | None,
        paths: Sequence[str] | None,
        summary: str | None,
        *,
        amend: bool,
    ) -> str:
        try:
            if amend:
                verdict = await self.run.amend(artifact, dependencies=dependencies, paths=paths, summary=summary)
            else:
                needs, claims = dependencies or (), paths or ()
                verdict = await self.run.declare(artifact, dependencies=needs, paths=claims, summary=summary or "")
        except PsmpError as error:
            return told(error)
        return verdict.text


def objection(status: Status) -> ProjectBlocked | None:
    """Why no work may be done in a project that stands like this."""
    if status.state not in STOPPED:
        return None
    names = tuple(each.id for each in status.conflicts)
    texts = "\n".join(f"{each.id}: {each.text}" for each in status.conflicts)
    reason = f"{status.project} is {status.state} by {', '.join(names) or 'a conflict that is being resolved'}"
    return ProjectBlocked(Code.PROJECT_BLOCKED, "\n".join(filter(None, (f"{reason}.", texts))), _MEND, names)


def told(error: PsmpError) -> str:
    """An error as a text for a model: a refusal's stable code, the reason, and what to do next."""
    code = error.code if isinstance(error, Refusal) else type(error).__name__
    return f"{code}: {sentence(error.reason, error.hint)}"
