"""How a project stands: everything that is declared, kept so that one more declaration is judged at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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

    __slots__ = ("demands",)

    def __init__(self, targets: Sequence[Target]) -> None:
        self.demands = Demands(Environments(targets))

    def put(self, artifact: str, requirements: Iterable[Requirement], environment: str = "") -> tuple[Subject, ...]:
        """From now on ``artifact`` is declared so, in the place of what it was; the subjects that this touches."""
        return self.demands.put(artifact, requirements, environment)

    def drop(self, artifact: str) -> tuple[Subject, ...]:
        """Forget ``artifact``, if it is known; the subjects that this touches."""
        return self.demands.drop(artifact)

    def judge(self, artifact: str, touched: Iterable[Subject]) -> Judgement:
        """What there is to say of ``artifact``, which has just touched these subjects."""
        own = self.demands.subjects(artifact)
        clashes: list[Clash] = []
        witness: dict[str, str] = {}
        warnings: list[str] = []
        unknown: list[str] = []
        for subject in sorted({*touched, *own}):
            finding = self.demands.find(subject)
            clashes.extend(finding.clashes)
            if subject in own:
                warnings.extend(finding.warnings)
                unknown.extend(finding.unknown)
                if not finding.clashes and self.demands.is_shared(subject):
                    witness[subject.label] = self.demands.witness(subject)
        warnings.extend(self._alike(own))
        return Judgement(tuple(clashes), witness, tuple(warnings), tuple(unknown))

    def _alike(self, subjects: Iterable[Subject]) -> Iterable[str]:
        for subject in subjects:
            others = self.demands.lookalikes(subject)
            if others:
                yield f"lookalike: {subject.label}: easily taken for {', '.join(others)}, which is declared too"
            if not subject.name.isascii():
                yield f"lookalike: {subject.label}: has letters that are not Latin, as no package here should"
