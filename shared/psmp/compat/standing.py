"""How a project stands: everything that is declared, kept so that one more declaration is judged at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from psmp.compat.demands import Demands
from psmp.compat.direct import Clash
from psmp.compat.environments import Environments
from psmp.compat.requirement import Requirement, Subject
from psmp.words.values import Target


@dataclass(frozen=True, slots=True)
class Judgement:
    """What there is to say of one artifact, as all declarations stand.

    ``clashes`` are those on the subjects that were asked about. ``witness`` maps each subject that the artifact shares
    with others, and that does not clash, to a range that all admit. ``unknown`` says what cannot be known, and why.
    """

    clashes: tuple[Clash, ...]
    witness: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Standing:
    """The declarations of a project; changed in place, it answers as a check from scratch would."""

    __slots__ = ("demands", "unread")

    def __init__(self, targets: Sequence[Target]) -> None:
        self.demands = Demands(Environments(targets))
        self.unread: dict[str, tuple[str, ...]] = {}

    def put(
        self,
        artifact: str,
        requirements: Iterable[Requirement],
        environment: str = "",
        unread: Iterable[str] = (),
    ) -> tuple[Subject, ...]:
        """From now on ``artifact`` is declared so, in the place of what it was; the subjects that this touches.

        ``unread`` says what else it needs that cannot be read; that is never passed over in silence.
        """
        left_out = tuple(unread)
        if left_out:
            self.unread[artifact] = left_out
        else:
            self.unread.pop(artifact, None)
        return self.demands.put(artifact, requirements, environment)

    def drop(self, artifact: str) -> tuple[Subject, ...]:
        """Forget ``artifact``, if it is known; the subjects that this touches."""
        return self.put(artifact, ())

    def judge(self, artifact: str, touched: Iterable[Subject]) -> Judgement:
        """What there is to say of ``artifact``, which has just touched these subjects."""
        own = self.demands.subjects(artifact)
        return self._judged({*touched, *own}, frozenset(own), self.unread.get(artifact, ()))

    def judge_all(self) -> Judgement:
        """What there is to say of everything."""
        everything = self.demands.everything
        return self._judged(everything, frozenset(everything), chain.from_iterable(self.unread.values()))

    def _judged(self, subjects: Iterable[Subject], own: Collection[Subject], unread: Iterable[str]) -> Judgement:
        """Of ``subjects`` the clashes, and of ``own`` all the rest."""
        clashes: list[Clash] = []
        witness: dict[str, str] = {}
        warnings: list[str] = []
        unknown = list(unread)
        for subject in sorted(subjects):
            finding = self.demands.find(subject)
            clashes.extend(finding.clashes)
            if subject in own:
                warnings.extend(finding.warnings)
                warnings.extend(self._alike(subject))
                unknown.extend(finding.unknown)
                if not finding.clashes and self.demands.is_shared(subject):
                    witness[subject.label] = self.demands.witness(subject)
        return Judgement(tuple(clashes), witness, tuple(warnings), tuple(unknown))

    def _alike(self, subject: Subject) -> Iterable[str]:
        others = self.demands.lookalikes(subject)
        if others:
            yield f"lookalike: {subject.label}: easily taken for {', '.join(others)}, which is declared too"
        if not subject.name.isascii():
            yield f"lookalike: {subject.label}: has letters that are not Latin, as no package here should"
