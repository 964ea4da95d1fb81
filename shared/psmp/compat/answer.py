"""The answer to a set of declarations: can they stand together. The engine of ``psmp check``."""

from collections.abc import Iterator, Sequence

from psmp.compat import evidence, needs
from psmp.compat.standing import Judgement, Standing
from psmp.words.checks import CheckAnswer, CheckSet, CheckVerdict
from psmp.words.values import Target


def answer(asked: CheckSet, targets: Sequence[Target]) -> CheckAnswer:
    """Whether all of a set can stand together, in its own targets or else in ``targets``.

    A party's ``sequence`` is the place of its declaration in the set, from 1.
    """
    standing = Standing(asked.targets or targets)
    errors = tuple(_read(asked, standing))
    if errors:
        return CheckAnswer(id=asked.id, verdict="invalid", errors=errors)
    found = standing.judge_all()
    versions = {declaration.artifact: 1 for declaration in asked.declarations}
    return CheckAnswer(
        id=asked.id,
        verdict=_verdict(found),
        conflicts=tuple(
            evidence.conflict(clash, f"C-{number}", versions) for number, clash in enumerate(found.clashes, 1)
        ),
        witness=dict(found.witness),
        warnings=found.warnings,
        unknown=found.unknown,
    )


def _read(asked: CheckSet, standing: Standing) -> Iterator[str]:
    """Put every declaration where it belongs; what is wrong with them, each with its place."""
    seen: dict[str, int] = {}
    for place, declaration in enumerate(asked.declarations):
        artifact, where = declaration.artifact, f"/declarations/{place}"
        if artifact in seen:
            yield f"{where}/artifact: {artifact} is declared already, at /declarations/{seen[artifact]}"
            continue
        seen[artifact] = place
        faults: list[needs.InvalidNeed] = []
        own = declaration.environment or ""
        wanted = needs.read(
            artifact,
            declaration.agent or artifact,
            declaration.dependencies,
            requires_python=declaration.requires_python,
            environment=own,
            position=place + 1,
            faults=faults,
        )
        standing.put(artifact, wanted, own)
        yield from (f"{where}{fault}" for fault in faults)


def _verdict(found: Judgement) -> CheckVerdict:
    if found.clashes:
        return "conflict"
    return "unknown" if found.unknown else "compatible"
