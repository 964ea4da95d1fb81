"""The answer to a set of declarations with the resolver's verdict added to that of the direct check."""

from collections.abc import Iterator, Sequence

from psmp.deep.clashes import Clash, Origin, as_conflict
from psmp.deep.resolution import Resolution
from psmp.words.checks import CheckAnswer, CheckVerdict, Declaration
from psmp.words.values import Conflict


def joined(direct: CheckAnswer, found: Resolution, declarations: Sequence[Declaration]) -> CheckAnswer:
    """What ``direct`` says, and what ``found`` says of the same ``declarations`` besides.

    Clashes are numbered on. Those of kind ``version`` are the direct check's to tell; should it have told of none, they
    make the answer unknown, never compatible. Where an index shows that fewer clash already, because what would satisfy
    them was never published, that takes the place of the direct conflict. A party's ``sequence`` is the place of its
    declaration, from 1.
    """
    origins = {each.artifact: Origin(1, place) for place, each in enumerate(declarations, 1)}
    told = [clash for clash in found.clashes if clash.kind != "version"]
    kept = [conflict for conflict in direct.conflicts if not _outdone(conflict, told)]
    conflicts = (
        *(each.model_copy(update={"id": f"C-{number}"}) for number, each in enumerate(kept, 1)),
        *(as_conflict(clash, f"C-{number}", origins) for number, clash in enumerate(told, len(kept) + 1)),
    )
    unknown = (*direct.unknown, *found.unknown, *(() if direct.conflicts else _disputed(found)))
    verdict: CheckVerdict = "compatible"
    if conflicts:
        verdict = "conflict"
    elif unknown or found.verdict != "compatible":
        verdict = "unknown"
    return direct.model_copy(
        update={
            "verdict": verdict,
            "conflicts": conflicts,
            "warnings": (*direct.warnings, *remarks(found)),
            "unknown": unknown,
        }
    )


def _outdone(conflict: Conflict, told: Sequence[Clash]) -> bool:
    """Whether every cause of a direct conflict on a package holds a smaller one that the index knows."""
    smaller = [set(cause) for each in told if each.subject == conflict.subject for cause in each.causes]
    return conflict.kind == "version" and all(any(one < set(cause) for one in smaller) for cause in conflict.causes)


def _disputed(found: Resolution) -> Iterator[str]:
    for clash in found.clashes:
        if clash.kind == "version":
            yield f"the resolver says what the direct check does not: {clash.text}"


def remarks(found: Resolution) -> Iterator[str]:
    """What to know besides, a line each with the places that it is about; not what is told as a reason."""
    places: dict[str, list[str]] = {}
    for finding in found.findings:
        for note in finding.notes:
            if note != finding.reason:
                places.setdefault(note, []).append(finding.place)
    yield from (f"{', '.join(where)}: {note}" for note, where in places.items())
