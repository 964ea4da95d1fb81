"""A clash of versions as a line with points on it: which stretches of it each party admits, and what a way out changes.

The line is cut at every version that a constraint names or ends at. On a stretch between two neighbouring points all
versions are admitted or none is, so that one sample tells of the whole; by these samples the engine's own exact sets
are asked. What the line leaves out are pre-releases and post-releases of a point itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from pydantic import Field

from psmp.compat.ecosystem import InvalidConstraint
from psmp.compat.ecosystems import ECOSYSTEMS
from psmp.compat.npm.line import END, START, holds, stretches
from psmp.words.ids import Id
from psmp.words.values import Change, Conflict, Party, Suggestion, Word

DRAWN: Final = frozenset({"version", "python"})
"""The kinds of conflicts that lie on one line of versions."""


class Stretch(Word):
    """Versions that hang together; without a ``lower`` or an ``upper`` there is no end on that side."""

    lower: str | None = None
    upper: str | None = None
    with_lower: bool = False
    with_upper: bool = False


class VersionLane(Word):
    """What one party admits. It has no ``stretches`` where it is no set of versions, but one place: a reference."""

    artifact: Id
    agent: Id
    constraint: str
    stretches: Annotated[tuple[Stretch, ...], Field(description="In ascending order.")] = ()


class WayOut(Word):
    """The lanes that suggestion ``n`` changes, as they would be; ``leaves`` are the artifacts that go elsewhere."""

    n: int
    lanes: tuple[VersionLane, ...] = ()
    leaves: tuple[Id, ...] = ()
    common: tuple[Stretch, ...] = ()


class NumberLine(Word):
    """The versions that the parties of a conflict admit; ``points`` are the ends of all stretches, in ascending order.

    There are no ``lanes`` where the conflict is not about the versions of one package or of Python. ``common`` is what
    all parties admit at once.
    """

    subject: str
    points: tuple[str, ...] = ()
    lanes: tuple[VersionLane, ...] = ()
    common: tuple[Stretch, ...] = ()
    ways: tuple[WayOut, ...] = ()


@dataclass(frozen=True, slots=True)
class _Cells:
    """The line, cut: stretch, point, stretch, ... with a stretch at either end, by a sample of each.

    Invariant: there is one more than twice as many samples as points. None: there is nothing between two points.
    """

    points: Sequence[str]
    samples: Sequence[Any]

    def admitted(self, holds_sample: Callable[[Any], bool]) -> list[bool]:
        """For each cell whether it is admitted; what has nothing in it goes with both its neighbours."""
        found = [sample is not None and holds_sample(sample) for sample in self.samples]
        for place, sample in enumerate(self.samples):
            if sample is None:
                inside = [found[each] for each in (place - 1, place + 1) if 0 <= each < len(found)]
                found[place] = all(inside) and len(inside) > 1
        return found

    def stretches(self, admitted: Sequence[bool]) -> tuple[Stretch, ...]:
        """The cells that hang together."""
        found, begin = [], None
        for place, inside in enumerate((*admitted, False)):
            if inside and begin is None:
                begin = place
            if not inside and begin is not None:
                found.append(self._stretch(begin, place - 1))
                begin = None
        return tuple(found)

    def _stretch(self, first: int, last: int) -> Stretch:
        """From cell to cell: an odd one is a point, an even one lies between two."""
        lower, upper = (first - 1) // 2, last // 2
        return Stretch(
            lower=self.points[lower] if first else None,
            upper=self.points[upper] if last < 2 * len(self.points) else None,
            with_lower=first % 2 == 1,
            with_upper=last % 2 == 1,
        )


def number_line(conflict: Conflict) -> NumberLine:
    """The line of a conflict."""
    if conflict.kind not in DRAWN:
        return NumberLine(subject=conflict.subject)
    ecosystem = ECOSYSTEMS[conflict.ecosystem or "pypi"]
    ways = {each.n: _changed(conflict, each) for each in conflict.suggestions}
    asked = [*(each for each in conflict.parties if not each.reference), *(p for way in ways.values() for p in way[0])]
    spans: dict[str, Any] = {}
    for text in {each.constraint for each in asked}:
        try:
            spans[text] = ecosystem.parse(text).span
        except InvalidConstraint:  # a record of old, or a change that asks for a reference
            continue
    cells = _npm(spans) if ecosystem.name == "npm" else _pypi(spans)
    drawn = _Drawn(cells, {text: cells.admitted(_holder(ecosystem.name, span)) for text, span in spans.items()})
    return NumberLine(
        subject=conflict.subject,
        points=tuple(cells.points),
        lanes=tuple(map(drawn.lane, conflict.parties)),
        common=drawn.common(conflict.parties),
        ways=tuple(_way(n, conflict.parties, way, drawn) for n, way in ways.items()),
    )


@dataclass(frozen=True, slots=True)
class _Drawn:
    cells: _Cells
    admitted: Mapping[str, Sequence[bool]]

    def lane(self, party: Party) -> VersionLane:
        of = None if party.reference else self.admitted.get(party.constraint)
        stretches = self.cells.stretches(of) if of is not None else ()
        return VersionLane(artifact=party.artifact, agent=party.agent, constraint=party.constraint, stretches=stretches)

    def common(self, parties: Iterable[Party]) -> tuple[Stretch, ...]:
        lanes = [() if each.reference else self.admitted.get(each.constraint, ()) for each in parties]
        if not lanes or not all(lanes):
            return ()
        return self.cells.stretches([all(cell) for cell in zip(*lanes, strict=True)])


def _changed(conflict: Conflict, suggestion: Suggestion) -> tuple[list[Party], set[str]]:
    """The parties that a suggestion changes, as they would be, and the artifacts that leave."""
    changes = [each for each in suggestion.changes if each.action == "isolate" or _is_about(conflict, each)]
    leaves = {each.artifact for each in changes if each.action == "isolate"}
    asked = {each.artifact: each for each in changes if each.artifact not in leaves}
    return [_after(party, asked[party.artifact]) for party in conflict.parties if party.artifact in asked], leaves


def _is_about(conflict: Conflict, change: Change) -> bool:
    if conflict.kind == "python":
        return change.action == "python"
    canonical = ECOSYSTEMS[conflict.ecosystem or "pypi"].canonical
    return change.action in (None, "require") and canonical(change.name) == canonical(conflict.subject)


def _after(party: Party, change: Change) -> Party:
    return party.model_copy(update={"constraint": change.constraint, "reference": change.reference})


def _way(n: int, parties: Sequence[Party], way: tuple[list[Party], set[str]], drawn: _Drawn) -> WayOut:
    changed, leaves = way
    after = {each.artifact: each for each in changed}
    left = [after.get(each.artifact, each) for each in parties if each.artifact not in leaves]
    return WayOut(n=n, lanes=tuple(map(drawn.lane, changed)), leaves=tuple(sorted(leaves)), common=drawn.common(left))


def _holder(name: str, span: Any) -> Callable[[Any], bool]:  # noqa: ANN401 - the ecosystem's own set
    if name == "npm":
        return lambda place: holds(span.releases, place)
    return span.contains  # type: ignore[no-any-return]


def _npm(spans: Mapping[str, Any]) -> _Cells:
    """Versions of npm can be counted: what ends just before the next one ends at it."""
    edges = set()
    for span in spans.values():
        for begin, end in stretches(span.releases):
            edges |= {begin} if end == _next(begin) and begin != START else {begin, end}
    points = sorted(edges - {START, END})
    samples: list[Any] = [START if not points or points[0] > START else None]
    for place, point in enumerate(points):
        following = points[place + 1] if place + 1 < len(points) else END
        samples += [point, _next(point) if _next(point) < following else None]
    return _Cells([".".join(map(str, point[:3])) for point in points], samples)


def _next(place: Any) -> Any:  # noqa: ANN401 - a Place
    return (*place[:2], place[2] + 1, ())


def _pypi(spans: Mapping[str, Any]) -> _Cells:
    points = sorted({each for text in spans for each in _ends(text)})
    samples: list[str | None] = [_below(points[0]) if points else "1"]
    for place, point in enumerate(points):
        following = points[place + 1] if place + 1 < len(points) else None
        samples += [str(point), _between(point, following)]
    return _Cells(list(map(str, points)), samples)


def _ends(text: str) -> Iterable[Version]:
    for specifier in SpecifierSet(text):
        yield from _ends_of(specifier)


def _ends_of(specifier: Specifier) -> Iterable[Version]:
    said = specifier.version
    if said.endswith(".*"):
        prefix = Version(said[:-2])
        return prefix, _bumped(prefix, prefix.release)
    try:
        version = Version(said)
    except InvalidVersion:  # `===` compares text
        return ()
    version = Version(version.public)
    return (version, _bumped(version, version.release[:-1])) if specifier.operator == "~=" else (version,)


def _bumped(version: Version, release: Sequence[int]) -> Version:
    return _version(version.epoch, (*release[:-1], release[-1] + 1))


def _version(epoch: int, release: Iterable[int]) -> Version:
    return Version(f"{epoch}!{'.'.join(map(str, release))}")


def _below(point: Version) -> str | None:
    lowest = Version("0.dev0")
    return next((each for each in ("0", "0.dev0") if lowest <= Version(each) < point), None)


def _between(point: Version, following: Version | None) -> str | None:
    """A version between two points, no pre-release of a later one; None where there is none to speak of."""
    longest = max(len(point.release), len(following.release) if following else 0)
    padded = (*point.release, *([0] * (longest - len(point.release))), 1)
    candidates = [_version(point.epoch, padded)]
    if point.pre and point.post is None:
        candidates.append(Version(f"{point.public}.post1"))
    return next((str(each) for each in candidates if point < each and (following is None or each < following)), None)
