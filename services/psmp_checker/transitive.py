"""What a transitive check is asked, and what is written when it was answered. Pure.

Clashes come first, one event for all of them, and the verdict last: whoever is interrupted in between finds the rest
still to be said when it decides again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from psmp.compat.requirement import PYTHON, Requirement
from psmp.deep.clashes import Clash, Origin, as_conflict
from psmp.deep.resolution import Resolution
from psmp.rules import conflicts
from psmp.words.checks import Declaration
from psmp.words.envelope import written
from psmp.words.events import (
    Compatibility,
    CompatibilityChecked,
    CompatibilityStarted,
    ConflictCleared,
    ConflictDetected,
)
from psmp.words.values import Conflict, Dependency, Target
from psmp_checker.docket import Docket

FAMILY: Final = "transitive"
MOST_SAID: Final = 50
"""How many reasons and how many notes an event carries; a project has 20 targets at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """All that stood declared at event ``sequence``, in ``targets``; ``unread`` is what of it cannot be read."""

    sequence: int
    targets: tuple[Target, ...]
    needs: tuple[tuple[str, tuple[Requirement, ...]], ...]
    environments: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    def declarations(self) -> tuple[Declaration, ...]:
        """The declarations as the resolver is asked about them; of thousands of needs that takes a while."""
        return tuple(
            declaration(artifact, requirements, self.environments.get(artifact, ""))
            for artifact, requirements in self.needs
        )

    @property
    def origins(self) -> dict[str, Origin]:
        """Where each artifact's declaration stands."""
        return {
            artifact: Origin(self.versions[artifact], requirements[0].position) for artifact, requirements in self.needs
        }


@dataclass(frozen=True, slots=True)
class Answered:
    """What the resolver said of ``asked``, over ``index`` (without a name and password)."""

    asked: Asked
    resolution: Resolution
    index: str

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """What the direct check does not tell of already."""
        return tuple(clash for clash in self.resolution.clashes if clash.kind != "version")

    @property
    def verdict(self) -> Compatibility:
        """Compatible only if nothing at all is unknown; in conflict only if there is one to be told."""
        if self.clashes:
            return "conflict"
        return "unknown" if self.unknown else "compatible"

    @property
    def unknown(self) -> tuple[str, ...]:
        """What is not known, and why."""
        repeated = [
            f"the resolver alone finds: {each.text}" for each in self.resolution.clashes if each.kind == "version"
        ]
        return _most((*self.resolution.unknown, *self.asked.unread, *repeated))


def question(docket: Docket) -> Asked:
    """Everything that stands declared now."""
    demands = docket.standing.demands
    needs = tuple((name, wanted) for name in sorted(docket.versions) if (wanted := demands.of(name)))
    unread = (f"{name}: {text}" for name, texts in sorted(docket.standing.unread.items()) for text in texts)
    return Asked(
        docket.changed,
        docket.targets or (Target(),),
        needs,
        {name: demands.environment_of(name) for name, _ in needs},
        {name: docket.versions[name] for name, _ in needs},
        tuple(unread),
    )


def declaration(artifact: str, requirements: Sequence[Requirement], environment: str = "") -> Declaration:
    """What was read into these requirements."""
    pythons = [each.ask.constraint for each in requirements if each.subject.ecosystem == PYTHON]
    return Declaration(
        artifact=artifact,
        agent=requirements[0].agent,
        dependencies=tuple(_dependency(each) for each in requirements if each.subject.ecosystem != PYTHON),
        requires_python=pythons[0] if pythons else None,
        environment=environment or None,
    )


def _dependency(requirement: Requirement) -> Dependency:
    subject, ask = requirement.subject, requirement.ask
    return Dependency(
        name=subject.name,
        constraint=ask.constraint,
        ecosystem="npm" if subject.ecosystem == "npm" else "pypi",
        scope=ask.scope,
        extras=tuple(ask.extras.split(",")) if ask.extras else (),
        marker=ask.marker or None,
        purpose=requirement.purpose,
        reference=ask.reference or None,
        location=requirement.location or None,
    )


def is_settled(docket: Docket, sequence: int) -> bool:
    """Whether nobody need ask about what stood declared at event ``sequence``.

    It was answered; or the direct check has found needs that exclude each other, and the change that clears them asks.
    """
    checked = docket.checked
    answered = checked is not None and checked.sequence >= sequence and checked.verdict != "unknown"
    return answered or bool(conflicts.direct(docket.conflicts.values()))


def started(docket: Docket, asked: Asked, index: str, exclude_newer: str | None) -> CompatibilityStarted | None:
    """That the check begins; None where that was said of these declarations before."""
    before = docket.asked
    if before is not None and before.sequence >= asked.sequence and before.index == index:
        return None
    return CompatibilityStarted(sequence=asked.sequence, index=index, exclude_newer=exclude_newer)


def next_word(docket: Docket, answered: Answered) -> ConflictDetected | ConflictCleared | CompatibilityChecked | None:
    """What is to be written next because of the answer, as the log now stands; None when everything is said.

    An answer about what was declared before the latest change proves what it proves of artifacts that are as they were;
    it clears nothing. An older answer than the one that the log has says nothing, nor does one that knows less.
    """
    verdict, before, sequence = answered.verdict, docket.checked, answered.asked.sequence
    if before is not None and (
        before.sequence > sequence or (before.sequence == sequence and _knows_less(answered, before))
    ):
        return None
    told, gone = _compared(docket, answered)
    if told or gone:
        parties = told or gone
        artifact = _latest(docket, (party.artifact for each in parties for party in each.parties))
        version, cleared = docket.versions[artifact], tuple(each.id for each in gone)
        if told:
            return ConflictDetected(artifact=artifact, version=version, conflicts=told, cleared=cleared)
        return ConflictCleared(artifact=artifact, version=version, cleared=cleared)
    resolution = answered.resolution
    checked = CompatibilityChecked(
        sequence=sequence,
        verdict=verdict,
        reasons=answered.unknown,
        notes=_most(note for each in resolution.findings for note in each.notes),
        digest=resolution.digest,
        index=answered.index,
        exclude_newer=written(resolution.exclude_newer) if resolution.exclude_newer else None,
        packages=len({(each.name, each.version) for finding in resolution.findings for each in finding.packages}),
    )
    return None if _is_said(checked, before) else checked


def _knows_less(answered: Answered, before: CompatibilityChecked) -> bool:
    return answered.verdict == "unknown" and before.verdict != "unknown"


def _is_said(checked: CompatibilityChecked, before: CompatibilityChecked | None) -> bool:
    """What is unknown for the same reasons is said once, however often it is asked again."""
    if before is None or (checked.sequence, checked.verdict) != (before.sequence, before.verdict):
        return False
    return checked.verdict != "unknown" or (checked.reasons, checked.index) == (before.reasons, before.index)


def _compared(docket: Docket, answered: Answered) -> tuple[tuple[Conflict, ...], tuple[Conflict, ...]]:
    """The conflicts to be told, and those that are gone."""
    known = [each for each in docket.conflicts.values() if each.identity[0] == FAMILY]
    origins = answered.asked.origins
    found = [as_conflict(clash, "C-1", origins) for clash in answered.clashes if _stands(docket, answered.asked, clash)]
    number, told = docket.detected, []
    for conflict, before in _paired(found, known):
        number += before is None
        named = conflict.model_copy(update={"id": before.id if before else f"C-{number}"})
        if named != before:
            told.append(named)
    kept = {before.id for _, before in _paired(found, known) if before}
    gone = (each for each in known if each.id not in kept and _is_gone(docket, answered, each))
    return tuple(told), tuple(gone)


def _paired(found: Sequence[Conflict], known: Iterable[Conflict]) -> list[tuple[Conflict, Conflict | None]]:
    """Each conflict that was found with the open one that it is: of the same kind where there is one."""
    left, pairs = list(known), dict[int, Conflict]()
    for exactly in (True, False):
        for place, conflict in enumerate(found):
            same = (each for each in left if each.identity == conflict.identity)
            match = next((each for each in same if not exactly or each.kind == conflict.kind), None)
            if place not in pairs and match is not None:
                pairs[place] = match
                left.remove(match)
    return [(conflict, pairs.get(place)) for place, conflict in enumerate(found)]


def _stands(docket: Docket, asked: Asked, clash: Clash) -> bool:
    """Whether the artifacts of the clash are still as they were asked about, and were judged on their own.

    What clashed in other targets than there are now need not clash any more.
    """
    if asked.targets != (docket.targets or (Target(),)):
        return False
    waiting = {case.artifact for case in docket.pending.values() if not case.withdrawal}
    involved = {artifact for cause in clash.causes for artifact in cause}
    return not involved & waiting and all(docket.changes[each] <= asked.sequence for each in involved)


def _is_gone(docket: Docket, answered: Answered, conflict: Conflict) -> bool:
    """Whether an open conflict that was not found is no more: the answer settles it, or its proof is void."""
    if docket.changed > answered.asked.sequence:
        return False
    return _settles(answered.resolution, conflict) or is_void(docket, conflict)


def _settles(resolution: Resolution, conflict: Conflict) -> bool:
    """Whether the answer would have found the conflict if it were still there."""
    place = (conflict.environment, conflict.scope)
    findings = (each for each in resolution.findings if (each.environment, each.group) == place)
    verdicts = {each.verdict for each in findings if str(each.target) in conflict.environments}
    clashes = [each for each in resolution.clashes if (each.environment, each.group) == place]
    listed = bool(clashes) and all(each.complete for each in clashes)
    return "unknown" not in verdicts and (listed or "conflict" not in verdicts)


def is_void(docket: Docket, conflict: Conflict) -> bool:
    """Whether each cause of the conflict has an artifact that was amended or withdrawn since it was told."""
    sequences = {party.artifact: party.sequence for party in conflict.parties}
    return all(any(docket.changes[each] != sequences.get(each) for each in cause) for cause in conflict.causes)


def _latest(docket: Docket, artifacts: Iterable[str]) -> str:
    """The artifact that was declared last; one that was withdrawn only where there is no other."""
    demands = docket.standing.demands
    return max(set(artifacts), key=lambda each: (bool(demands.of(each)), docket.changes[each]))


def _most(texts: Iterable[str]) -> tuple[str, ...]:
    listed: Collection[str] = dict.fromkeys(texts)
    if len(listed) <= MOST_SAID:
        return tuple(listed)
    return (*tuple(listed)[: MOST_SAID - 1], f"and {len(listed) - MOST_SAID + 1} more")
