"""What a declaration says that its artifact needs, read into requirements; every fault with its place."""

from collections.abc import Iterable
from functools import lru_cache

from psmp.compat import environments, references
from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.ecosystems import ECOSYSTEMS, canonical
from psmp.compat.requirement import PYTHON, Ask, Requirement, Subject, interned
from psmp.words.values import Dependency, Ecosystem


class InvalidNeed(ValueError):
    """A need cannot be read: ``place`` is a JSON pointer into the declaration, ``fault`` what is wrong there."""

    def __init__(self, place: str, name: str, fault: InvalidConstraint) -> None:
        super().__init__(place, name, fault)
        self.place, self.name, self.fault = place, name, fault

    def __str__(self) -> str:
        """Say what is wrong, and where."""
        return f"{self.place}, {self.name}: {self.fault}"


def read(
    artifact: str,
    agent: str,
    dependencies: Iterable[Dependency],
    *,
    requires_python: str | None = None,
    environment: str | None = None,
    position: int = 0,
    faults: list[InvalidNeed] | None = None,
) -> tuple[Requirement, ...]:
    """The requirements of one declaration.

    Raises ``InvalidNeed`` for the first that is none; with ``faults`` it puts them there and goes on with the rest.
    """
    found: list[Requirement] = []
    for place, need in enumerate(dependencies):
        try:
            ask = _ask(place, need)
        except InvalidNeed as fault:
            _keep(fault, faults)
            continue
        on = about(need, environment or "")
        found.append(Requirement(artifact, agent, on, ask, need.purpose, need.location or "", position))
    if requires_python:
        python = subject(PYTHON, PYTHON)
        try:
            python.algebra.parse(requires_python)
            found.append(Requirement(artifact, agent, python, interned(Ask(requires_python)), position=position))
        except InvalidConstraint as fault:
            _keep(InvalidNeed("/requires_python", PYTHON, fault), faults)
    return tuple(found)


def _keep(fault: InvalidNeed, faults: list[InvalidNeed] | None) -> None:
    if faults is None:
        raise fault
    faults.append(fault)


def about(need: Dependency, environment: str = "") -> Subject:
    """What a dependency is on."""
    return _about(need.ecosystem, need.name, environment)


@lru_cache(maxsize=8192)
def _about(ecosystem: Ecosystem, name: str, environment: str) -> Subject:
    return subject(ecosystem, ECOSYSTEMS[ecosystem].canonical(name), environment)


@lru_cache(maxsize=8192)
def subject(*parts: str) -> Subject:
    """The one object of all subjects that have these parts."""
    return Subject(*parts)  # type: ignore[arg-type]


def _ask(place: int, need: Dependency) -> Ask:
    """What is asked; constraint, marker and reference are valid, the reference in its one spelling."""
    field = "constraint"
    try:
        ECOSYSTEMS[need.ecosystem].parse(need.constraint)
        field = "marker"
        if need.marker is not None:
            environments.read(need.marker)
        field = "reference"
        reference = _reference(need) if need.reference is not None else ""
    except InvalidConstraint as fault:
        raise InvalidNeed(f"/dependencies/{place}/{field}", need.name, fault) from None
    extras = ",".join(sorted({canonical(each) for each in need.extras})) if need.extras else ""
    return interned(Ask(need.constraint, need.scope, need.marker or "", reference, extras))


def _reference(need: Dependency) -> str:
    text = need.reference or ""
    if need.constraint:
        hint = "leave the constraint out: the reference names the one thing that will do"
        raise InvalidConstraint(text, 0, "it stands beside a constraint", hint, references.KIND)
    return references.canonical(text)
