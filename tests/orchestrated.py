"""A graph of agents played by the rules of all services: one fails its review, one its execution, persons agree."""

from datetime import timedelta
from typing import Any

from pydantic_core import to_json

from psmp.rules.orchestration import tokens
from psmp.words.commands import (
    AbandonMaeg,
    ApproveMaeg,
    Command,
    CorrectSubPac,
    CreateProject,
    DeclareArtifact,
    FinishSlot,
    ReportSubPac,
    RequestSlot,
    ReviewSubPac,
    SubmitMaeg,
    TransitionProject,
)
from psmp.words.envelope import written
from psmp.words.orchestration.checks import ReportedTests
from psmp.words.orchestration.packing import pack
from psmp.words.refusals import Refused
from psmp.words.values import PathClaim, Phase, Policy
from psmp_intake.rules import decide
from psmp_intake.rules.assignments import Heard
from tests.histories import KEY
from tests.recording import Recording
from tests.unit.rules.orchestration.graphs import Document, agent, document, flows, waits
from tests.unit.rules.world import SIGNER, World

LEAD = "owner"
MAEG = "MAEG-P1"
DOCUMENT: Document = document(
    [
        agent(1, checks=[{"check": "TESTS_REPORTED", "least": 2}, {"check": "ARTIFACT_ACCEPTED"}]),
        agent(2, takes=("one",), checks=[{"check": "HUMAN_REVIEW", "role": "lead", "seconds": 600}]),
    ],
    [waits("root", "n1"), flows("n1", "n2", out="one"), waits("n2", "all", "BARRIER")],
    approver="lead",
    attempts=2,
    scope={"paths": ["src/"], "tools": ["git"], "budget_micros": 5000},
)
SECOND: Document = {**DOCUMENT, "maeg": "MAEG-P2", "pac": {**DOCUMENT["pac"], "pac": "P2"}}
SECOND["sub_pacs"] = [{**each, "sub_pac": each["sub_pac"].replace("P1", "P2")} for each in DOCUMENT["sub_pacs"]]
SECOND["nodes"] = [
    {**each, "sub_pac": each["sub_pac"].replace("P1", "P2")} if "sub_pac" in each else each
    for each in DOCUMENT["nodes"]
]


def submission(of: Document = DOCUMENT) -> SubmitMaeg:
    """The command that registers a graph."""
    return SubmitMaeg(graph=pack(to_json(of)))


def token(world: World, node: str, maeg: str = MAEG) -> str:
    """The token that the agent of a node was sent for its latest attempt."""
    run = world.state.runs[maeg]
    held = run.of(node).token
    assert held is not None
    return tokens.made(tokens.claims(KEY, run, node, held), SIGNER)


def begun(of: Document = DOCUMENT, world: Recording | None = None, **policy: Any) -> Recording:
    """A project at work, in which a graph was submitted."""
    world = world or Recording()
    assert world.ask(LEAD, CreateProject(name="Site", policy=Policy(lease_seconds=30, **policy)))
    assert world.ask(LEAD, TransitionProject(to=Phase.PLANNING, reason="go"))
    assert world.ask(LEAD, submission(of))
    world.rest(watch=False)
    return world


def start(world: World, node: str, maeg: str = MAEG) -> int:
    """The agent of a node begins; the fence of its slot."""
    who = world.state.runs[maeg].shape.agents[node].agent
    assert world.ask(who, RequestSlot(token=token(world, node, maeg)))
    return world.state.runs[maeg].of(node).fence


def does(world: World, node: str, *commands: Command, maeg: str = MAEG) -> None:
    """What the agent of a node says, one after another; then all services say what they have to say."""
    who = world.state.runs[maeg].shape.agents[node].agent
    for command in commands:
        assert world.ask(who, command), command
    world.rest(watch=False)


def answer(world: Recording, who: str, command: Command, at: str = "") -> Refused:
    """The refusal that a command gets; it says what to do, and nothing is written."""
    found = decide(world.state, who, command, Heard(KEY, at or written(world.now)))
    assert isinstance(found, Refused), found
    assert found.reason
    return found


def report(fence: int, out: object = 1, **said: Any) -> ReportSubPac:
    """A report that fits."""
    return ReportSubPac(fence=fence, outputs={"out": out}, tests=ReportedTests(passed=2, failed=0), **said)


def declaration(fence: int | None = None, path: str = "src/app.py") -> DeclareArtifact:
    """An artifact with a path."""
    return DeclareArtifact(artifact="app", type="code", paths=(PathClaim(path=path),), fence=fence)


def told() -> Recording:
    """Everything that can befall a graph, once at least."""
    world = begun()
    fence = start(world, "n1")
    untested = ReportSubPac(fence=fence, outputs={"out": 1}, tools=("git",), cost_micros=1000)
    does(world, "n1", declaration(fence), untested)  # fails its review: no tests
    does(world, "n1", FinishSlot(fence=start(world, "n1"), failure="the disk is full"))  # and has failed too often
    assert not world.ask("agent-1", CorrectSubPac(maeg=MAEG, node="n1", reason="once more"))
    assert world.ask(LEAD, CorrectSubPac(maeg=MAEG, node="n1", reason="there is room again"))
    world.rest(watch=False)
    does(world, "n1", report(start(world, "n1"), cost_micros=500))
    assert not world.ask("agent-2", RequestSlot())  # it starts by its token alone
    world.now += timedelta(seconds=61)
    world.rest()  # nobody began n2 while its token counted
    does(world, "n2", report(start(world, "n2"), out=2, used=(("n1", "out"),)))
    assert not world.ask(LEAD, ApproveMaeg(maeg=MAEG, reason="done"))
    assert world.ask(LEAD, ReviewSubPac(maeg=MAEG, node="n2", role="lead", agrees=True, reason="good"))
    world.rest(watch=False)
    assert world.ask(LEAD, ApproveMaeg(maeg=MAEG, reason="all of it is good"))
    world.rest(watch=False)
    assert world.ask(LEAD, submission(SECOND))
    world.rest(watch=False)
    assert world.ask(LEAD, AbandonMaeg(maeg="MAEG-P2", reason="it was the wrong plan"))
    world.rest(watch=False)
    return world
