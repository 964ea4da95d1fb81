"""For measures that take minutes: how far they are, on the terminal, and their times beside their limits."""

import sys
import time
from collections.abc import Callable

EVERY = 2.0
"""Seconds between two words of how far it is."""


def progress(what: str, whole: int) -> Callable[[int], None]:
    """Says now and then, on standard error, how much is ``done`` of the whole."""
    begun = told = time.monotonic()

    def tell(done: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= EVERY:
            told = now
            left = (whole - done) * (now - begun) / max(done, 1)
            sys.stderr.write(f"  {what}: {done:,} of {whole:,}, {left:,.0f} s left\n")

    return tell


def say(what: str, count: int, seconds: float, limit: str = "") -> None:
    """One time, and what it is held against."""
    beside = f"  {limit}" if limit else ""
    sys.stdout.write(f"{count:>10,} events {what:<28} {seconds:8.1f} s  {count / seconds:>9,.0f}/s{beside}\n")
    sys.stdout.flush()
