"""What becomes of the wish to resolve a conflict, and of an owner's answer."""

from psmp.rules.project import Project
from psmp.words.commands import AnswerResolution, ResolveConflict
from psmp.words.events import (
    AlertAcknowledged,
    AlertRaised,
    ArtifactDeclared,
    ArtifactWithdrawn,
    ProjectCreated,
    ProjectTransitioned,
    ResolutionAnswered,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRequested,
)
from psmp.words.refusals import Code, Gs, Refused
from psmp.words.values import Change, Conflict, Party, Phase, Policy, Severity, Suggestion, Target
from psmp_intake.rules import decide
from tests.unit.rules.folding import told
from tests.unit.services.history import PLANNED, Said, declared, detected

API = Change(artifact="api", agent="ada", name="numpy", constraint="<2")
WEB = Change(artifact="web", agent="bob", name="numpy", constraint=">=2")
LOOSE = Change(artifact="loose", agent="eve", name="numpy", constraint="")
CLASH = Conflict(
    id="C-1",
    kind="version",
    ecosystem="pypi",
    subject="numpy",
    severity=Severity.HIGH,
    environments=(),
    causes=(("api", "web"),),
    parties=(
        Party(artifact="api", version=1, agent="ada", constraint=">=2", sequence=3),
        Party(artifact="web", version=1, agent="bob", constraint="<2", sequence=4),
    ),
    text="they clash",
    suggestions=(
        Suggestion(n=1, changes=(API,), text="api"),
        Suggestion(n=3, changes=(WEB, LOOSE), text="web and loose"),
    ),
)
PATH = CLASH.model_copy(update={"kind": "path", "ecosystem": None, "subject": "a.py", "suggestions": ()})
ASKED = ResolutionRequested(resolution="R-1", conflict="C-1", strategy="change", reason="go", changes=(API,))
PROPOSED = ResolutionProposed(
    resolution="R-1", conflict="C-1", changes=(API,), agents=("ada", "bob"), seconds=60, text="api"
)
ACCEPT = ResolveConflict(conflict="C-1", strategy="accept", reason="go", suggestion=1, seen=6)
TOLD = 6
"""The sequence at which the conflict was told."""


def project(*said: Said, clash: Conflict = CLASH) -> Project:
    """Made by ``maria``; ``ada`` has api, ``bob`` web, ``eve`` what is flexible; api and web clash."""
    created = ProjectCreated(name="RAG", targets=(Target(),), policy=Policy(resolvers=("rita",)))
    begun: tuple[Said, ...] = (
        created,
        PLANNED,
        ("ada", declared("api")),
        ("bob", declared("web")),
        ("eve", ArtifactDeclared(artifact="loose", version=1, type="code", flexible=True)),
        detected("web", clash),
    )
    return told(*(each if isinstance(each, tuple) else ("maria", each) for each in (*begun, *said)))


def refusal(decision: object) -> Code | Gs:
    assert isinstance(decision, Refused)
    assert decision.reason
    assert decision.hint
    return decision.code


def request(decision: object) -> ResolutionRequested:
    assert isinstance(decision, ResolutionRequested), decision
    return decision


def resolve(strategy: str, **more: object) -> ResolveConflict:
    return ResolveConflict.model_validate({"conflict": "C-1", "strategy": strategy, "reason": "go", **more})


def test_whoever_governs_accepts_a_suggestion_as_it_was_shown() -> None:
    for agent in ("maria", "rita"):
        assert decide(project(), agent, ACCEPT) == ResolutionRequested(
            resolution="R-1", conflict="C-1", strategy="accept", reason="go", suggestion=1, changes=(API,)
        )


def test_resolutions_are_numbered_in_their_order() -> None:
    once = project(ASKED, ResolutionFailed(resolution="R-1", conflict="C-1", reason="no"))
    assert request(decide(once, "maria", ACCEPT)).resolution == "R-2"


def test_what_is_not_open_or_not_suggested_cannot_be_resolved() -> None:
    unknown = ACCEPT.model_copy(update={"conflict": "C-9"})
    assert refusal(decide(project(), "maria", unknown)) is Code.UNKNOWN_CONFLICT
    for clash in (CLASH, PATH):
        wrong = decide(project(clash=clash), "maria", ACCEPT.model_copy(update={"suggestion": 2}))
        assert refusal(wrong) is Code.UNKNOWN_SUGGESTION


def test_nothing_is_resolved_or_answered_in_a_project_that_was_given_up() -> None:
    archived = project(
        ASKED,
        PROPOSED,
        ProjectTransitioned(origin=Phase.RESOLVING, to=Phase.ARCHIVED, reason="given up"),
    )
    assert refusal(decide(archived, "maria", ACCEPT)) is Code.PROJECT_NOT_OPEN
    answer = AnswerResolution(resolution="R-1", answer="yes")
    assert refusal(decide(archived, "ada", answer)) is Code.PROJECT_NOT_OPEN


def test_what_was_shown_must_still_be_what_is_there() -> None:
    assert refusal(decide(project(), "maria", ACCEPT.model_copy(update={"seen": 5}))) is Code.CONFLICT_CHANGED
    assert isinstance(decide(project(), "maria", ACCEPT.model_copy(update={"seen": 99})), ResolutionRequested)
    assert refusal(decide(project(), "maria", resolve("waive", seconds=9, seen=5))) is Code.CONFLICT_CHANGED


def test_a_suggestion_is_accepted_as_of_a_sequence_and_what_has_no_number_without() -> None:
    assert refusal(decide(project(), "maria", ACCEPT.model_copy(update={"seen": None}))) is Code.INVALID_RESOLUTION
    assert request(decide(project(), "maria", resolve("retry"))).strategy == "retry"


def test_one_attempt_at_a_time_and_what_is_only_proposed_gives_way_to_who_may_decide() -> None:
    assert refusal(decide(project(ASKED), "maria", ACCEPT)) is Code.RESOLUTION_UNDER_WAY
    proposed = project(ASKED, PROPOSED)
    assert request(decide(proposed, "maria", ACCEPT)).resolution == "R-2"
    assert refusal(decide(proposed, "maria", resolve("retry"))) is Code.RESOLUTION_UNDER_WAY
    assert isinstance(decide(proposed, "ada", resolve("escalate")), AlertRaised)


def test_everybody_accepts_what_changes_only_its_own_or_what_is_flexible() -> None:
    assert isinstance(decide(project(), "ada", ACCEPT), ResolutionRequested)
    assert refusal(decide(project(), "bob", ACCEPT)) is Code.NOT_ALLOWED
    third = ACCEPT.model_copy(update={"suggestion": 3})
    assert isinstance(decide(project(), "bob", third), ResolutionRequested)
    refused = decide(project(), "ada", third)
    assert refusal(refused) is Code.NOT_ALLOWED
    assert isinstance(refused, Refused)
    assert refused.reason == "it changes what is bob's"
    assert refused.hint == "maria, rita may; or change what is ada's own, or retry: then owners are asked"
    stranger = decide(project(), "eve", ACCEPT)
    assert isinstance(stranger, Refused)
    assert stranger.hint == "maria, rita may; or change what is eve's own"


def test_a_change_names_what_stands_declared_and_its_owner() -> None:
    assert request(decide(project(), "ada", resolve("change", changes=(API, LOOSE)))).changes == (API, LOOSE)
    assert refusal(decide(project(), "ada", resolve("change"))) is Code.INVALID_RESOLUTION
    stray = API.model_copy(update={"artifact": "cli"})
    assert refusal(decide(project(), "maria", resolve("change", changes=(stray,)))) is Code.UNKNOWN_ARTIFACT
    gone = project(("ada", ArtifactWithdrawn(artifact="api", version=1, reason="no")))
    assert refusal(decide(gone, "maria", resolve("change", changes=(API,)))) is Code.UNKNOWN_ARTIFACT
    wrong = API.model_copy(update={"agent": "bob"})
    assert refusal(decide(project(), "maria", resolve("change", changes=(wrong,)))) is Code.INVALID_RESOLUTION


def test_a_change_that_is_not_accepted_carries_no_number_of_a_suggestion() -> None:
    found = request(decide(project(), "ada", resolve("change", changes=(API,), suggestion=1, seconds=9)))
    assert (found.suggestion, found.seconds) == (None, None)


def test_a_merge_leaves_the_path_to_one_and_the_others_release_it() -> None:
    found = request(decide(project(clash=PATH), "maria", resolve("merge", into="api")))
    release = Change(artifact="web", agent="bob", name="a.py", constraint="", action="release")
    assert found.changes == (release,)
    assert isinstance(decide(project(clash=PATH), "bob", resolve("merge", into="api")), ResolutionRequested)
    assert refusal(decide(project(clash=PATH), "ada", resolve("merge", into="api"))) is Code.NOT_ALLOWED


def test_only_a_path_is_merged_and_only_into_a_party() -> None:
    assert refusal(decide(project(), "maria", resolve("merge", into="api"))) is Code.INVALID_RESOLUTION
    for into in ("loose", None):
        refused = decide(project(clash=PATH), "maria", resolve("merge", into=into))
        assert refusal(refused) is Code.INVALID_RESOLUTION


def test_only_who_governs_waives_and_says_for_how_long() -> None:
    waived = request(decide(project(), "rita", resolve("waive", seconds=60)))
    assert (waived.strategy, waived.changes, waived.seconds) == ("waive", None, 60)
    assert refusal(decide(project(), "rita", resolve("waive"))) is Code.INVALID_RESOLUTION
    assert refusal(decide(project(), "ada", resolve("waive", seconds=60))) is Code.NOT_ALLOWED


def test_parties_and_who_governs_have_it_tried_again() -> None:
    for agent in ("maria", "ada", "bob"):
        assert request(decide(project(), agent, resolve("retry"))).changes is None
    assert refusal(decide(project(), "eve", resolve("retry"))) is Code.NOT_ALLOWED


def test_parties_and_who_governs_lay_it_before_a_person() -> None:
    for agent in ("maria", "ada"):
        assert decide(project(), agent, resolve("escalate")) == AlertRaised(
            alert="conflict-C-1",
            severity=Severity.HIGH,
            text=f"{agent} asks for a person: go",
            hint="its status shows the ways out; psmp resolve takes one",
            person=True,
            conflict="C-1",
        )
    assert refusal(decide(project(), "eve", resolve("escalate"))) is Code.NOT_ALLOWED


def test_what_lies_before_a_person_is_not_laid_there_again() -> None:
    raised = AlertRaised(alert="conflict-C-1", severity=Severity.HIGH, text="decide", person=True, conflict="C-1")
    taken = AlertAcknowledged(alert="conflict-C-1", reason="mine")
    for history, said in (((raised,), "C-1 lies before a person since"), ((raised, taken), " has C-1 in hand")):
        refused = decide(project(*history), "ada", resolve("escalate"))
        assert refusal(refused) is Code.RESOLUTION_UNDER_WAY
        assert isinstance(refused, Refused)
        assert said in refused.reason


YES = AnswerResolution(resolution="R-1", answer="yes")


def test_who_is_asked_answers_once() -> None:
    proposed = project(ASKED, PROPOSED)
    for answer in ("yes", "no"):
        said = AnswerResolution.model_validate({"resolution": "R-1", "answer": answer, "reason": "so"})
        assert decide(proposed, "ada", said) == ResolutionAnswered.model_validate(
            {"resolution": "R-1", "agent": "ada", "answer": answer, "reason": "so"}
        )
    again = project(ASKED, PROPOSED, ("ada", ResolutionAnswered(resolution="R-1", agent="ada", answer="no")))
    assert refusal(decide(again, "ada", YES)) is Code.UNKNOWN_RESOLUTION
    assert isinstance(decide(again, "bob", YES), ResolutionAnswered)


def test_who_is_not_asked_has_nothing_to_answer() -> None:
    assert refusal(decide(project(), "ada", YES)) is Code.UNKNOWN_RESOLUTION
    assert refusal(decide(project(ASKED), "ada", YES)) is Code.UNKNOWN_RESOLUTION
    assert refusal(decide(project(ASKED, PROPOSED), "maria", YES)) is Code.NOT_ALLOWED


def amend(*changes: Change) -> AnswerResolution:
    return AnswerResolution(resolution="R-1", answer="amend", changes=changes or None)


def test_an_amendment_changes_what_is_ones_own_and_says_what() -> None:
    proposed = project(ASKED, PROPOSED)
    answered = decide(proposed, "ada", amend(API))
    assert isinstance(answered, ResolutionAnswered)
    assert (answered.answer, answered.changes) == ("amend", (API,))
    assert refusal(decide(proposed, "ada", amend())) is Code.INVALID_RESOLUTION
    assert refusal(decide(proposed, "ada", amend(WEB))) is Code.NOT_ALLOWED
    assert refusal(decide(proposed, "ada", amend(API.model_copy(update={"agent": "bob"})))) is Code.INVALID_RESOLUTION


def test_who_only_agrees_changes_nothing() -> None:
    said = AnswerResolution(resolution="R-1", answer="yes", changes=(WEB,))
    answered = decide(project(ASKED, PROPOSED), "ada", said)
    assert isinstance(answered, ResolutionAnswered)
    assert answered.changes is None
