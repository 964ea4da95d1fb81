"""What the checker decides: the verdict on one declaration, with its evidence. Pure."""

from collections.abc import Iterable

from psmp.compat.direct import Clash, Fits
from psmp.words.events import ArtifactAccepted, ConflictCleared, ConflictDetected, Verdict
from psmp.words.values import Change, Conflict, Party, Severity, Suggestion
from psmp_checker.docket import Docket


def judge(docket: Docket, identity: str) -> Verdict | None:
    """The verdict on the case that the event ``identity`` made, as all declarations now stand.

    None when it was given before or there is nothing to say. One event says everything that follows: conflicts that the
    artifact is part of or that its change altered, and those that are gone. It is named by its weightiest consequence.
    """
    case = docket.pending.get(identity)
    if case is None:
        return None
    artifact, version = case.artifact, case.version
    found, cleared = _compared(docket, artifact, case.touched)
    fits = _fits(docket, artifact)
    witness = {name: fits[name].witness for name in docket.demands.shared(artifact) if name in fits}
    warnings = tuple(
        f"{name}: only pre-releases satisfy everybody" for name, fit in fits.items() if fit.prerelease_only
    )
    unchecked = docket.unchecked.get(artifact, ())
    if found:
        return ConflictDetected(
            artifact=artifact, version=version, conflicts=found, cleared=cleared, warnings=warnings, unchecked=unchecked
        )
    if cleared:
        return ConflictCleared(
            artifact=artifact, version=version, cleared=cleared, witness=witness, warnings=warnings, unchecked=unchecked
        )
    if case.withdrawal:
        return None
    return ArtifactAccepted(artifact=artifact, version=version, witness=witness, warnings=warnings, unchecked=unchecked)


def _fits(docket: Docket, artifact: str) -> dict[str, Fits]:
    """What fits, of the packages that the artifact needs, with what is left for everybody."""
    names = sorted({requirement.name for requirement in docket.demands.of(artifact)})
    verdicts = ((name, docket.demands.verdict(name)) for name in names)
    return {name: verdict for name, verdict in verdicts if isinstance(verdict, Fits)}


def _compared(docket: Docket, artifact: str, touched: Iterable[str]) -> tuple[tuple[Conflict, ...], tuple[str, ...]]:
    """The conflicts to be told, and the ids of those that are gone, looking at the touched packages alone."""
    known = {conflict.subject: conflict for conflict in docket.conflicts.values()}
    clashes = {clash.subject: clash for clash in docket.demands.clashes(touched)}
    number = docket.detected
    told: list[Conflict] = []
    for subject, clash in clashes.items():
        before = known.get(subject)
        number += before is None
        conflict = _conflict(docket, clash, before.id if before else f"C-{number}")
        if conflict != before or any(artifact == party.artifact for party in conflict.parties):
            told.append(conflict)
    cleared = tuple(known[subject].id for subject in touched if subject in known and subject not in clashes)
    return tuple(told), cleared


def _conflict(docket: Docket, clash: Clash, name: str) -> Conflict:
    return Conflict(
        id=name,
        kind="version",
        ecosystem="pypi",
        subject=clash.subject,
        scope="runtime",
        severity=Severity.CRITICAL,
        environments=docket.environments,
        causes=clash.causes,
        parties=tuple(
            Party(
                artifact=each.artifact,
                version=docket.versions[each.artifact],
                agent=each.agent,
                constraint=each.constraint,
                purpose=each.purpose,
                sequence=each.position,
            )
            for each in clash.parties
        ),
        text=clash.text,
        suggestions=tuple(
            Suggestion(
                n=each.n,
                changes=tuple(
                    Change(artifact=step.artifact, agent=step.agent, name=step.name, constraint=step.new)
                    for step in each.changes
                ),
                text=each.text,
            )
            for each in clash.suggestions
        ),
        complete=clash.complete,
    )
