"""Single changes to what an artifact is declared to need and to touch; all the rest stays."""

from packaging.utils import canonicalize_name

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.compat.changed import named, without
from psmp.words.values import Dependency, PathClaim


def needs_after(
    kept: tuple[Dependency, ...], changes: tuple[Dependency, ...], drop: tuple[str, ...]
) -> tuple[Dependency, ...]:
    """The needs with single ones changed in place, added at the end where they are new, or taken out.

    A change that says no purpose leaves the one there was. Raises ``Complaint`` for what is not there to be dropped.
    """
    gone = {canonicalize_name(each) for each in drop}
    unknown = gone - {canonicalize_name(need.name) for need in kept}
    if unknown:
        known = ", ".join(need.name for need in kept)
        raise Complaint(Exit.USAGE, f"--drop {', '.join(sorted(unknown))}: it is not needed", f"needed are {known}")
    left = [need for need in kept if canonicalize_name(need.name) not in gone]
    for change in changes:
        met = [place for place, need in enumerate(left) if _is_meant(need, change)]
        for place in met:
            left[place] = _merged(left[place], change)
        if not met:
            left.append(change)
    return tuple(left)


def claims_after(kept: tuple[PathClaim, ...], release: tuple[str, ...]) -> tuple[PathClaim, ...]:
    """The claims without those on the paths of ``release``; raises ``Complaint`` for a path that is not claimed."""
    unknown = set(map(named, release)) - {named(claim.path) for claim in kept}
    if unknown:
        known = ", ".join(claim.path for claim in kept)
        raise Complaint(Exit.USAGE, f"--release {', '.join(sorted(unknown))}: not claimed", f"claimed are {known}")
    return without(kept, release)


def _is_meant(need: Dependency, change: Dependency) -> bool:
    """Whether a change is of this need: the same package in the same scope; and where it names one, the same marker."""
    if (need.ecosystem, need.scope) != (change.ecosystem, change.scope):
        return False
    alike = canonicalize_name(need.name) == canonicalize_name(change.name)
    return alike and change.marker in (None, need.marker)


def _merged(need: Dependency, change: Dependency) -> Dependency:
    kept = {name: getattr(need, name) for name in ("purpose", "extras", "marker") if not getattr(change, name)}
    return change.model_copy(update={"name": need.name, **kept})
