"""A resolution leaves the checker's docket, and the project, as the same amendments one by one and judged would."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from psmp.log.folds import PROJECT_FOLD
from psmp.log.view import View
from psmp.rules.project import Project
from psmp.words.events import (
    Amendment,
    ArtifactAccepted,
    ArtifactAmended,
    CommandRefused,
    ConflictCleared,
    ConflictDetected,
    Event,
    ResolutionApplied,
    ResolutionRequested,
)
from psmp.words.refusals import Code
from psmp.words.values import Dependency, PathClaim
from psmp_checker.docket import DOCKET_FOLD, Docket
from psmp_checker.rules import judge
from tests.histories import KEY, History, created, declared

OWNERS = {"a": "ada", "b": "bob", "c": "eve"}
NOTHING = CommandRefused(command="slot.request", code=Code.SLOT_HELD, reason="held")
needs = st.lists(
    st.builds(Dependency, name=st.just("numpy"), constraint=st.sampled_from(["", ">=2", "<2", "==1.0"])), max_size=1
).map(tuple)
claims = st.lists(st.builds(PathClaim, path=st.sampled_from(["x.py", "y.py"])), max_size=1).map(tuple)
changed = st.fixed_dictionaries({"dependencies": needs, "paths": claims, "environment": st.sampled_from([None, "lab"])})


class Log:
    """One log with both folds, written by hand."""

    def __init__(self) -> None:
        self.history = History()
        self.docket = View[Docket](KEY, DOCKET_FOLD)
        self.project = View[Project | None](KEY, PROJECT_FOLD)
        self.write(created())

    def write(self, event: Event, actor: str = "ada", cause: str | None = None) -> None:
        record = self.history.add(event, actor, cause)
        self.docket.advance(record)
        self.project.advance(record)

    def judged(self) -> tuple[ArtifactAccepted | ConflictDetected | ConflictCleared, ...]:
        """Give every verdict that is awaited; what they were."""
        found = []
        for case in list(self.docket.state.pending):
            verdict = judge(self.docket.state, case)
            assert verdict is not None
            self.write(verdict, "psmp_checker", case)
            found.append(verdict)
        return tuple(found)

    @classmethod
    def begun(cls, shapes: Sequence[dict[str, Any]]) -> "Log":
        """A log in which a, b and c are declared in these shapes, and judged."""
        log = cls()
        for (name, agent), shape in zip(OWNERS.items(), shapes, strict=True):
            log.write(declared(name, 0).model_copy(update={"metadata": {}, "paths": (), **shape}), agent)
            log.judged()
        return log


def amendment(name: str, shape: dict[str, Any]) -> Amendment:
    declaration = ArtifactAmended(artifact=name, version=2, type="code", **shape)
    return Amendment(agent=OWNERS[name], declaration=declaration)


def resolution(*amendments: Amendment, before: Log, after: Log) -> ResolutionApplied:
    """What the resolver would say so that the conflicts become those of ``after``."""
    known, now = before.docket.state.conflicts, after.docket.state.conflicts
    return ResolutionApplied(
        resolution="R-1",
        conflict="C-1",
        strategy="retry",
        reason="go",
        amendments=amendments,
        cleared=tuple(name for name in known if name not in now),
        conflicts=tuple(each for name, each in now.items() if known.get(name) != each),
    )


ASKED = ResolutionRequested(resolution="R-1", conflict="C-1", strategy="change", reason="go")


@given(st.tuples(changed, changed, changed), st.sampled_from(sorted(OWNERS)), changed)
def test_one_amendment_by_a_resolution_is_as_the_same_amendment_by_its_owner(
    shapes: tuple[dict[str, Any], ...], name: str, shape: dict[str, Any]
) -> None:
    one = amendment(name, shape)
    alone = Log.begun(shapes)
    alone.write(NOTHING)
    alone.write(one.declaration, one.agent)
    alone.judged()

    resolved = Log.begun(shapes)
    said = resolution(one, before=resolved, after=alone)
    resolved.write(ASKED)
    resolved.write(said, "psmp_resolver")
    resolved.write(NOTHING)

    mine, theirs = (from_json(DOCKET_FOLD.dump(log.docket.state)) for log in (resolved, alone))
    theirs["detected"] = mine["detected"]  # the resolver lets none pass that makes a conflict
    assert mine == theirs
    assert resolved.project.state is not None
    assert alone.project.state is not None
    assert statuses(resolved.project.state) == statuses(alone.project.state)
    assert resolved.project.state.artifacts[name].declaration == alone.project.state.artifacts[name].declaration
    assert resolved.project.state.changed == alone.project.state.changed
    assert resolved.project.state.conflicts.keys() == resolved.project.state.resolutions.records.keys()


@given(st.tuples(changed, changed, changed), changed, changed)
def test_several_amendments_at_once_are_as_the_same_one_by_one_but_for_their_place(
    shapes: tuple[dict[str, Any], ...], first: dict[str, Any], second: dict[str, Any]
) -> None:
    both = amendment("a", first), amendment("b", second)
    alone = Log.begun(shapes)
    for each in both:
        alone.write(each.declaration, each.agent)
        alone.judged()

    resolved = Log.begun(shapes)
    said = resolution(*both, before=resolved, after=alone)
    resolved.write(ASKED)
    resolved.write(said, "psmp_resolver")

    assert resolved.docket.state.pending == alone.docket.state.pending == {}
    assert resolved.docket.state.versions == alone.docket.state.versions
    assert resolved.docket.state.conflicts == alone.docket.state.conflicts
    for place in ("standing", "versions"):
        mine, theirs = (from_json(DOCKET_FOLD.dump(log.docket.state))[place] for log in (resolved, alone))
        assert without_positions(mine) == without_positions(theirs)


def test_a_verdict_that_is_awaited_is_awaited_still_when_a_resolution_comes_between() -> None:
    log = Log.begun([{}, {}, {}])
    log.write(ArtifactAmended(artifact="a", version=2, type="code"), "ada")
    [case] = log.docket.state.pending
    newer = amendment("a", {"dependencies": (Dependency(name="numpy"),)})
    newer = newer.model_copy(update={"declaration": newer.declaration.model_copy(update={"version": 3})})
    log.write(ASKED)
    log.write(resolution(newer, before=log, after=log), "psmp_resolver")
    assert list(log.docket.state.pending) == [case]
    assert log.docket.state.versions["a"] == 3
    [verdict] = log.judged()
    assert verdict.version == 2
    assert log.project.state is not None
    assert not log.project.state.artifacts["a"].pending


def statuses(project: Project) -> dict[str, str]:
    return {name: project.status_of(name) for name in project.artifacts}


def without_positions(part: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(part, dict):
        return {name: without_positions(value) for name, value in part.items() if name != "position"}
    return [without_positions(each) for each in part] if isinstance(part, list) else part
