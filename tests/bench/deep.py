"""The transitive check beside a bare ``uv pip compile`` of the same requirements, over an index on the loopback."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from uv import find_uv_bin

from psmp.deep.problem import problems
from psmp.deep.uv import Question, Uv
from psmp.deep.verdict import Progress, resolve
from psmp.leash import Leash
from psmp.words.checks import Declaration
from psmp.words.values import Dependency, Target
from tests.bench.figures import Figure, percentile
from tests.little_index import LittleIndex, Release, serving

ARTIFACTS: Final = 20
ROUNDS: Final = 20
TARGET: Final = Target(python="3.11", platform="linux", machine="x86_64")


async def transitive() -> list[Figure]:
    """Twenty artifacts with three needs each: a warm re-check, a new clash explained, and uv alone for comparison."""
    with serving(_index()) as index, tempfile.TemporaryDirectory(prefix="psmp-bench-") as ground:
        cache = Path(ground)
        peaceful = [_artifact(number) for number in range(ARTIFACTS)]
        newcomer = Declaration(artifact="new", dependencies=(Dependency(name="base", constraint=">=2"),))
        told: list[Progress] = []
        leash = Leash.start()

        async def check(*more: Declaration) -> None:
            await resolve([*peaceful, *more], [TARGET], index=index.url, cache=cache, progress=told.append)

        async def bare() -> None:
            await _compile(Uv(index.url, cache, cache, leash), peaceful)

        await check()
        name = "transitive re-check, warm"
        figures = [
            await _figure("uv pip compile alone, warm", bare),
            await _figure(f"{name}, compatible", check, aim=200),
            await _figure(f"{name}, a clash with causes and ways out", lambda: check(newcomer), aim=2000),
        ]
        causes = [each.asked for each in told if each.doing == "finding ways out"][-1]
        await leash.close()
        note = f"{causes} runs of uv for the causes"
        return [*figures[:-1], replace(figures[-1], note=note)]


def _index() -> LittleIndex:
    releases = [Release("base", f"{major}.{minor}") for major in (1, 2) for minor in range(20)]
    releases += [
        Release(f"package-{number}", f"1.{minor}", ("base" if number else "base<2",))
        for number in range(ARTIFACTS + 3)
        for minor in range(10)
    ]
    return LittleIndex(releases)


def _artifact(number: int) -> Declaration:
    needs = tuple(Dependency(name=f"package-{number + each}", constraint=">=1.2,<2") for each in range(3))
    return Declaration(artifact=f"artifact-{number}", dependencies=needs)


async def _figure(name: str, action: Callable[[], Awaitable[None]], *, aim: float | None = None) -> Figure:
    samples = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        await action()
        samples.append(time.perf_counter() - begun)
    return Figure(name, percentile(samples, 50) * 1e3, "ms", aim)


async def _compile(uv: Uv, declarations: list[Declaration]) -> None:
    """What a person would type, with the very options that the check uses."""
    (problem,) = problems(declarations, [TARGET])
    lines = sorted({need.line for _, need in problem.elements})
    process = await asyncio.create_subprocess_exec(
        *(find_uv_bin(), *uv.arguments(Question(TARGET))),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={"HOME": str(uv.cache), "UV_DEFAULT_INDEX": uv.index, "UV_PYTHON_DOWNLOADS": "never"},
    )
    await process.communicate("\n".join(lines).encode())
    if process.returncode:
        raise RuntimeError("uv found no solution")
