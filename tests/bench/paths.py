"""What path claims cost: one more declaration in a project of 10,000, a crowded file, memory."""

import gc
import time
import tracemalloc
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from psmp.compat.paths.index import PathIndex
from psmp.words.values import PathClaim
from tests.bench.figures import Figure, percentile

CLAIMS: Final = 10_000
EACH: Final = 10
AGENTS: Final = 20
CROWD: Final = 1000
SAMPLES: Final = 1000
BASE: Final = "9f2c1e7" * 5 + "0" * 5


def paths() -> list[Figure]:
    """The figures, on one processor, with nothing else to do."""
    random = Random(3)
    names = [
        f"src/package{random.randrange(40)}/part{random.randrange(20)}/file_{number % 97}.py"
        for number in range(CLAIMS)
    ]
    declarations = [_declaration(random, names) for _ in range(CLAIMS // EACH)]
    held, size = _measured(lambda: _filled(declarations))
    more = _timed(held, [_declaration(random, names) for _ in range(SAMPLES)])
    small = _timed(_filled(declarations[: CLAIMS // EACH // 10]), [_declaration(random, names) for _ in range(SAMPLES)])
    crowd = _filled([[_lines("hot.py", 10 * number + 1, 10 * number + 5)] for number in range(CROWD)])
    crowded = _timed(crowd, [[_lines("hot.py", 10 * number + 7, 10 * number + 8)] for number in range(CROWD // 5)])
    note = f"10 claims put and judged; in a project of a tenth of the size p50 is {percentile(small, 50) * 1e3:.2f} ms"
    return [
        Figure("paths: one more declaration among 10,000 claims, p50", percentile(more, 50) * 1e3, "ms", 0.2),
        Figure("paths: one more declaration among 10,000 claims, p99", percentile(more, 99) * 1e3, "ms", 1, note=note),
        Figure("paths: one more in a file with 1,000 ranges, p50", percentile(crowded, 50) * 1e3, "ms", 1),
        Figure("paths: memory of one claim", size / CLAIMS, "bytes", note="of a path, a range and its digest"),
    ]


def _lines(path: str, start: int, end: int, digest: str = "d") -> PathClaim:
    return PathClaim(path=path, base=BASE, ranges=((start, end, digest),))


def _declaration(random: Random, names: Sequence[str]) -> list[PathClaim]:
    starts = ((name, random.randrange(1, 5000)) for name in random.sample(names, EACH))
    return [_lines(name, start, start + 8, f"{random.getrandbits(128):032x}") for name, start in starts]


def _filled(declarations: Sequence[Sequence[PathClaim]]) -> PathIndex:
    index = PathIndex()
    for number, claims in enumerate(declarations):
        index.put(f"artifact-{number}", f"agent-{number % AGENTS}", number + 1, claims)
    return index


def _timed(index: PathIndex, declarations: Sequence[Sequence[PathClaim]]) -> list[float]:
    """Processor seconds to put and judge each declaration, taken out again afterwards."""
    times: list[float] = []
    for number, claims in enumerate(declarations):
        begun = time.thread_time()
        touched = index.put("new", f"agent-{number % AGENTS}", 1, claims)
        index.clashes(touched)
        index.unknowns("new")
        index.warnings("new")
        times.append(time.thread_time() - begun)
        index.drop("new")
    return times


def _measured(build: Callable[[], PathIndex]) -> tuple[PathIndex, int]:
    gc.collect()
    tracemalloc.start()
    built = build()
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return built, size


if __name__ == "__main__":
    for figure in paths():
        print(f"{figure.name}: {figure.value:.3f} {figure.unit}")  # noqa: T201 - what it is run for
