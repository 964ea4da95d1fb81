"""What the direct check costs: one more declaration in a large project, a cold index, sets one after another."""

import gc
import io
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Final

from psmp.cli.commands.check import Answered, Written, check
from psmp.compat import needs
from psmp.compat.standing import Declared, Standing
from psmp.words.values import Dependency, Target
from tests.bench.figures import Figure, percentile

ARTIFACTS: Final = 500
EACH: Final = 10
PACKAGES: Final = 1200
TIMES: Final = 5
SAMPLES: Final = 2000
SETS: Final = 5000


def engine() -> list[Figure]:
    """The figures, in this process, with nothing else to do."""
    random = Random(5)
    declarations = [needed(random, number) for number in range(ARTIFACTS)]
    filled(declarations)  # what is read once for every project is not counted
    gc.collect()
    gc.freeze()  # as a service does with what is there for good
    begun = time.perf_counter()
    standing = filled(declarations)
    cold = time.perf_counter() - begun
    gc.freeze()
    known = _timed(standing, [needed(random, number % ARTIFACTS) for number in range(SAMPLES)])
    fresh = _timed(standing, [needed(random, number % ARTIFACTS, f".{number}") for number in range(SAMPLES)])
    larger = [needed(random, number, packages=PACKAGES * TIMES) for number in range(ARTIFACTS * TIMES)]
    others = [needed(random, number % ARTIFACTS, packages=PACKAGES * TIMES) for number in range(SAMPLES)]
    in_larger = percentile(_timed(filled(larger), others), 50) * 1e3
    note = f"read, put and judged; p50 {in_larger:.2f} ms in a project {TIMES} times as large, packages too"
    return [
        Figure("check: one more declaration among 500, p50", percentile(known, 50) * 1e3, "ms", note=note),
        Figure("check: one more declaration among 500, p99", percentile(known, 99) * 1e3, "ms", 1, note="goal 0.2 ms"),
        Figure("check: the same, seven constraints never seen, p50", percentile(fresh, 50) * 1e3, "ms", 1),
        Figure("check: the same, seven constraints never seen, p99", percentile(fresh, 99) * 1e3, "ms"),
        Figure("check: a cold index of 500 artifacts", cold * 1e3, "ms", 100),
        Figure("psmp check: small sets", SETS / _sets_take(random), "/s", 2000, "higher", "half of them conflicts"),
    ]


Needed = tuple[int, list[Dependency]]


def needed(random: Random, number: int, tail: str = "", packages: int = PACKAGES) -> Needed:
    """Ten needs that stand together with everybody's: all admit version 5."""
    return number, [
        Dependency(
            name=f"package-{random.randrange(packages)}",
            constraint=random.choice([f">=1.{random.randrange(9)}{tail}", f">=2,<{random.randrange(6, 9)}{tail}", ""]),
            purpose="bench",
        )
        for _ in range(EACH)
    ]


def declared(one: Needed) -> Declared:
    """It as the engine takes it: read from what was declared."""
    number, wanted = one
    name, agent = f"artifact-{number}", f"agent-{number % 20}"
    return Declared(name, agent, number + 1, needs.read(name, agent, wanted, position=number + 1))


def filled(declarations: list[Needed]) -> Standing:
    """A project in which all of it was declared."""
    standing = Standing((Target(),))
    for one in declarations:
        standing.put(declared(one))
    return standing


def _timed(standing: Standing, declarations: list[Needed]) -> list[float]:
    times = []
    for one in declarations:
        begun = time.perf_counter()
        more = declared(one)
        found = standing.judge(more.artifact, standing.put(more))
        times.append(time.perf_counter() - begun)
        if found.clashes:
            raise RuntimeError(found.clashes[0].text)
    return times


def _sets_take(random: Random) -> float:
    """Seconds for so many sets of two artifacts, from lines of JSON to lines of JSON."""
    ranges = (">=2.0", "==1.5.*", "<3", ">=1,<2", "~=1.4", ">=1.26")
    lines = "".join(
        json.dumps(
            {
                "id": number,
                "declarations": [
                    {
                        "agent": f"agent-{each}",
                        "artifact": f"a{each}",
                        "dependencies": [
                            {"name": f"package-{random.randrange(3)}", "constraint": random.choice(ranges)}
                        ],
                    }
                    for each in range(2)
                ],
            }
        )
        + "\n"
        for number in range(SETS)
    )
    begun = time.perf_counter()
    with _standard(lines):
        check(answered=Answered(output=Written.JSONL))
    return time.perf_counter() - begun


@contextmanager
def _standard(text: str) -> Iterator[None]:
    """Standard input that says ``text``, and output that nobody reads."""
    stdin, stdout = sys.stdin, sys.stdout
    sys.stdin, sys.stdout = io.TextIOWrapper(io.BytesIO(text.encode())), io.StringIO()
    try:
        yield
    finally:
        sys.stdin, sys.stdout = stdin, stdout
