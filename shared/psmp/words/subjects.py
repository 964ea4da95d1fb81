"""The subject contract: every NATS subject that PSMP uses is made and read here, and nowhere else."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from psmp.words import spelling
from psmp.words.ids import ProjectKey

LOG: Final = "psmp.log"
LIVE: Final = "psmp.evt"
DEAD: Final = "psmp.dlq"
CHECKPOINTS: Final = "psmp.checkpoint"
STANDING: Final = "psmp.standing"
"""Where it is said whether log and ledger stand, or have gone back in time."""

SIGN_CHECKPOINTS: Final = "psmp.sign.checkpoints"
"""Where the signer is asked for checkpoints, by the audit writer alone."""

SIGN_STATEMENT: Final = "psmp.sign.statement"
"""Where the signer is asked for statements about bundles and projects, by the operator alone."""

SIGN_EXPORT: Final = "psmp.sign.export"
"""Where the signer is asked for statements about what is exported, and no others, by the gateway."""

POSITION: Final = "Psmp-Position"
"""The header of a checkpoint that says where in the log the last record stands that it covers."""

LEAF: Final = "Psmp-Leaf"
"""The header of a checkpoint that has the leaf hash of the last record that it covers, in hex."""

AUDITS: Final = frozenset({"checkpoint"})
"""The kinds of questions that the audit writer answers."""

SENDS: Final = frozenset({"webhooks", "secret"})
"""The kinds of questions that the webhook sender answers; all others are the keeper's."""

NUMBER: Final = "Psmp-Number"
"""The header of a checkpoint that has its number in the anchor log; of the anchor log's own, the size."""

TIME: Final = "Psmp-Time"
"""The header in which a service says with its heartbeat what time it has."""

STOPPED: Final = "Psmp-Stopped"
"""The header in which a service says with its heartbeat which projects it goes no further with, parted by spaces."""

_NOBODY: Final = "_"
_KIND: Final = re.compile(r"^([a-z]+\.[a-z]+)(\.privileged)?\Z")


is_id: Final = spelling.is_id


@dataclass(frozen=True, slots=True)
class CommandSubject:
    """Who asks for what: the tokens of ``psmp.cmd.<tenant>.<project>.<agent>.<entity>.<verb>``.

    Behind them stands ``privileged`` for what a privileged client says: the broker lets nobody else publish there.
    """

    key: ProjectKey
    agent: str
    kind: str
    privileged: bool = False


def command(key: ProjectKey, agent: str, kind: str, *, privileged: bool = False) -> str:
    """Where ``agent`` publishes a command of ``kind`` for a project."""
    return f"psmp.cmd.{key.tenant}.{key.project}.{agent}.{kind}{'.privileged' if privileged else ''}"


@lru_cache(maxsize=4096)
def read_command(subject: str) -> CommandSubject | None:
    """What a command's subject says; None when it is not by the grammar."""
    tokens = subject.split(".", 5)
    match tokens:
        case ["psmp", "cmd", tenant, project, agent, kind] if all(map(is_id, (tenant, project, agent))):
            found = _KIND.match(kind)
            return CommandSubject(ProjectKey(tenant, project), agent, found[1], bool(found[2])) if found else None
    return None


def log(key: ProjectKey, kind: str) -> str:
    """Where an event of ``kind`` is stored."""
    return f"psmp.log.{key.tenant}.{key.project}.{kind}"


def log_of(key: ProjectKey) -> str:
    """The filter that covers a project's whole log."""
    return f"psmp.log.{key.tenant}.{key.project}.>"


@lru_cache(maxsize=4096)
def read_log(subject: str) -> tuple[ProjectKey, str]:
    """The project and the kind of a stored (``psmp.log``) or republished (``psmp.evt``) event."""
    _, _, tenant, project, kind = subject.split(".", 4)
    return ProjectKey(tenant, project), kind


def live(key: ProjectKey, kind: str = ">") -> str:
    """Where stored events of a project are republished to, for whoever wants to watch."""
    return f"psmp.evt.{key.tenant}.{key.project}.{kind}"


def progress(key: ProjectKey) -> str:
    """Where the checker says how far the resolver is with a project; stored nowhere."""
    return f"psmp.live.{key.tenant}.{key.project}.compatibility.progressed"


def read_progress(subject: str) -> ProjectKey:
    """Whose progress is said there."""
    _, _, tenant, project, _ = subject.split(".", 4)
    return ProjectKey(tenant, project)


def outcome(key: ProjectKey, agent: str, command_id: str) -> str:
    """Where the outcome of one command goes: derived, so no sender can name a place that is not its own."""
    return f"psmp.out.{key.tenant}.{agent}.{key.project}.{command_id}"


def outcomes(tenant: str, agent: str) -> str:
    """The filter that covers every outcome for one agent."""
    return f"psmp.out.{tenant}.{agent}.>"


def task(key: ProjectKey, agent: str) -> str:
    """Where ``agent`` is asked to do something about a project's conflicts."""
    return f"psmp.task.{key.tenant}.{key.project}.{agent}"


def dispatch(key: ProjectKey, agent: str) -> str:
    """Where ``agent``, and nobody else, is sent what it may start, with the tokens for it."""
    return f"psmp.dispatch.{key.tenant}.{key.project}.{agent}"


def heartbeat(key: ProjectKey, agent: str) -> str:
    """Where ``agent`` says that it is alive."""
    return f"psmp.hb.{key.tenant}.{key.project}.{agent}"


def read_heartbeat(subject: str) -> tuple[ProjectKey, str] | None:
    """Whose heartbeat this is; None when the subject is not by the grammar."""
    match subject.split("."):
        case ["psmp", "hb", tenant, project, agent] if all(map(is_id, (tenant, project, agent))):
            return ProjectKey(tenant, project), agent
    return None


question: Final = spelling.question
inbox: Final = spelling.inbox


def snapshot(service: str, key: ProjectKey) -> str:
    """Where a service keeps its fold of a project."""
    return f"psmp.snap.{service}.{key.tenant}.{key.project}"


def turn(service: str, key: ProjectKey) -> str:
    """Where stands which replica of a service has a project in hand, if any."""
    return f"psmp.turn.{service}.{key.tenant}.{key.project}"


def checkpoint(key: ProjectKey) -> str:
    """Where checkpoints of a project's log are published; of the anchor log under ``_`` and ``anchor``."""
    return f"{CHECKPOINTS}.{key.tenant}.{key.project}"


def key(tenant: str, subject: str, project: str = _NOBODY) -> str:
    """Where the key lies by which a subject's texts in a project are sealed; ``_``: what was said of all of them."""
    return f"psmp.key.{tenant}.{subject}.{project}"


def commands_of(tenant: str, agent: str) -> str:
    """The filter that covers every command of one agent."""
    return f"psmp.cmd.{tenant}.*.{agent}.>"


def dead_letter(service: str, consumer: str, position: int, key: ProjectKey | None = None) -> str:
    """Where the message at ``position`` goes when it can never be handled by ``consumer``: a subject of its own.

    ``_`` stands for tenant and project where the message names none.
    """
    tenant, project = key or (_NOBODY, _NOBODY)
    return f"{DEAD}.{service}.{tenant}.{project}.{consumer}.{position}"


@dataclass(frozen=True, slots=True)
class LetterSubject:
    """Whose dead letter: the tokens of ``psmp.dlq.<service>.<tenant>.<project>.<consumer>.<position>``."""

    service: str
    key: ProjectKey | None
    consumer: str
    position: int


def read_dead_letter(subject: str) -> LetterSubject | None:
    """What a dead letter's subject says; None when it is not by the grammar.

    Letters of older versions name neither consumer nor position, and nothing at all where they name no project.
    """
    match subject.split("."):
        case ["psmp", "dlq", service, tenant, project, consumer, position] if position.isdecimal():
            return LetterSubject(service, _project(tenant, project), consumer, int(position))
        case ["psmp", "dlq", service, tenant, project]:
            return LetterSubject(service, _project(tenant, project), "", 0)
        case ["psmp", "dlq", service]:
            return LetterSubject(service, None, "", 0)
    return None


def _project(tenant: str, project: str) -> ProjectKey | None:
    return ProjectKey(tenant, project) if is_id(tenant) and is_id(project) else None
