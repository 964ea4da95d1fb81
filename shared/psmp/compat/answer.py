"""The answer to a set of declarations: can they stand together. The engine of ``psmp check``."""

from collections.abc import Iterator, Sequence

from psmp.compat import evidence, needs
from psmp.compat.standing import Declared, Judgement, Standing, unreadable
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
    versions = {declaration.artifact: 1 for declaration in asked.declarations}
    found = standing.judge_all(versions)
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
        agent = declaration.agent or artifact
        wanted = needs.read(
            artifact,
            agent,
            declaration.dependencies,
            requires_python=declaration.requires_python,
            environment=own,
            position=place + 1,
            faults=faults,
        )
        standing.put(Declared(artifact, agent, place + 1, wanted, declaration.paths, own))
        yield from (f"{where}{fault}" for fault in faults)
        for number, claim in enumerate(declaration.paths):
            fault = unreadable(claim)
            if fault is not None:
                yield f"{where}/paths/{number}: {fault}"


def _verdict(found: Judgement) -> CheckVerdict:
    if found.clashes:
        return "conflict"
    return "unknown" if found.unknown else "compatible"
