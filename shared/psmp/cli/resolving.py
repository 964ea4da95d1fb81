"""The resolver at work for a command: what it is at is shown to a terminal, and nothing is left when it is stopped."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.cli.indexes import Index
from psmp.cli.output import Output
from psmp.compat.answer import answer
from psmp.deep import verdict
from psmp.deep.answer import joined
from psmp.deep.resolution import Resolution
from psmp.deep.verdict import OnProgress, Progress
from psmp.words.checks import CheckAnswer, CheckSet, Declaration
from psmp.words.values import Target


@contextmanager
def judging(at: Index, targets: tuple[Target, ...], out: Output) -> Iterator[Callable[[CheckSet], CheckAnswer]]:
    """Answers sets: by the direct check and by the index."""
    with asyncio.Runner() as runner:

        def judge(asked: CheckSet) -> CheckAnswer:
            direct = answer(asked, targets)
            if direct.verdict == "invalid":
                return direct
            found = runner.run(resolve(asked.declarations, asked.targets or targets, at, out))
            return joined(direct, found, asked.declarations)

        yield judge


async def resolve(declarations: Sequence[Declaration], targets: Sequence[Target], at: Index, out: Output) -> Resolution:
    """What the resolver says of ``declarations``; a terminal sees how it goes. Raises ``Complaint`` on SIGTERM."""
    async with _stoppable():
        with _shown(out) as progress:
            return await verdict.resolve(
                declarations,
                targets,
                index=at.url,
                exclude_newer=at.exclude_newer,
                cache=at.cache,
                progress=progress,
            )


@contextmanager
def _shown(out: Output) -> Iterator[OnProgress | None]:
    """A line in the terminal, if there is one, that says what the resolver is at."""
    if not out.margin.is_terminal:
        yield None
        return
    with out.margin.status("asking the index") as line:
        yield lambda progress: line.update(told(progress))


def told(progress: Progress) -> str:
    """How far the resolver is, in a line."""
    asked = f", {progress.asked} asked" if progress.asked else ""
    return f"{progress.doing}: {progress.place} ({progress.at} of {progress.of}{asked})"


@asynccontextmanager
async def _stoppable() -> AsyncIterator[None]:
    """SIGTERM and SIGHUP cancel the block too, so that nothing is left that it started; Ctrl-C does so anyway."""
    loop, block, stopped = asyncio.get_running_loop(), asyncio.current_task(), False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        if block is not None:
            block.cancel()

    # What is ignored stays so, as SIGHUP under nohup.
    numbers = [each for each in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) is signal.SIG_DFL]
    for number in numbers:
        loop.add_signal_handler(number, stop)
    try:
        yield
    except asyncio.CancelledError:
        if not stopped:
            raise
        raise Complaint(Exit.INTERRUPTED, "stopped", "the same again begins where the index was last heard") from None
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
