"""What people see, at the widths of their terminals, compared with pages that were looked at.

After a change that was meant, write the pages anew with PSMP_WRITE_PAGES=1 in the environment, and look at them.
"""

from typing import get_args

import pytest

from psmp.cli.pages import conflict, events, layout, stack, status, webhooks, wording
from psmp.client.receiving import Posting
from psmp.stack import Happening, Notice
from psmp.words.answers import Transitive, WebhookHealth, WebhookStatus
from psmp.words.envelope import GENESIS, EventEnvelope, Link, Provenance, Stamp, open_event, seal_event
from psmp.words.events import (
    EVENTS,
    AgentReturned,
    AgentSilenced,
    AlertAcknowledged,
    AlertCleared,
    AlertRaised,
    Amendment,
    ArtifactAccepted,
    ArtifactAmended,
    ArtifactDeclared,
    ArtifactWithdrawn,
    CommandRefused,
    Compatibility,
    CompatibilityChecked,
    CompatibilityStarted,
    ConflictCleared,
    ConflictDetected,
    Event,
    HoldPlaced,
    HoldReleased,
    LetterDropped,
    LetterRetried,
    ProjectChanged,
    ProjectCreated,
    ProjectRecovering,
    ProjectStalled,
    ProjectTransitioned,
    ResolutionAnswered,
    ResolutionApplied,
    ResolutionFailed,
    ResolutionProposed,
    ResolutionRefused,
    ResolutionRequested,
    RetentionApplied,
    RetentionChanged,
    SlotExpired,
    SlotFailed,
    SlotFinished,
    SlotGranted,
    SlotLeft,
    SlotRefused,
    SlotRenewed,
    SlotRequested,
    SubjectErased,
    TaskArchived,
    TaskChanged,
    TaskCreated,
    WaiverExpired,
    WebhookAdded,
    WebhookChanged,
    WebhookEnded,
    WebhookRemoved,
    WebhookRotated,
    WebhookTested,
)
from psmp.words.ids import ProjectKey
from psmp.words.orchestration.facts import RunEvent, SubPacIssued, WrapOrchAccepted
from psmp.words.progress import CheckProgress
from psmp.words.refusals import Code
from psmp.words.values import Change, Dependency, Party, PathClaim, Phase, Policy, Severity, Target
from tests.golden import story
from tests.unit.cli.examples import BLOCKED, CONFLICT, LINES, NOW
from tests.unit.cli.rendering import WIDTHS, looked_at, rendered

REQUEST = "0193a0f0-0000-7000-8000-000000000000"


TIME = "2026-11-21T10:15:30.000000Z"

CHANGE = Change(artifact="embedding", agent="DataScienceAgent", name="langchain", constraint=">=0.1.0")
AMENDED = ArtifactAmended(artifact="embedding", version=2, type="code")

HAPPENED: list[Event] = [
    ProjectCreated(name="RAG chatbot", targets=(Target(),), policy=Policy()),
    ProjectChanged(name="RAG 2", targets=(Target(),), policy=Policy(), reason="the second"),
    TaskCreated(task="docs", title="Write the docs", details="", agent="ada", artifacts=("api",)),
    TaskChanged(task="docs", title="Write the docs", details="", artifacts=(), status="OPEN", reason="no time"),
    TaskArchived(task="docs", reason="there are some"),
    ProjectTransitioned(origin=Phase.PLANNING, to=Phase.BLOCKED, reason="a conflict", conflicts=("C-1",)),
    ProjectStalled(phase=Phase.BLOCKED, since=TIME),
    ArtifactDeclared(artifact="backend", version=1, type="code", dependencies=(Dependency(name="fastapi"),)),
    ArtifactAmended(artifact="backend", version=2, type="code", paths=(PathClaim(path="a.py"),)),
    ArtifactWithdrawn(artifact="backend", version=2, reason="not needed"),
    ArtifactAccepted(artifact="backend", version=1, warnings=("prerelease-only",)),
    ConflictDetected(artifact="embedding-pipeline", version=1, conflicts=(CONFLICT,), cleared=("C-7",)),
    ConflictCleared(artifact="embedding-pipeline", version=2, cleared=("C-1",)),
    CompatibilityStarted(sequence=11, index="https://index.example/simple"),
    CompatibilityChecked(
        sequence=11, verdict="compatible", digest=GENESIS, index="https://index.example/simple", packages=42
    ),
    SlotGranted(agent="CoderAgent", lease_seconds=90),
    SlotFinished(agent="CoderAgent", failure="out of memory"),
    SlotExpired(agent="CoderAgent", last_seen=TIME),
    AgentSilenced(agent="CoderAgent", last_seen=TIME),
    AgentReturned(agent="CoderAgent", last_seen=TIME),
    CommandRefused(command="slot.request", code=Code.PROJECT_BLOCKED, reason="blocked by C-1"),
    ProjectRecovering(phase=Phase.BLOCKED, step="escalate", reason="three attempts failed"),
    SlotRequested(agent="CoderAgent", wait_seconds=60),
    SlotRefused(agent="CoderAgent", request=REQUEST, reason="no slot was free within 60 s"),
    SlotLeft(agent="CoderAgent", request=REQUEST),
    SlotRenewed(agent="CoderAgent", fence=3, term_seconds=1800),
    SlotFinished(agent="CoderAgent", fence=3),
    SlotFailed(agent="CoderAgent", fence=3, failure="out of memory"),
    SlotExpired(agent="CoderAgent", last_seen=TIME, fence=3, reason="term"),
    ResolutionRequested(resolution="R-1", conflict="C-1", strategy="accept", reason="as suggested", suggestion=1),
    ResolutionProposed(
        resolution="R-1",
        conflict="C-1",
        changes=(CHANGE,),
        agents=("DataScienceAgent",),
        seconds=120,
        text="langchain>=0.1.0",
    ),
    ResolutionAnswered(resolution="R-1", agent="DataScienceAgent", answer="yes"),
    ResolutionAnswered(resolution="R-1", agent="DataScienceAgent", answer="no", reason="the old API is needed"),
    ResolutionApplied(
        resolution="R-1",
        conflict="C-1",
        strategy="accept",
        reason="as suggested",
        amendments=(Amendment(agent="DataScienceAgent", declaration=AMENDED),),
        cleared=("C-1",),
    ),
    ResolutionApplied(
        resolution="R-2",
        conflict="C-1",
        strategy="accept",
        reason="a part",
        amendments=(Amendment(agent="DataScienceAgent", declaration=AMENDED),),
    ),
    ResolutionApplied(resolution="R-3", conflict="C-1", strategy="waive", reason="not live yet", seconds=3600),
    ResolutionRefused(resolution="R-1", conflict="C-1", reason="DataScienceAgent said no", agent="DataScienceAgent"),
    ResolutionFailed(resolution="R-1", conflict="C-1", reason="it would make another conflict"),
    WaiverExpired(conflict="C-1", resolution="R-3"),
    AlertRaised(alert="conflict-C-1", severity=Severity.CRITICAL, text="a person must decide", person=True),
    AlertAcknowledged(alert="conflict-C-1", reason="I look into it"),
    AlertCleared(alert="lag-checker", reason="it has caught up"),
    LetterRetried(letter=17, reason="the index is back"),
    LetterDropped(letter=18, reason="sent by a test"),
    SubjectErased(
        tenant="acme", subject="maria", keys=("00112233445566aa",), reason="request 17", approver="privacy-office"
    ),
    HoldPlaced(reason="case 4"),
    HoldReleased(reason="case 4 is closed"),
    RetentionChanged(tenant="acme", days=90, reason="policy 7"),
    RetentionChanged(tenant="acme", reason="policy 8"),
    RetentionApplied(
        upto=57,
        run="019a8b7c-0000-7000-8000-000000000001",
        approver="records-office",
        reason="archived more than 90 days ago",
        days=90,
        created="2026-11-18T00:00:00.000000Z",
        since="2026-11-20T00:00:00.000000Z",
        creator="CoderAgent",
    ),
    WebhookAdded(webhook="ops", url="https://hooks.example/psmp", kinds=("alert.*",)),
    WebhookChanged(webhook="ops", url="https://hooks.example/psmp", kinds=("alert.*", "conflict.detected")),
    WebhookRotated(webhook="ops", overlap_seconds=86400),
    WebhookTested(webhook="ops"),
    WebhookEnded(webhook="ops", reason="its receiver has answered 410"),
    WebhookRemoved(webhook="ops"),
]


def envelope_of(event: Event, sequence: int = 11) -> EventEnvelope:
    key, stamp = ProjectKey("default", "rag-chatbot"), Stamp("0193a0f0-0000-7000-8000-000000000000", TIME)
    provenance = Provenance("/psmp/intake", "CoderAgent", stamp.id, stamp.id)
    return open_event(seal_event(key, event, Link(sequence, GENESIS), provenance, stamp))


@pytest.mark.parametrize("width", WIDTHS)
def test_the_status_of_a_blocked_project(width: int) -> None:
    looked_at(f"status-{width}", rendered(status.page(BLOCKED, NOW), width))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_list_of_projects(width: int) -> None:
    looked_at(f"projects-{width}", rendered(status.projects(LINES, NOW), width))


@pytest.mark.parametrize("width", WIDTHS)
def test_a_list_of_events(width: int) -> None:
    looked_at(f"events-{width}", rendered(events.listing(map(envelope_of, HAPPENED)), width))


@pytest.mark.parametrize("width", WIDTHS)
def test_webhooks_with_how_posting_goes(width: int) -> None:
    known = WebhookStatus(
        webhook="ops",
        url="https://hooks.example/psmp",
        kinds=("alert.*", "conflict.detected"),
        by="ada",
        since="2026-11-21T10:15:30.000000Z",
        sequence=2,
    )
    at = "2026-11-21T10:20:00.000000Z"
    healths = (
        None,
        WebhookHealth(webhook="ops"),
        WebhookHealth(webhook="ops", posted=3, delivered=at),
        WebhookHealth(webhook="ops", posted=3, failing=at, trouble="answered 500", waiting=2, given_up=1),
    )
    ended = known.model_copy(update={"ended": at, "reason": "its receiver has answered 410"})
    found = [*(Posting(known, each) for each in healths), Posting(ended, None)]
    looked_at(f"webhooks-{width}", rendered(webhooks.listing(found), width))


def test_every_event_has_a_page() -> None:
    assert {type(event) for event in HAPPENED} == set(EVENTS) - set(get_args(RunEvent))


def resolved(verdict: Compatibility, *reasons: str) -> Event:
    return CompatibilityChecked(
        sequence=11, verdict=verdict, reasons=reasons, digest=GENESIS, index="https://i.example"
    )


def test_what_the_resolver_said_is_a_sentence() -> None:
    assert [wording.sentence(resolved(verdict, "it is down")) for verdict in get_args(Compatibility)] == [
        "what stood declared at event 11 can be installed together, 0 packages in all",
        "what stood declared at event 11 cannot be installed together",
        "whether what stood declared at event 11 can be installed together is unknown: it is down",
    ]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Transitive(), "what packages need themselves is not checked: no index, or nothing was asked yet"),
        (Transitive(verdict="pending"), "what packages need themselves is not checked yet"),
        (
            Transitive(verdict="pending", reasons=("C-1 must be cleared first",)),
            "what packages need themselves is not checked yet: C-1 must be cleared first",
        ),
        (
            Transitive(verdict="compatible", sequence=9, exclude_newer=TIME),
            "all can be installed together as of event 9, packages as of 2026-11-21 10:15:30Z",
        ),
        (Transitive(verdict="conflict", sequence=9), "not all can be installed together as of event 9"),
        (
            Transitive(verdict="unknown", sequence=9, reasons=("it is down", "b", "c")),
            "whether all can be installed together is unknown as of event 9: it is down, and 2 more",
        ),
    ],
)
def test_a_status_says_how_the_project_stands_with_the_resolver(found: Transitive, told: str) -> None:
    page = rendered(status.page(BLOCKED.model_copy(update={"transitive": found}), NOW), 120)
    assert told in page.splitlines()


def test_a_status_says_how_far_a_check_is_that_runs_now() -> None:
    progress = CheckProgress(sequence=9, doing="solving", at=1, of=2, place="python3.11-linux", asked=1, seconds=3.2)
    found = BLOCKED.transitive.model_copy(update={"progress": progress})
    page = rendered(status.page(BLOCKED.model_copy(update={"transitive": found}), NOW), 120)
    assert "being checked now, solving: python3.11-linux (1 of 2), 3 s, 1 run" in page.splitlines()


def test_a_past_status_says_as_of_when() -> None:
    page = rendered(status.page(BLOCKED, NOW, past=True), 120)
    assert "as of event 11, 2026-11-21T10:15:30.123456Z" in page
    assert "ago" not in page.splitlines()[0]


def test_what_others_wrote_cannot_steer_the_terminal() -> None:
    assert wording.shown("a\x1b[31mb\nc\u202ed") == "a [31mb c d"
    assert "\x1b" not in rendered(status.projects(LINES, NOW), 120)


def test_a_way_out_is_a_command_that_a_shell_takes() -> None:
    commands = list(conflict.commands(CONFLICT.suggestions[0], "rag-chatbot", "pypi"))
    assert commands == [
        "psmp amend rag-chatbot --agent DataScienceAgent --artifact embedding-pipeline --set 'langchain>=0.1.0'"
    ]


def test_a_command_to_type_is_never_broken() -> None:
    page = rendered(conflict.explained(CONFLICT, "rag-chatbot"), 60)
    assert "--artifact embedding-pipeline --set 'langchain>=0.1.0'" in page


def test_a_notice_names_the_part_and_what_befell_it() -> None:
    line = stack.notice(Notice("checker", Happening.DIED, "signal 9"), "12:00:00")
    assert line.plain.split() == ["12:00:00", "checker", "died", "signal", "9"]


def test_a_live_line_names_its_project_where_there_are_several() -> None:
    assert "rag-chatbot" in events.line(envelope_of(HAPPENED[0]), project=True).plain
    assert "rag-chatbot" not in events.line(envelope_of(HAPPENED[0])).plain


def test_facts_are_aligned() -> None:
    lines = rendered(layout.facts([("a", "1"), ("longer", "2")]), 40).splitlines()
    assert lines[0].index("1") == lines[1].index("2")


def test_a_party_says_where_it_is_written_and_when_it_counts() -> None:
    windows = Party(
        artifact="a", version=1, agent="ada", constraint="<2", purpose="old API", sequence=1, scope="dev",
        marker="os_name == 'nt'", location="pyproject.toml:7",
    )  # fmt: skip
    source = Party(artifact="b", version=1, agent="bob", constraint="", sequence=2, reference="./numpy")
    clash = CONFLICT.model_copy(update={"parties": (windows, source)})
    shown = rendered(conflict.explained(clash, "rag"), 120)
    assert "<2 ; os_name == 'nt' (dev)" in shown
    assert "old API (pyproject.toml:7)" in shown
    assert "@ ./numpy" in shown


def test_an_artifact_tells_its_interpreter_and_its_own_environment() -> None:
    apart = BLOCKED.artifacts[0].model_copy(update={"environment": "lab", "requires_python": ">=3.12"})
    shown = rendered(status.page(BLOCKED.model_copy(update={"artifacts": (apart,), "conflicts": ()}), NOW), 120)
    assert "backend v1 in lab" in shown
    assert "Python>=3.12, fastapi>=0.100.0" in shown


def test_a_pruned_project_tells_no_target_that_is_not_known() -> None:
    shown = rendered(status.page(BLOCKED.model_copy(update={"targets": ()}), NOW), 120)
    assert "·  ·" not in shown


def test_everything_that_befalls_a_graph_is_a_sentence() -> None:
    told = [wording.sentence(open_event(record.body).data) for record in story.sixth()]
    assert [each for each in told if not each or "\n" in each] == []
    assert told[2].startswith("MAEG-P1 registered: 2 agent nodes, graph ")
    assert "n1 dispatched to agent-1, for 60 s, attempt 1" in told
    assert "n1 reviewed, attempt 1: FAIL, no tests are reported" in told
    assert "n1 issued anew, attempt 2, to correct: no tests are reported" in told
    assert "a lead agrees to the result of n2: good" in told
    wrapped = WrapOrchAccepted(maeg="MAEG-P1", root="ab" * 32, checkpoint=f"33 {'cd' * 32}")
    assert wording.sentence(wrapped) == "MAEG-P1 is settled: root abababababab, under the checkpoint over 33 records"
    changed = SubPacIssued(maeg="MAEG-P1", node="n2", sub_pac="Sub-PAC-P1-A2", attempt=2, changed=("one",))
    assert wording.sentence(changed) == "n2 issued anew, attempt 2: one changed"
