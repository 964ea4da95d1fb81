"""How a project stands: everything that is declared, kept so that one more declaration is judged at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from psmp.compat.demands import Demands
from psmp.compat.direct import Clash
from psmp.compat.environments import Environments
from psmp.compat.paths.clashes import PathClash
from psmp.compat.paths.index import PathIndex
from psmp.compat.paths.names import InvalidPath
from psmp.compat.requirement import Requirement, Subject
from psmp.words.values import PathClaim, Target


class Declared(NamedTuple):
    """One artifact's declaration: who made it, where in the log (or in a set), and what it needs and touches.

    ``environment`` is the named one that it has for itself. ``unread`` says what it needs that cannot be read.
    """

    artifact: str
    agent: str
    position: int
    requirements: Iterable[Requirement] = ()
    claims: Iterable[PathClaim] = ()
    environment: str = ""
    unread: Iterable[str] = ()


class Touched(NamedTuple):
    """On what a declaration may have changed the verdict: packages (and the interpreter), and paths."""

    subjects: tuple[Subject, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What there is to say of one artifact, or of all, as all declarations stand.

    ``clashes`` are those on what was asked about. ``witness`` maps each subject that several need, and that does not
    clash, to a range that all admit. ``unknown`` says what cannot be known, and why.
    """

    clashes: tuple[Clash | PathClash, ...]
    witness: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Standing:
    """The declarations of a project; changed in place, it answers as a check from scratch would."""

    __slots__ = ("demands", "paths", "unread")

    def __init__(self, targets: Sequence[Target]) -> None:
        self.demands = Demands(Environments(targets))
        self.paths = PathIndex()
        self.unread: dict[str, tuple[str, ...]] = {}

    def put(self, declared: Declared) -> Touched:
        """From now on the artifact is declared so, in the place of what it was; what this touches.

        What cannot be read of it is not passed over in silence: it stays unknown.
        """
        unread = list(declared.unread)
        paths = self._claim(declared, unread)
        subjects = self.demands.put(declared.artifact, declared.requirements, declared.environment)
        if unread:
            self.unread[declared.artifact] = tuple(unread)
        else:
            self.unread.pop(declared.artifact, None)
        return Touched(subjects, paths)

    def drop(self, artifact: str) -> Touched:
        """Forget ``artifact``, if it is known; what this touches."""
        return self.put(Declared(artifact, "", 1))

    def judge(self, artifact: str, touched: Touched) -> Judgement:
        """What there is to say of ``artifact``, which has just touched this."""
        return self._judged(touched, frozenset(self.demands.subjects(artifact)), (artifact,))

    def judge_several(self, artifacts: Collection[str], touched: Touched) -> Judgement:
        """What there is to say of ``artifacts``, which together have just touched this."""
        own = chain.from_iterable(map(self.demands.subjects, artifacts))
        return self._judged(touched, frozenset(own), artifacts)

    def judge_all(self, artifacts: Collection[str]) -> Judgement:
        """What there is to say of everything; ``artifacts`` are all that were put."""
        everything = self.demands.everything
        paths = sorted({claim.key for artifact in artifacts for claim in self.paths.of(artifact)})
        return self._judged(Touched(everything, tuple(paths)), frozenset(everything), artifacts)

    def _claim(self, declared: Declared, unread: list[str]) -> tuple[str, ...]:
        artifact, agent, position = declared.artifact, declared.agent, declared.position
        claims = tuple(declared.claims)
        try:
            return self.paths.put(artifact, agent, position, claims)
        except InvalidPath:
            faults = {place: fault for place, claim in enumerate(claims) if (fault := unreadable(claim))}
            unread.extend(map(str, faults.values()))
            good = [claim for place, claim in enumerate(claims) if place not in faults]
            return self.paths.put(artifact, agent, position, good)

    def _judged(self, touched: Touched, own: Collection[Subject], artifacts: Iterable[str]) -> Judgement:
        """The clashes on what was touched, and all the rest on what these artifacts have of their own."""
        asked = frozenset(touched.subjects)
        clashes: list[Clash | PathClash] = []
        witness: dict[str, str] = {}
        warnings: list[str] = []
        unknown = list(chain.from_iterable(self.unread.get(artifact, ()) for artifact in artifacts))
        for subject in sorted({*touched.subjects, *own}):
            finding = self.demands.find(subject)
            if subject in asked:
                clashes.extend(finding.clashes)
            if subject in own:
                warnings.extend(finding.warnings)
                warnings.extend(self._alike(subject))
                unknown.extend(finding.unknown)
                if not finding.clashes and self.demands.is_shared(subject):
                    witness[subject.label] = self.demands.witness(subject)
        clashes.extend(self.paths.clashes(touched.paths))
        warnings.extend(chain.from_iterable(map(self.paths.warnings, artifacts)))
        doubts = chain.from_iterable(map(self.paths.unknowns, artifacts))
        unknown.extend(f"{doubt.path}: {doubt.reason}" for doubt in doubts)
        return Judgement(tuple(clashes), witness, _once(warnings), _once(unknown))

    def _alike(self, subject: Subject) -> Iterable[str]:
        others = self.demands.lookalikes(subject)
        if others:
            yield f"lookalike: {subject.label}: easily taken for {', '.join(others)}, which is declared too"
        if not subject.name.isascii():
            yield f"lookalike: {subject.label}: has letters that are not Latin, as no package here should"


def unreadable(claim: PathClaim) -> InvalidPath | None:
    """What is wrong with a claim, if anything is."""
    try:
        PathIndex().put("a", "a", 1, (claim,))
    except InvalidPath as fault:
        return fault
    return None


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
