"""The direct check beside resolvers asked for the same verdict: uv and pip, warm, over an index on the loopback."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

from uv import find_uv_bin

from psmp.compat.standing import Declared, Standing
from psmp.words.values import Dependency
from tests.bench import engine
from tests.bench.figures import Figure
from tests.little_index import LittleIndex, Release, serving

PATIENCE: Final = 120.0
"""Seconds after which a resolver is given up."""


SAMPLES: Final = 200
"""How many packages of the project are asked about, each once."""


def peers() -> list[Figure]:
    """One declaration more in a project of 500 artifacts with 10 needs each: one that fits, and one that clashes."""
    random = Random(9)
    declarations = [engine.needed(random, number) for number in range(engine.ARTIFACTS)]
    limits = (need.name for _, wanted in declarations for need in wanted if need.constraint.startswith(">="))
    names = list(dict.fromkeys(limits))[:SAMPLES]
    fit = _typical(declarations, _whole, dict.fromkeys(names, ">=1.5"))
    bare = _typical(declarations, _bare, dict.fromkeys(names, "<1"))
    whole = _typical(declarations, _whole, dict.fromkeys(names, "<1"))
    fresh = _typical(declarations, _whole, {name: f"<0.{number}" for number, name in enumerate(names, start=1)})
    lines = sorted({f"{need.name}{need.constraint}" for _, wanted in declarations for need in wanted})
    with serving(_index()) as index, tempfile.TemporaryDirectory(prefix="psmp-bench-") as folder:
        uv = [find_uv_bin(), "pip", "compile", "-q", "--no-config", "--cache-dir", f"{folder}/cache"]
        pip = [sys.executable, "-m", "pip", "install", "-q", "--dry-run", "--ignore-installed", "--isolated"]
        pip += ["--no-cache-dir", "--target", f"{folder}/target", "-r"]
        good = _written(Path(folder) / "fits.txt", [*lines, f"{names[0]}>=1.5"])
        bad = _written(Path(folder) / "clashes.txt", [*lines, f"{names[0]}<1"])
        _run([*uv, "--index-url", index.url, good])  # the first run fills the cache
        uv_fit, uv_clash = (median(_run([*uv, "--index-url", index.url, one]) for _ in range(5)) for one in (good, bad))
        pip_clash = _run([*pip, bad, "--index-url", index.url])
    return [
        Figure("peers: the check, a declaration that fits, p50", fit * 1e3, "ms"),
        Figure("peers: uv pip compile, warm", uv_fit * 1e3, "ms", note=_times(uv_fit, the_check=fit)),
        Figure(
            "peers: one that clashes, the bare verdict, p50", bare * 1e3, "ms", note="and one minimal set that clashes"
        ),
        Figure("peers: the same with all evidence and ways out, p50", whole * 1e3, "ms", 0.4),
        Figure("peers: the same, a constraint never seen, p50", fresh * 1e3, "ms"),
        Figure(
            "peers: uv pip compile, warm, one that clashes",
            uv_clash * 1e3,
            "ms",
            note=_times(uv_clash, the_bare_verdict=bare, the_whole=whole),
        ),
        Figure(
            "peers: pip install --dry-run, the same",
            pip_clash * 1e3,
            "ms",
            note=_times(pip_clash, the_bare_verdict=bare, the_whole=whole),
        ),
    ]


def _times(theirs: float, **ours: float) -> str:
    """How many times as long a resolver takes."""
    told = ", ".join(f"{theirs / each:,.0f} times {name.replace('_', ' ')}" for name, each in ours.items())
    return f"{told}{'; given up' if theirs >= PATIENCE else ''}; the aim is 1,000"


def _written(path: Path, lines: Sequence[str]) -> str:
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def _typical(
    declarations: list[engine.Needed], answered: Callable[[Standing, Declared], object], asked: Mapping[str, str]
) -> float:
    """Seconds, p50, for one more declaration of one need in a project at rest; each is taken back before the next."""
    standing = engine.filled(declarations)
    times = []
    for name, constraint in asked.items():
        newcomer = engine.ARTIFACTS, [Dependency(name=name, constraint=constraint)]
        begun = time.perf_counter()
        more = engine.declared(newcomer)
        answer = answered(standing, more)
        times.append(time.perf_counter() - begun)
        if bool(answer) != constraint.startswith("<"):
            raise RuntimeError(f"{name}{constraint} was answered with {answer}")
        standing.drop(more.artifact)
    return median(times)


def _whole(standing: Standing, more: Declared) -> Sequence[object]:
    """What clashes: all minimal sets with everybody in them, in words, and the ways out."""
    return standing.judge(more.artifact, standing.put(more)).clashes


def _bare(standing: Standing, more: Declared) -> Sequence[object]:
    """Whether anything clashes: one minimal set of constraints, as a resolver says no."""
    return [core for subject in standing.put(more).subjects if (core := standing.demands.core(subject))]


def _index() -> LittleIndex:
    return LittleIndex([Release(f"package-{number}", version) for number in range(engine.PACKAGES) for version in "05"])


def _run(command: Sequence[str]) -> float:
    """Seconds that a resolver takes to answer."""
    begun = time.perf_counter()
    try:
        subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return PATIENCE
    return time.perf_counter() - begun
