"""The direct check beside resolvers asked for the same verdict: uv and pip, warm, over an index on the loopback."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

from uv import find_uv_bin

from psmp.compat.standing import Standing
from psmp.words.values import Dependency
from tests.bench import engine
from tests.bench.figures import Figure
from tests.little_index import LittleIndex, Release, serving

PATIENCE: Final = 120.0
"""Seconds after which a resolver is given up."""


def peers() -> list[Figure]:
    """One declaration more in a project of 500 artifacts with 10 needs each: one that fits, and one that clashes."""
    random = Random(9)
    declarations = [engine.needed(random, number) for number in range(engine.ARTIFACTS)]
    standing = engine.filled(declarations)
    name = next(need.name for _, wanted in declarations for need in wanted if need.constraint.startswith(">="))
    fits, clashes = (
        (engine.ARTIFACTS, [Dependency(name=name, constraint=constraint)]) for constraint in (">=1.5", "<1")
    )
    fit = median(_judged(standing, fits) for _ in range(200))
    clash = median(_judged(standing, clashes) for _ in range(200))
    lines = sorted({f"{need.name}{need.constraint}" for _, wanted in declarations for need in wanted})
    with serving(_index()) as index, tempfile.TemporaryDirectory(prefix="psmp-bench-") as folder:
        uv = [find_uv_bin(), "pip", "compile", "-q", "--no-config", "--cache-dir", f"{folder}/cache"]
        pip = [sys.executable, "-m", "pip", "install", "-q", "--dry-run", "--ignore-installed", "--isolated"]
        pip += ["--no-cache-dir", "--target", f"{folder}/target", "-r"]
        good = _written(Path(folder) / "fits.txt", [*lines, f"{name}>=1.5"])
        bad = _written(Path(folder) / "clashes.txt", [*lines, f"{name}<1"])
        _run([*uv, "--index-url", index.url, good])  # the first run fills the cache
        uv_fit, uv_clash = (median(_run([*uv, "--index-url", index.url, one]) for _ in range(5)) for one in (good, bad))
        pip_clash = _run([*pip, bad, "--index-url", index.url])
    return [
        Figure("peers: the check, a declaration that fits, p50", fit * 1e3, "ms"),
        Figure("peers: uv pip compile, warm", uv_fit * 1e3, "ms", note=_times(uv_fit, fit)),
        Figure("peers: the check, one that clashes, with evidence, p50", clash * 1e3, "ms"),
        Figure("peers: uv pip compile, warm", uv_clash * 1e3, "ms", note=_times(uv_clash, clash)),
        Figure("peers: pip install --dry-run", pip_clash * 1e3, "ms", note=_times(pip_clash, clash)),
    ]


def _times(theirs: float, ours: float) -> str:
    given_up = ", and was given up" if theirs >= PATIENCE else ""
    return f"{theirs / ours:,.0f} times the check{given_up}; the aim is 1,000"


def _written(path: Path, lines: Sequence[str]) -> str:
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def _judged(standing: Standing, newcomer: engine.Needed) -> float:
    begun = time.perf_counter()
    more = engine.declared(newcomer)
    standing.judge(more.artifact, standing.put(more))
    taken = time.perf_counter() - begun
    standing.drop(more.artifact)
    return taken


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
