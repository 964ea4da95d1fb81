"""The answer to a transitive check, as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psmp.deep.clashes import Clash
from psmp.deep.problem import Group, Root
from psmp.deep.solution import Package
from psmp.words.values import Target

Verdict = Literal["compatible", "conflict", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one problem.

    ``packages`` is what can be installed together where it is compatible. ``reason`` says in plain words why it is
    unknown. ``notes`` is what to know besides; ``told`` how uv said it, which is not for machines. ``roots`` are the
    artifacts that it is about.
    """

    environment: str | None
    target: Target
    group: Group
    verdict: Verdict
    packages: tuple[Package, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()
    told: str = ""
    roots: tuple[Root, ...] = ()

    @property
    def place(self) -> str:
        """Where it was asked, as a person names it."""
        inside = f"{self.environment} on " if self.environment else ""
        return f"{inside}{self.target}{' with dev' if self.group == 'dev' else ''}"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer to all that was asked; ``digest`` names the question.

    ``exclude_newer`` is the moment at which the index was looked at, if one was fixed: only then the same question has
    the same answer for ever.
    """

    digest: str
    exclude_newer: datetime | None
    findings: tuple[Finding, ...]
    clashes: tuple[Clash, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """A proven conflict outweighs what is unknown, and that outweighs what is compatible."""
        verdicts = {finding.verdict for finding in self.findings}
        return "conflict" if "conflict" in verdicts else "unknown" if "unknown" in verdicts else "compatible"

    @property
    def unknown(self) -> tuple[str, ...]:
        """What is not known and why, a line each."""
        return tuple(f"{each.place}: {each.reason}" for each in self.findings if each.verdict == "unknown")
