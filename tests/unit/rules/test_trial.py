"""What resolves and what does not, by laws: what is applied clears its conflict and makes no other."""

from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from psmp.compat.changed import changed
from psmp.rules.trial import Futile, Good, tried
from psmp.words.commands import AmendArtifact, DeclareArtifact, WithdrawArtifact
from psmp.words.events import Amendment, ConflictDetected, ResolutionApplied, ResolutionRequested
from psmp.words.values import Change, Conflict, Dependency
from tests import teams
from tests.histories import conflict
from tests.played import OWNER, Played, from_scratch
from tests.teams import TARGETS, Team

Action = Literal["require", "isolate", "python", "release"]
ACTIONS: tuple[Action, ...] = ("require", "isolate", "python", "release")

often = settings(max_examples=40, deadline=None)


def played(team: Team) -> Played:
    game = Played(targets=TARGETS)
    game.declare(team)
    return game


def apply(game: Played, target: Conflict, good: Good) -> None:
    """As the resolver would write it down."""
    name = f"R-{game.state.resolutions.last + 1}"
    requested = ResolutionRequested(resolution=name, conflict=target.id, strategy="change", reason="why")
    game.write(requested, OWNER)
    game.write(
        ResolutionApplied(
            resolution=name,
            conflict=target.id,
            strategy="change",
            reason="why",
            changes=good.changes,
            amendments=good.amendments,
            cleared=good.cleared,
            conflicts=good.conflicts,
        ),
        "psmp_resolver",
    )
    game.settle()


def proofs(conflicts: dict[tuple[str, ...], Conflict]) -> dict[tuple[str, ...], object]:
    return {
        identity: (each.kind, each.severity, each.environments, each.causes, [party.artifact for party in each.parties])
        for identity, each in conflicts.items()
    }


@often
@given(teams.teams())
def test_every_suggestion_clears_its_conflict_and_makes_none(team: Team) -> None:
    start = played(team)
    before = from_scratch(start.state)
    for name, target in start.state.conflicts.items():
        good = []
        for suggestion in target.suggestions:
            found = tried(start.state, target, suggestion.changes)
            assert isinstance(found, Good), found
            good.append(found)
        for found in good[-1:]:
            game = played(team)
            apply(game, game.state.conflicts[name], found)
            after = from_scratch(game.state)
            assert target.identity not in after
            assert len(after) < len(before)
            told = {each.identity: each for each in game.state.conflicts.values()}
            assert proofs(told) == proofs(after), "the log knows what a check from scratch finds"
            assert not game.docket.state.pending


@st.composite
def changes(draw: st.DrawFn, team: Team) -> tuple[Change, ...]:
    """Changes that somebody might think of, most of them wrong."""
    made = []
    for agent, declaration in draw(
        st.lists(st.sampled_from(team), min_size=1, max_size=2, unique_by=lambda x: x[1].artifact)
    ):
        action: Action = draw(st.sampled_from(ACTIONS))
        name, constraint = (
            draw(st.sampled_from(["pkg", "other", "react", "src", "src/a.py"])),
            draw(st.sampled_from(["", ">=2", "<2", "==2.1", "nonsense", "^2"])),
        )
        made.append(
            Change(
                artifact=declaration.artifact,
                agent=agent,
                name=name,
                constraint=constraint,
                action=action,
                environment=draw(st.sampled_from(["apart", "own"])) if action == "isolate" else None,
            )
        )
    return tuple(made)


@often
@given(st.data(), teams.teams())
def test_whatever_is_applied_clears_its_conflict_and_makes_nothing_worse(data: st.DataObject, team: Team) -> None:
    game = played(team)
    for name in game.state.conflicts:
        target = game.state.conflicts[name]
        found = tried(game.state, target, data.draw(changes(team)))
        if isinstance(found, Futile):
            assert found.reason
            continue
        before = from_scratch(game.state)
        apply(game, target, found)
        after = from_scratch(game.state)
        assert len(after) < len(before)
        assert proofs({each.identity: each for each in game.state.conflicts.values()}) == proofs(after)
        return


@often
@given(st.data(), teams.teams())
def test_what_is_refused_would_not_have_resolved(data: st.DataObject, team: Team) -> None:
    """Applied all the same, the conflict goes on, or something else is as it should not be."""
    game = played(team)
    for name in game.state.conflicts:
        target = game.state.conflicts[name]
        wanted = data.draw(changes(team))
        if isinstance(found := tried(game.state, target, wanted), Futile) and "would" in found.reason:
            before = from_scratch(game.state)
            forced = played(team)
            force(forced, target, wanted)
            after = from_scratch(forced.state)
            worse = [each for each in after if each not in before or after[each].causes != before[each].causes]
            assert target.identity in after or worse
            return


def force(game: Played, target: Conflict, wanted: tuple[Change, ...]) -> None:
    amendments = []
    for artifact in dict.fromkeys(each.artifact for each in wanted):
        old = game.state.artifacts[artifact]
        own = [each for each in wanted if each.artifact == artifact]
        new = changed(old.declaration, own, ecosystem=target.ecosystem)
        amendments.append(Amendment(agent=old.agent, declaration=new))
    apply(game, target, Good(wanted, tuple(amendments)))


def need(name: str, constraint: str) -> Dependency:
    return Dependency(name=name, constraint=constraint)


def clashed(*needs: tuple[str, str, Dependency]) -> Played:
    """Artifacts of agents, each with one need more for every time that it is named."""
    game = Played()
    by_artifact: dict[tuple[str, str], list[Dependency]] = {}
    for agent, artifact, each in needs:
        by_artifact.setdefault((agent, artifact), []).append(each)
    for (agent, artifact), said in by_artifact.items():
        game.said(agent, DeclareArtifact(artifact=artifact, type="code", dependencies=tuple(said)))
    return game


PANDAS = (("coder", "api", need("pandas", ">=2")), ("ds", "report", need("pandas", "<2")))


def change(artifact: str, agent: str, constraint: str, name: str = "pandas", **more: object) -> Change:
    said = {"artifact": artifact, "agent": agent, "name": name, "constraint": constraint, **more}
    return Change.model_validate(said)


def why_not(game: Played, *changes: Change) -> str:
    found = tried(game.state, game.state.conflicts["C-1"], changes)
    assert isinstance(found, Futile)
    return found.reason


def test_what_makes_it_worse_by_a_party_is_refused() -> None:
    more = (*PANDAS, ("eve", "job", need("numpy", "==1")), ("bob", "tool", need("numpy", "==2")))
    game = clashed(*more, ("ds", "report", need("numpy", "")))
    assert [each.subject for each in game.state.conflicts.values()] == ["pandas", "numpy"]
    both = (change("report", "ds", ">=2"), change("report", "ds", "==3", "numpy"))
    assert why_not(game, *both) == "C-2 would weigh more: report would be party to it"


def test_what_is_pending_counts_and_is_named_by_its_subject() -> None:
    game = clashed(*PANDAS, ("eve", "job", need("numpy", "==1")), ("ds", "report", need("numpy", "")))
    game.ask("bob", DeclareArtifact(artifact="tool", type="code", dependencies=(need("numpy", "==2"),)))
    both = (change("report", "ds", ">=2"), change("report", "ds", "==3", "numpy"))
    assert why_not(game, *both) == "the conflict on numpy would weigh more: report would be party to it"
    good = tried(game.state, game.state.conflicts["C-1"], both[:1])
    assert isinstance(good, Good)
    assert (good.cleared, good.conflicts) == (("C-1",), ()), "the checker tells of what it has yet to judge"


def test_what_has_changed_hands_or_is_gone_is_refused() -> None:
    game = clashed(*PANDAS, ("eve", "job", need("pandas", "<1")))
    assert why_not(game, change("report", "eve", ">=2")) == "report is ds's now"
    assert why_not(game, change("elsewhere", "eve", ">=2")) == "elsewhere stands declared no more"
    game.said("ds", WithdrawArtifact(artifact="report", reason="not needed"))
    assert why_not(game, change("report", "ds", ">=2")) == "report stands declared no more"


def test_what_awaits_its_verdict_is_waited_for() -> None:
    game = clashed(*PANDAS)
    game.ask("ds", AmendArtifact(artifact="report", summary="another"))
    found = tried(game.state, game.state.conflicts["C-1"], (change("report", "ds", ">=2"),))
    assert found == Futile("report awaits its verdict", waits=True)


def test_what_changes_nothing_or_something_else_or_cannot_be_read_is_refused() -> None:
    game = clashed(*PANDAS, ("eve", "job", need("numpy", "")))
    assert why_not(game, change("report", "ds", "<2")) == "it changes nothing"
    assert why_not(game, change("job", "eve", "<2", "numpy")) == "it has nothing to do with C-1"
    assert why_not(game, change("report", "ds", "", "torch")) == "report needs no torch"
    assert why_not(game, change("report", "ds", "2 or so")).startswith("it cannot be read: /dependencies/0/constraint")
    assert why_not(game, change("report", "ds", "", "../up", action="release")).startswith("path '../up' leads upwards")


def test_of_what_a_solver_found_it_says_that_no_direct_clash_is_made() -> None:
    game = clashed(("coder", "api", need("pandas", ">=2")), ("ds", "report", need("numpy", "<2")))
    deep = conflict(1, "api", "report").model_copy(update={"kind": "transitive"})
    game.write(ConflictDetected(artifact="report", version=1, conflicts=(deep,)), "psmp_checker")
    game.said("eve", DeclareArtifact(artifact="job", type="code", dependencies=(need("pandas", ">=2"),)))
    good = tried(game.state, deep, (change("api", "coder", ">=2.1"),))
    assert isinstance(good, Good)
    assert good.cleared == ()
    assert why_not(game, change("api", "coder", "<2")).startswith("it would make a new conflict: Because")
    assert why_not(game, change("job", "eve", ">=2.1")) == "it changes no party to C-1"


def test_a_conflict_that_goes_on_without_who_gave_way_is_told_as_it_is_then() -> None:
    game = clashed(
        *PANDAS,
        ("ds", "report", need("numpy", "==1")),
        ("eve", "job", need("numpy", "==2")),
        ("bob", "tool", need("numpy", "==3")),
    )
    assert [each.subject for each in game.state.conflicts.values()] == ["pandas", "numpy"]
    isolate = change("report", "ds", "", action="isolate", environment="report")
    good = tried(game.state, game.state.conflicts["C-1"], (isolate,))
    assert isinstance(good, Good)
    (other,) = good.conflicts
    assert (good.cleared, other.id, other.causes) == (("C-1",), "C-2", (("job", "tool"),))


def test_an_artifact_takes_its_own_clash_along_into_its_environment() -> None:
    game = clashed(*PANDAS, ("ds", "report", need("numpy", "==1")), ("ds", "report", need("numpy", "==2")))
    numpy, pandas = game.state.conflicts.values()
    isolate = change("report", "ds", "", action="isolate", environment="report")
    good = tried(game.state, pandas, (isolate,))
    assert isinstance(good, Good)
    (other,) = good.conflicts
    assert (good.cleared, other.id, other.environment) == ((pandas.id,), numpy.id, "report")
    found = tried(game.state, numpy, (isolate,))
    assert isinstance(found, Futile)
    assert found.reason.startswith(f"{numpy.id} would go on")


def test_one_conflict_never_becomes_two() -> None:
    """Who clashes with itself on what others do too cannot take its part along, nor can two of them at once."""
    own = [
        (agent, name, need("numpy", f"=={one}")) for agent, name in (("ds", "report"), ("eve", "job")) for one in "12"
    ]
    game = clashed(*PANDAS, ("eve", "job", need("pandas", "<2")), *own)
    pandas = next(each for each in game.state.conflicts.values() if each.subject == "pandas")
    one = change("report", "ds", "", action="isolate", environment="report")
    two = change("job", "eve", "", action="isolate", environment="job")
    for changes in ((one,), (two,), (one, two)):
        found = tried(game.state, pandas, changes)
        assert isinstance(found, Futile), changes
        assert found.reason.startswith(("it would make a new conflict", f"{pandas.id} would go on")), found.reason
