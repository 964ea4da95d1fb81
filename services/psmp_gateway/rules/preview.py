"""What would come of a way out of a conflict: tried by the engine on what stands declared, before anything is sent."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from psmp.rules.access import governs, owners
from psmp.rules.plans import plans
from psmp.rules.project import Project
from psmp.rules.resolutions import merging
from psmp.rules.status import recalled
from psmp.rules.trial import Good, tried
from psmp.words.answers import Status
from psmp.words.commands import Changes
from psmp.words.ids import Id
from psmp.words.values import Change, Conflict, LongText, Word
from psmp_gateway.rules.answers import ALSO_CALLED


class Intention(Word):
    """A way out as it would be asked for; the reason may be left out. Nothing of it is kept."""

    strategy: Annotated[
        Literal["accept", "change", "merge", "waive", "escalate", "retry", "accept-suggestion", "override"],
        AfterValidator(lambda said: ALSO_CALLED.get(said, said)),
    ]
    suggestion: Annotated[int, Field(ge=1)] | None = None
    changes: Changes | None = None
    into: Id | None = None
    seconds: Annotated[int, Field(ge=1, le=31_536_000)] | None = None
    seen: Annotated[int, Field(ge=1)] | None = None
    reason: LongText = ""


class Foreseen(Word):
    """What would come of it, as of ``sequence``.

    ``does`` is whether it would be done, ``reason`` why not. ``cleared`` are the conflicts that it clears,
    ``otherwise`` those that would go on otherwise than they are, ``blocking`` those that would block the project after
    it. ``asked`` are the owners of what it changes who would have to agree. ``allowed``: whoever asks may take it;
    else ``deciding`` may.
    """

    conflict: str
    sequence: int
    does: bool
    reason: str = ""
    changes: tuple[Change, ...] = ()
    cleared: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    blocking: tuple[str, ...] = ()
    asked: tuple[Id, ...] = ()
    allowed: bool = True
    deciding: tuple[Id, ...] = ()


def foreseen(status: Status, conflict: Conflict, agent: str, wanted: Intention) -> Foreseen:
    """What would come of ``wanted`` if ``agent`` asked for it, as the project stood at ``status``."""
    project = recalled(status)
    governing = governs(project, agent)
    party = any(each.agent == agent for each in conflict.parties)
    before = _blockers(status, project)
    about: dict[str, Any] = {
        "conflict": conflict.id,
        "sequence": status.sequence,
        "deciding": tuple(sorted({project.creator, *(project.policy.resolvers or ())} - {""})),
    }
    told = status.told.get(conflict.id, 0)
    if wanted.seen is not None and told > wanted.seen:
        why = f"{conflict.id} has changed at event {told}, it was looked at as of event {wanted.seen}"
        return Foreseen(**about, does=False, reason=why, blocking=before)
    match wanted.strategy:
        case "waive":
            left = tuple(each for each in before if each != conflict.id)
            return Foreseen(**about, does=True, blocking=left, allowed=governing)
        case "escalate":
            return Foreseen(**about, does=True, blocking=before, allowed=governing or party)
        case "retry":
            best = next(plans(project, conflict, agent), None)
            if best is None:
                why = f"none of its {len(conflict.suggestions)} suggestions would do now"
                return Foreseen(**about, does=False, reason=why, blocking=before, allowed=governing or party)
            return Foreseen(**about, **_good(best.good, before), asked=best.asked, allowed=governing or party)
        case _:
            changes = _changes(conflict, wanted)
            if isinstance(changes, str):
                return Foreseen(**about, does=False, reason=changes, blocking=before)
            others = owners(project, (each for each in changes if each.artifact in project.artifacts), agent)
            allowed = governing or not others
            found = tried(project, conflict, changes, wanted.reason)
            if isinstance(found, Good):
                return Foreseen(**about, **_good(found, before), allowed=allowed)
            return Foreseen(**about, does=False, reason=found.reason, changes=changes, blocking=before, allowed=allowed)


def _good(found: Good, before: tuple[str, ...]) -> dict[str, Any]:
    return {
        "does": True,
        "changes": found.changes,
        "cleared": found.cleared,
        "otherwise": tuple(each.id for each in found.conflicts),
        "blocking": tuple(each for each in before if each not in found.cleared),
    }


def _changes(conflict: Conflict, wanted: Intention) -> tuple[Change, ...] | str:
    """What is to be changed; or why that cannot be said."""
    if wanted.strategy == "accept":
        found = next((each for each in conflict.suggestions if each.n == wanted.suggestion), None)
        return found.changes if found else f"{conflict.id} has no suggestion {wanted.suggestion or 'that is named'}"
    if wanted.strategy == "change":
        return wanted.changes or "it does not say what is to be changed"
    if conflict.kind != "path":
        return f"{conflict.id} is no conflict on a path, there is nothing to merge"
    parties = dict.fromkeys(each.artifact for each in conflict.parties)
    if wanted.into not in parties:
        return f"{wanted.into or 'nothing'} is no party to {conflict.id}; merge into one of: {', '.join(parties)}"
    return merging(conflict, wanted.into)


def _blockers(status: Status, project: Project) -> tuple[str, ...]:
    """What blocks now: a status tells what is waived apart."""
    waived = {each.conflict for each in status.waivers}
    return tuple(each for each in project.blockers if each not in waived)
