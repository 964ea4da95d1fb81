"""Every route there is: its method, its path, what it asks of the key, who carries it out. Nothing else is served."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from psmp.words.answers import ArtifactStatus, Status
from psmp.words.commands import (
    AddWebhook,
    ChangeProject,
    CreateTask,
    DeclareArtifact,
    FinishSlot,
    LeaveQueue,
    RenewSlot,
    RequestSlot,
    TransitionProject,
)
from psmp.words.orchestration.graph import Maeg
from psmp.words.orchestration.seen import Orchestration, Settlement
from psmp.words.values import Word
from psmp_gateway.calls import Ports
from psmp_gateway.routes import (
    agents,
    artifacts,
    compliance,
    figures,
    governance,
    graphs,
    history,
    internal,
    ledger,
    live,
    operations,
    projects,
    session,
    tasks,
    webhooks,
)
from psmp_gateway.rules import answers, problems, records, site
from psmp_gateway.rules import figures as told
from psmp_gateway.rules import graphs as sent
from psmp_gateway.rules import tasks as planned
from psmp_gateway.rules.access import Permission
from psmp_gateway.rules.preview import Foreseen, Intention
from psmp_gateway.rules.ranges import NumberLine

PREFIX: Final = site.API

SOCKET: Final = "WEBSOCKET"
"""The method of a route that is no request of HTTP but a WebSocket."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route; ``permission`` None lets everybody in. ``says`` are the statuses of its answers with their bodies.

    ``takes`` is the body. ``command``: it says a command, so that it takes ``Prefer`` and ``Idempotency-Key``, and may
    be answered with 202. ``tagged``: it has an ETag; ``matched``: it takes ``If-Match``. ``also`` are the media types
    that it is answered in besides JSON, ``spelled`` those that the body may have besides.
    """

    method: str
    path: str
    permission: Permission | None
    handler: Callable[..., Any]
    says: dict[int, type[Word] | None]
    about: str
    takes: type[Word] | None = None
    command: bool = False
    tagged: bool = False
    matched: bool = False
    also: tuple[str, ...] = ()
    spelled: tuple[str, ...] = ()


def _asks(
    path: str,
    handler: Callable[..., Any],
    says: type[Word] | None,
    about: str,
    *,
    tagged: bool = False,
    also: tuple[str, ...] = (),
    permission: Permission = Permission.READ,
) -> Route:
    return Route("GET", path, permission, handler, {200: says}, about, tagged=tagged, also=also)


def _tells(
    path: str,
    permission: Permission,
    handler: Callable[..., Any],
    takes: type[Word],
    about: str,
    *,
    method: str = "POST",
    status: int = 200,
    says: type[Word] = answers.Outcome,
    matched: bool = False,
    spelled: tuple[str, ...] = (),
) -> Route:
    said: dict[int, type[Word] | None] = {status: says, 202: answers.Sent}
    return Route(
        *(method, path, permission, handler, said, about, takes), command=True, matched=matched, spelled=spelled
    )


_PROJECT: Final = "/projects/{project}"
_ARTIFACT: Final = f"{_PROJECT}/artifacts/{{artifact}}"
_TASKS: Final = f"{_PROJECT}/tasks"
_TASK: Final = f"{_TASKS}/{{task}}"
_CONFLICT: Final = "/governance/conflicts/{conflict}"
_GRAPHS: Final = f"{_PROJECT}/orchestrations"
_GRAPH: Final = f"{_GRAPHS}/{{maeg}}"
_NODE: Final = f"{_GRAPH}/nodes/{{node}}"
_PROOFS: Final = f"{_PROJECT}/proofs"
_COMPLIANCE: Final = "/governance/compliance"
_TEXT: Final = "text/plain"
_EXPORTS: Final = ("application/json", "text/csv", "application/zip")
_LETTER: Final = "/dead-letters/{letter}"


def _record() -> tuple[Route, ...]:
    """Those that read the record and its figures, and change nothing."""
    inspect, export, verify = Permission.INSPECT, compliance.export, ledger.verify
    return (
        _asks(f"{_PROJECT}/events", history.events, answers.EventPage, "projects", also=("application/jsonl",)),
        _asks(f"{_PROJECT}/diff", history.diff, records.Changes, "projects"),
        _asks(f"{_PROJECT}/dependencies", history.dependencies, records.PackageList, "projects"),
        _asks("/checkpoints", ledger.covered, records.CoveragePage, "ledger"),
        _asks(f"{_PROJECT}/checkpoints", ledger.checkpoints, records.CheckpointPage, "ledger"),
        _asks(f"{_PROJECT}/checkpoints/newest", ledger.newest, None, "ledger", also=(_TEXT,)),
        _asks(f"{_PROOFS}/inclusion/{{sequence}}", ledger.inclusion, records.InclusionProof, "ledger", also=(_TEXT,)),
        _asks(f"{_PROOFS}/consistency", ledger.consistency, records.ConsistencyProof, "ledger", also=(_TEXT,)),
        Route("POST", f"{_PROJECT}/verify", inspect, verify, {200: records.Verification}, "ledger"),
        _asks(f"{_COMPLIANCE}/audit", compliance.audit, records.AuditPage, "compliance"),
        Route("GET", f"{_COMPLIANCE}/export", inspect, export, {200: None}, "compliance", also=_EXPORTS),
        _asks(
            *(f"{_COMPLIANCE}/report", compliance.report, records.ReportDocument, "compliance"),
            also=("text/markdown",),
            permission=inspect,
        ),
        _asks("/analytics", figures.analytics, told.Analysis, "figures"),
        _asks("/analytics/activity", figures.activity, told.Series, "figures"),
        _asks("/analytics/conflicts", figures.conflicts, told.ConflictSpans, "figures"),
        Route("GET", "/operations", inspect, figures.operations, {200: told.OperationsState}, "figures"),
    )


def _graphs() -> tuple[Route, ...]:
    """Those of graphs of agents."""
    govern, resolve, about = Permission.GOVERN, Permission.RESOLVE, "orchestrations"
    yaml = graphs.YAML[:1]
    checked: dict[int, type[Word] | None] = {200: sent.GraphJudged}
    return (
        _asks("/orchestrations", graphs.everywhere, answers.OrchestrationPage, about),
        Route(
            *("POST", "/orchestrations/check", Permission.READ, graphs.check),
            *(checked, about, Maeg),
            spelled=yaml,
        ),
        _asks(_GRAPHS, graphs.listing, answers.OrchestrationPage, about),
        _tells(_GRAPHS, govern, graphs.submit, Maeg, about, status=201, spelled=yaml),
        _asks(_GRAPH, graphs.reading, Orchestration, about, tagged=True, also=(_TEXT,)),
        _asks(f"{_GRAPH}/wrap", graphs.settlement, Settlement, about),
        _tells(f"{_GRAPH}/approve", govern, graphs.approve, answers.Because, about, matched=True),
        _tells(f"{_GRAPH}/abandon", govern, graphs.abandon, answers.Because, about, matched=True),
        _tells(f"{_NODE}/review", resolve, graphs.review, sent.GraphReview, about, matched=True),
        _tells(f"{_NODE}/correct", resolve, graphs.correct, answers.Because, about, matched=True),
    )


def _internal() -> tuple[Route, ...]:
    """Those that are for privileged clients alone, and not there for anybody else."""
    only, about = Permission.INTERNAL, "internal"
    return (
        Route("GET", "/internal/health", only, internal.health, {200: answers.DeepHealth}, about),
        Route("GET", "/internal/metrics", only, internal.metrics, {200: None}, about),
        Route("POST", "/internal/keys/reload", only, internal.reload, {204: None}, about),
        Route("POST", "/internal/drain", only, internal.drain, {200: answers.Draining}, about),
        Route("DELETE", "/internal/drain", only, internal.resume, {200: answers.Draining}, about),
    )


def _sessions(ports: Ports) -> tuple[Route, ...]:
    """Those by which people sign in and out."""
    doors, about = session.SessionRoutes(ports), "session"
    return (
        _asks("/session", session.current, answers.Session, about),
        Route("POST", "/session", None, doors.open(), {201: answers.Session}, about, answers.KeyShown),
        Route("DELETE", "/session", None, doors.close(), {204: None}, about),
        Route("GET", "/session/login", None, doors.begin(), {303: None}, about),
        Route("GET", "/session/callback", None, doors.finish(), {200: None}, about),
        Route("GET", "/logins", None, doors.logins(), {200: answers.Logins}, about),
    )


def _webhooks() -> tuple[Route, ...]:
    """Those by which a tenant says who is told what happens."""
    operate, about = Permission.OPERATE, "webhooks"
    settled: dict[int, type[Word] | None] = {200: answers.Outcome, 202: answers.Sent}
    made, one = answers.WebhookMade, "/webhooks/{webhook}"
    return (
        _asks("/webhooks", webhooks.listing, answers.WebhookList, about),
        _tells("/webhooks", operate, webhooks.add, AddWebhook, about, status=201, says=made),
        _asks(one, webhooks.reading, answers.WebhookState, about),
        _tells(one, operate, webhooks.change, answers.WEBHOOK_CHANGE, about, method="PATCH", matched=True),
        Route("DELETE", one, operate, webhooks.remove, settled, about, command=True, matched=True),
        _tells(f"{one}/rotate", operate, webhooks.rotate, answers.Rotation, about, says=made, matched=True),
        Route("POST", f"{one}/test", operate, webhooks.try_out, settled, about, command=True),
    )


def _agents() -> tuple[Route, ...]:
    """Who may run, and who waits."""
    declare = Permission.DECLARE
    return (
        _asks(f"{_PROJECT}/agents", agents.agents, answers.AgentList, "agents"),
        _asks(f"{_PROJECT}/slots", agents.slots, answers.SlotList, "agents"),
        _tells(f"{_PROJECT}/slots", declare, agents.begin, RequestSlot, "agents", status=201),
        _tells(f"{_PROJECT}/slots/renew", declare, agents.renew, RenewSlot, "agents"),
        _tells(f"{_PROJECT}/slots/finish", declare, agents.finish, FinishSlot, "agents"),
        _tells(f"{_PROJECT}/slots/leave", declare, agents.leave, LeaveQueue, "agents"),
        Route("POST", f"{_PROJECT}/heartbeat", declare, agents.heartbeat, {204: None}, "agents"),
    )


def _projects() -> tuple[Route, ...]:
    """Those that are about a project as a whole."""
    govern, about = Permission.GOVERN, "projects"
    return (
        _asks("/projects", projects.listing, answers.ProjectPage, about),
        _tells("/projects", govern, projects.create, answers.NewProject, about, status=201),
        _asks(_PROJECT, history.reading, Status, about, tagged=True),
        _tells(_PROJECT, govern, projects.change, ChangeProject, about, method="PATCH", matched=True),
        _tells(_PROJECT, govern, projects.archive, answers.Because, about, method="DELETE", matched=True),
        _tells(f"{_PROJECT}/transition", govern, projects.transition, TransitionProject, about, matched=True),
    )


def _tasks() -> tuple[Route, ...]:
    """What is to be done, and by whom."""
    plan, about = Permission.PLAN, "tasks"
    return (
        _asks(_TASKS, tasks.listing, planned.TaskPage, about),
        _tells(_TASKS, plan, tasks.create, CreateTask, about, status=201),
        _asks(_TASK, tasks.reading, planned.TaskState, about, tagged=True),
        _tells(_TASK, plan, tasks.change, planned.TASK_CHANGE, about, method="PATCH", matched=True),
        _tells(_TASK, plan, tasks.archive, answers.Because, about, method="DELETE", matched=True),
    )


def routes(ports: Ports) -> tuple[Route, ...]:
    """All of them."""
    read, declare, resolve = Permission.READ, Permission.DECLARE, Permission.RESOLVE
    operate, inspect, dead = Permission.OPERATE, Permission.INSPECT, answers.LetterPage
    return (
        *_projects(),
        *_record(),
        _asks(f"{_PROJECT}/artifacts", artifacts.listing, answers.ArtifactPage, "artifacts"),
        _tells(
            *(f"{_PROJECT}/artifacts", declare, artifacts.declare, DeclareArtifact, "artifacts"),
            status=201,
            says=answers.VerdictAnswer,
        ),
        _asks(_ARTIFACT, artifacts.reading, ArtifactStatus, "artifacts", tagged=True),
        _tells(
            *(_ARTIFACT, declare, artifacts.amend, answers.AMENDMENT, "artifacts"),
            method="PATCH",
            says=answers.VerdictAnswer,
            matched=True,
        ),
        _tells(
            *(_ARTIFACT, declare, artifacts.withdraw, answers.Withdrawal, "artifacts"), method="DELETE", matched=True
        ),
        *_agents(),
        *_tasks(),
        _tells(
            f"{_PROJECT}/resolutions/{{resolution}}/answer", resolve, governance.respond, answers.ANSWER, "governance"
        ),
        _asks("/governance/conflicts", governance.conflicts, answers.ConflictPage, "governance"),
        _asks(_CONFLICT, governance.conflict, answers.ConflictState, "governance"),
        _asks(f"{_CONFLICT}/ranges", governance.ranges, NumberLine, "governance"),
        Route("POST", f"{_CONFLICT}/preview", read, governance.preview, {200: Foreseen}, "governance", Intention),
        _tells(f"{_CONFLICT}/resolve", resolve, governance.resolve, answers.RESOLUTION, "governance"),
        _asks("/governance/blocking-report", governance.blocking, answers.BlockingReport, "governance"),
        _asks("/alerts", operations.alerts, answers.AlertPage, "operations"),
        _tells("/alerts/{alert}/acknowledge", operate, operations.acknowledge, answers.Because, "operations"),
        Route("GET", "/dead-letters", inspect, operations.letters, {200: dead}, "operations"),
        _tells(f"{_LETTER}/retry", operate, operations.retry, answers.Because, "operations"),
        _tells(f"{_LETTER}/drop", operate, operations.drop, answers.Because, "operations"),
        *_webhooks(),
        Route("GET", "/events/stream", read, live.stream, {}, "live"),
        Route(SOCKET, "/live", read, live.socket(ports), {}, "live"),
        *_graphs(),
        *_sessions(ports),
        *_internal(),
        Route("GET", "/problems", None, operations.kinds, {200: problems.ProblemKinds}, "operations"),
        Route(
            *("GET", "/health", None, operations.health(ports)),
            {200: answers.Wellness, 503: answers.Wellness},
            "operations",
        ),
    )
