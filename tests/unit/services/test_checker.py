"""What the checker decides, and the fold that it decides on."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from psmp.words.events import (
    ArtifactAccepted,
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    ConflictCleared,
    ConflictDetected,
    Event,
    ProjectChanged,
)
from psmp.words.values import Dependency, PathClaim, Policy, Severity, Target
from psmp_checker.docket import DOCKET_FOLD, Docket, dump, load
from psmp_checker.rules import judge
from tests.unit.services.history import PLANNED, Said, declared, view

CODER = ("coder", declared("a", "pandas>=2"))
NOTEBOOK = ("notebook", declared("b", "Pandas==1.5.*"))


def docket(*said: Said) -> Docket:
    return view(DOCKET_FOLD, PLANNED, *said).state


def verdict(*said: Said) -> Event:
    """The verdict on what was said last."""
    state = docket(*said)
    found = judge(state, list(state.pending)[-1])
    assert found is not None
    return found


def withdrawn(artifact: str, version: int = 1) -> ArtifactWithdrawn:
    return ArtifactWithdrawn(artifact=artifact, version=version, reason="wrong")


def test_what_stands_alone_is_accepted() -> None:
    assert verdict(CODER) == ArtifactAccepted(artifact="a", version=1)


def test_what_stands_together_is_accepted_with_a_witness_for_what_is_shared() -> None:
    accepted = verdict(CODER, ("notebook", declared("b", "pandas<3", "numpy")))
    assert accepted == ArtifactAccepted(artifact="b", version=1, witness={"pandas": ">=2,<3"})


def test_a_clash_names_who_needs_what_and_why_and_a_way_out() -> None:
    found = verdict(CODER, NOTEBOOK)
    assert isinstance(found, ConflictDetected)
    (conflict,) = found.conflicts
    assert (conflict.id, conflict.subject, conflict.severity) == ("C-1", "pandas", Severity.CRITICAL)
    assert conflict.causes == (("a", "b"),)
    assert [(party.agent, party.constraint, party.sequence) for party in conflict.parties] == [
        ("coder", ">=2", 3),
        ("notebook", "==1.5.*", 4),
    ]
    assert conflict.text.startswith("Because coder requires pandas>=2 and notebook requires pandas==1.5.*, no version")
    assert conflict.suggestions
    assert [each.n for each in conflict.suggestions] == list(range(1, len(conflict.suggestions) + 1))
    assert conflict.environments == ("python3.11-linux",)


def test_a_verdict_is_given_once() -> None:
    found = verdict(CODER, NOTEBOOK)
    after = docket(CODER, NOTEBOOK, found)
    assert list(after.pending) == list(docket(CODER).pending)


def test_an_amendment_that_stands_clears_the_conflict_and_is_accepted_by_it() -> None:
    found = verdict(CODER, NOTEBOOK)
    amended = ("notebook", declared("b", "pandas>=2,<4", version=2))
    cleared = verdict(CODER, NOTEBOOK, found, amended)
    assert cleared == ConflictCleared(artifact="b", version=2, cleared=("C-1",), witness={"pandas": ">=2,<4"})
    assert not docket(CODER, NOTEBOOK, found, amended, cleared).conflicts


def test_a_withdrawal_clears_what_it_caused_and_says_nothing_otherwise() -> None:
    found = verdict(CODER, NOTEBOOK)
    cleared = verdict(CODER, NOTEBOOK, found, ("notebook", withdrawn("b")))
    assert cleared == ConflictCleared(artifact="b", version=1, cleared=("C-1",))
    assert list(docket(CODER, withdrawn("a")).pending) == list(docket(CODER).pending)


def test_a_conflict_keeps_its_name_while_its_parties_change() -> None:
    found = verdict(CODER, NOTEBOOK)
    third = ("third", declared("c", "pandas==1.5.3"))
    more = verdict(CODER, NOTEBOOK, found, third)
    assert isinstance(more, ConflictDetected)
    assert [conflict.id for conflict in more.conflicts] == ["C-1"]
    assert more.conflicts[0].causes == (("a", "b"), ("a", "c"))
    less = verdict(CODER, NOTEBOOK, found, third, more, ("notebook", withdrawn("b")))
    assert isinstance(less, ConflictDetected)
    assert [(conflict.id, conflict.causes) for conflict in less.conflicts] == [("C-1", (("a", "c"),))]


def test_a_new_conflict_gets_a_name_that_none_had_before() -> None:
    found = verdict(CODER, NOTEBOOK)
    history: tuple[Said, ...] = (CODER, NOTEBOOK, found, ("notebook", declared("b", "pandas", version=2)))
    history = (*history, verdict(*history), ("notebook", declared("b", "pandas<1", version=3)))
    again = verdict(*history)
    assert isinstance(again, ConflictDetected)
    assert [conflict.id for conflict in again.conflicts] == ["C-2"]


def test_a_verdict_that_comes_late_is_about_what_its_own_declaration_touched() -> None:
    third = ("third", declared("c"))
    later = ("third", declared("c", "pandas", version=2))
    state = docket(CODER, NOTEBOOK, third, later)
    _, second, late, _ = state.pending
    found = judge(state, second)
    assert isinstance(found, ConflictDetected)
    state = docket(CODER, NOTEBOOK, third, later, ("psmp_checker", found))
    assert judge(state, late) == ArtifactAccepted(artifact="c", version=1), "C-1 is open; it is no C-2 besides"


def test_two_clashes_of_one_declaration_are_one_verdict() -> None:
    found = verdict(("coder", declared("a", "x>=2", "y>=2")), ("notebook", declared("b", "x<2", "y<2")))
    assert isinstance(found, ConflictDetected)
    assert [(conflict.id, conflict.subject) for conflict in found.conflicts] == [("C-1", "x"), ("C-2", "y")]


def test_a_constraint_that_admits_nothing_clashes_with_itself() -> None:
    found = verdict(("coder", declared("a", "x>2,<1")))
    assert isinstance(found, ConflictDetected)
    assert found.conflicts[0].causes == (("a",),)


def test_what_cannot_be_known_is_said() -> None:
    needs = (Dependency(name="torch", constraint="<1", marker="platform_machine == 'arm64'"),)
    said = declared("a").model_copy(update={"dependencies": needs})
    accepted = verdict(("notebook", declared("b", "torch>=2")), ("coder", said))
    assert isinstance(accepted, ArtifactAccepted)
    assert accepted.unchecked == (
        (
            "torch: whether platform_machine == 'arm64' holds on python3.11-linux is not known; "
            "if so, the runtime scope clashes"
        ),
    )


def test_what_an_older_intake_let_pass_and_cannot_be_read_is_said_and_stops_nobody() -> None:
    accepted = verdict(("coder", declared("a", "x=>2", "y>=1")), ("notebook", declared("b", "y<1")))
    assert isinstance(accepted, ConflictDetected)
    assert [conflict.subject for conflict in accepted.conflicts] == ["y"]
    alone = verdict(("coder", declared("a", "x=>2")))
    assert isinstance(alone, ArtifactAccepted)
    assert "x: '=>2' is not a PEP 440 constraint" in alone.unchecked[0]


def touching(artifact: str, *claims: PathClaim, version: int = 1) -> ArtifactDeclared | ArtifactAmended:
    return declared(artifact, version=version).model_copy(update={"paths": claims})


def test_a_clash_on_a_path_is_told_and_cleared_like_any_other() -> None:
    mine = PathClaim(path="./app/main.py", base="r1", ranges=((10, 20),))
    first = ("coder", touching("a", mine))
    second = ("notebook", touching("b", PathClaim(path="app/main.py", base="r1", ranges=((15, 30),))))
    found = verdict(first, second)
    assert isinstance(found, ConflictDetected)
    (conflict,) = found.conflicts
    assert (conflict.id, conflict.kind, conflict.subject, conflict.causes) == (
        "C-1",
        "path",
        "app/main.py",
        (("a", "b"),),
    )
    assert [(party.agent, party.sequence) for party in conflict.parties] == [("coder", 3), ("notebook", 4)]
    moved = ("notebook", touching("b", PathClaim(path="app/main.py", base="r1", ranges=((21, 30),)), version=2))
    cleared = verdict(first, second, found, moved)
    assert isinstance(cleared, ConflictCleared)
    assert cleared.cleared == ("C-1",)
    gone = verdict(first, second, found, ("notebook", withdrawn("b")))
    assert isinstance(gone, ConflictCleared)


def test_a_docket_with_claims_that_was_written_down_judges_as_before() -> None:
    odd = PathClaim(path="../outside")
    said = ("coder", touching("a", PathClaim(path="a.py", base="r1", ranges=((1, 2, "ab"),)), odd))
    before = docket(said, ("notebook", touching("b", PathClaim(path="a.py"))))
    after = load(dump(before))
    assert [judge(after, case) for case in after.pending] == [judge(before, case) for case in before.pending]
    assert dump(after) == dump(before)
    first = judge(before, next(iter(before.pending)))
    assert isinstance(first, ConflictDetected)
    assert "path '../outside' leads upwards" in first.unchecked[0]


def test_a_conflict_is_known_by_its_subject_scope_and_environment() -> None:
    dev = Dependency(name="pytest", constraint=">=8", scope="dev")
    old = Dependency(name="pytest", constraint="<8", scope="dev")
    python = declared("b").model_copy(update={"dependencies": (old,), "requires_python": ">=3.12"})
    first = declared("a").model_copy(update={"dependencies": (dev,)})
    found = verdict(("coder", first), ("notebook", python))
    assert isinstance(found, ConflictDetected)
    assert [(each.id, each.kind, each.subject, each.scope, each.severity) for each in found.conflicts] == [
        ("C-1", "version", "pytest", "dev", Severity.HIGH),
        ("C-2", "python", "python", "runtime", Severity.CRITICAL),
    ]
    apart = ArtifactAmended(
        artifact="b", version=2, type="code", dependencies=(old,), requires_python=">=3.12", environment="b"
    )
    less = verdict(("coder", first), ("notebook", python), found, ("notebook", apart))
    assert isinstance(less, ConflictDetected)
    assert [each.id for each in less.conflicts] == ["C-2"]
    assert less.cleared == ("C-1",)


def test_only_prereleases_left_is_a_warning() -> None:
    accepted = verdict(("coder", declared("a", "x>=2.0a1,<2.0a5")))
    assert isinstance(accepted, ArtifactAccepted)
    assert accepted.warnings == ("prerelease-only: x: only pre-releases satisfy everybody",)


def test_a_docket_that_was_written_down_judges_as_before() -> None:
    found = verdict(CODER, NOTEBOOK)
    before = docket(CODER, NOTEBOOK, found, ("third", declared("c", "pandas==1.5.3", "numpy")))
    after = load(dump(before))
    assert [judge(after, case) for case in after.pending] == [judge(before, case) for case in before.pending]
    assert dump(after) == dump(before)
    assert replace(after, standing=before.standing) == before


_NEEDS = st.lists(st.sampled_from(["x>=2", "x<2", "x", "y==1.*", "y>=1.5", "y!=1.*"]), max_size=3, unique=True)


@given(st.dictionaries(st.sampled_from("abcd"), _NEEDS, min_size=1), st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_change_which_conflicts_are_open(needs: dict[str, list[str]], chance: object) -> None:
    said = [(f"agent-{name}", declared(name, *wanted)) for name, wanted in needs.items()]
    shuffled = list(said)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _open(said) == _open(shuffled)


def _open(
    said: Sequence[tuple[str, ArtifactDeclared | ArtifactAmended]],
) -> set[tuple[str, tuple[tuple[str, ...], ...]]]:
    """Declare and judge one after another; the conflicts that are open in the end, by subject and causes."""
    history: list[Said] = []
    for agent, event in said:
        history.append((agent, event))
        found = verdict(*history)
        history.append(found)
    return {(conflict.subject, conflict.causes) for conflict in docket(*history).conflicts.values()}


NEWER = ProjectChanged(name="RAG chatbot", targets=(Target(python="3.12"),), policy=Policy(), reason="newer")
OLDER = ("notebook", ArtifactDeclared(artifact="b", version=1, type="code", requires_python="<3.12"))


def anew(state: Docket) -> list[Event]:
    """What is said of everything that awaits its verdict, one after the other, of the state as it is before."""
    return [said for each in tuple(state.pending) if (said := judge(state, each)) is not None]


def test_for_other_targets_all_that_stands_is_judged_anew_and_nothing_else() -> None:
    gone = (("eve", declared("c")), ArtifactAccepted(artifact="c", version=1), withdrawn("c"))
    before = (CODER, verdict(CODER), OLDER, ArtifactAccepted(artifact="b", version=1), *gone)
    assert not docket(*before).pending
    state = docket(*before, NEWER)
    assert {each.artifact for each in state.pending.values()} == {"a", "b"}
    fine, clashes = anew(state)
    assert fine == ArtifactAccepted(artifact="a", version=1)
    assert isinstance(clashes, ConflictDetected)
    assert [each.environments for each in clashes.conflicts] == [("python3.12-linux",)]
    after = docket(*before, NEWER, fine, clashes)
    assert (after.pending, list(after.conflicts)) == ({}, ["C-1"])
    assert load(dump(docket(*before, NEWER))).pending == state.pending


def test_with_other_targets_a_conflict_of_the_old_ones_is_cleared() -> None:
    back = NEWER.model_copy(update={"targets": (Target(),)})
    found = anew(docket(OLDER, ArtifactAccepted(artifact="b", version=1), NEWER))
    (cleared,) = anew(docket(OLDER, ArtifactAccepted(artifact="b", version=1), NEWER, *found, back))
    assert cleared == ConflictCleared(artifact="b", version=1, cleared=("C-1",))


def test_a_change_that_leaves_the_targets_has_nothing_judged() -> None:
    same = ProjectChanged(name="Another", targets=(Target(),), policy=Policy(strict_mode=False), reason="so")
    state = docket(CODER, verdict(CODER), same)
    assert (state.pending, state.changed) == ({}, docket(CODER).changed)


def test_what_changes_before_it_was_judged_anew_is_judged_once() -> None:
    before = (CODER, verdict(CODER), NEWER)
    amended = docket(*before, ("coder", declared("a", "pandas>=3", version=2)))
    assert [(each.artifact, each.version) for each in amended.pending.values()] == [("a", 2)]
    assert not docket(*before, withdrawn("a")).pending


def test_a_declaration_that_awaits_its_verdict_gets_it_under_the_targets_that_count_then() -> None:
    waiting = docket(("eve", OLDER[1]), NEWER)
    assert list(waiting.pending) == list(docket(("eve", OLDER[1])).pending)
    (clashes,) = anew(waiting)
    assert isinstance(clashes, ConflictDetected)


def test_however_often_the_targets_change_before_each_artifact_is_judged_once() -> None:
    back = NEWER.model_copy(update={"targets": (Target(),)})
    twice = docket(CODER, verdict(CODER), NEWER, back)
    assert [(each.artifact, each.version) for each in twice.pending.values()] == [("a", 1)]
    assert list(twice.pending) != list(docket(CODER, verdict(CODER), NEWER).pending)


def test_what_was_withdrawn_and_came_back_is_judged_anew_and_what_did_not_is_remembered() -> None:
    gone = (CODER, verdict(CODER), withdrawn("a"))
    assert load(dump(docket(*gone))).withdrawn == {"a"}
    again = ("coder", declared("a", "pandas>=2", version=2))
    returned = docket(*gone, again, ArtifactAccepted(artifact="a", version=2), NEWER)
    assert [(each.artifact, each.version) for each in returned.pending.values()] == [("a", 2)]
