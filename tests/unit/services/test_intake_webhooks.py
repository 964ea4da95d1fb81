"""A tenant's webhooks are decided in the project that it has for that, and nothing else is decided there."""

from dataclasses import replace

import pytest

from psmp.rules.project import Project
from psmp.words.commands import (
    AcknowledgeAlert,
    AddWebhook,
    ChangeWebhook,
    Command,
    CreateProject,
    DeclareArtifact,
    RemoveWebhook,
    RotateWebhook,
    TransitionProject,
    TryWebhook,
)
from psmp.words.envelope import Stamp, open_command, seal_command
from psmp.words.events import (
    ProjectCreated,
    WebhookAdded,
    WebhookChanged,
    WebhookEnded,
    WebhookRemoved,
    WebhookRotated,
    WebhookTested,
)
from psmp.words.ids import ProjectKey, uuid7
from psmp.words.refusals import Code, Refused
from psmp.words.subjects import CommandSubject
from psmp.words.values import Phase
from psmp.words.webhooks import MOST, place
from psmp_intake.rules import decide
from psmp_intake.rules.ruling import rule
from psmp_intake.rules.state import Decision
from tests.unit.services.history import KEY, Said
from tests.unit.services.history import project as happened

URL, OTHER = "https://hooks.example/psmp", "https://other.example/"
ADDED = WebhookAdded(webhook="ops", url=URL, kinds=("alert.*",))
ADD = AddWebhook(webhook="ops", url=URL)
STAMP = Stamp(uuid7(1, bytes(10)), "2026-11-26T08:00:00.000000Z")


def decided(command: Command, *said: Said, expected: int | None = None, key: ProjectKey | None = None) -> Decision:
    where = key or place("acme")
    subject = CommandSubject(where, "ada", command.KIND)
    envelope = open_command(seal_command(where, "ada", command, STAMP, expected=expected), command.KIND)
    return rule(happened(*said), subject, envelope, STAMP.time)


def code(decision: Decision) -> str:
    assert isinstance(decision, Refused)
    assert decision.reason
    assert decision.hint
    return decision.code


def test_a_webhook_is_added_once_whoever_does_it() -> None:
    assert decided(ADD) == ADDED
    assert code(decided(ADD, ADDED)) == Code.WEBHOOK_EXISTS
    assert decided(ADD, ADDED, WebhookRemoved(webhook="ops")) == ADDED


def test_no_more_are_kept_than_may_be() -> None:
    full = [ADDED.model_copy(update={"webhook": f"w{number}"}) for number in range(MOST)]
    assert code(decided(ADD, *full)) == Code.TOO_MANY_WEBHOOKS
    assert decided(ADD, *full[:-1]) == ADDED


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (ChangeWebhook(webhook="ops"), WebhookChanged(webhook="ops", url=URL, kinds=("alert.*",))),
        (ChangeWebhook(webhook="ops", url=OTHER), WebhookChanged(webhook="ops", url=OTHER, kinds=("alert.*",))),
        (
            ChangeWebhook(webhook="ops", kinds=("project.*",)),
            WebhookChanged(webhook="ops", url=URL, kinds=("project.*",)),
        ),
        (RemoveWebhook(webhook="ops"), WebhookRemoved(webhook="ops")),
        (RotateWebhook(webhook="ops", overlap_seconds=9), WebhookRotated(webhook="ops", overlap_seconds=9)),
        (TryWebhook(webhook="ops"), WebhookTested(webhook="ops")),
    ],
)
def test_what_is_wished_of_a_webhook_is_done_if_there_is_one_as_it_was_expected(
    command: Command, event: object
) -> None:
    assert decided(command, ADDED) == event
    assert code(decided(command)) == Code.UNKNOWN_WEBHOOK
    assert code(decided(command, expected=1)) == Code.UNKNOWN_WEBHOOK  # rather than that it has changed
    added = happened(ADDED).webhooks["ops"].sequence
    assert decided(command, ADDED, WebhookTested(webhook="ops"), expected=added) == event
    refused = decided(command, ADDED, WebhookEnded(webhook="ops", reason="410"), expected=added)
    assert code(refused) == Code.PRECONDITION_FAILED
    assert isinstance(refused, Refused)
    assert refused.current == added + 1


@pytest.mark.parametrize("command", [ADD, TryWebhook(webhook="ops")])
def test_a_webhook_is_no_projects(command: Command) -> None:
    assert code(decided(command, ADDED, key=KEY)) == Code.WRONG_PROJECT


@pytest.mark.parametrize(
    "command", [DeclareArtifact(artifact="a", type="code"), TransitionProject(to=Phase.ARCHIVED, reason="x")]
)
def test_no_work_is_done_where_webhooks_are_so_that_nobody_archives_them(command: Command) -> None:
    assert code(decided(command)) == Code.WRONG_PROJECT


def test_there_is_such_a_project_once_and_what_befalls_it_is_taken_in_hand() -> None:
    subject = CommandSubject(place("acme"), "ada", CreateProject.KIND)
    envelope = open_command(seal_command(place("acme"), "ada", CreateProject(name="All"), STAMP), CreateProject.KIND)
    assert isinstance(rule(None, subject, envelope, STAMP.time), ProjectCreated)
    assert code(decided(AcknowledgeAlert(alert="letter-1", reason="x"))) in (Code.UNKNOWN_ALERT, Code.NOT_ALLOWED)


def test_before_there_is_one_nothing_is_known() -> None:
    assert code(decide(None, "ada", ADD)) == Code.UNKNOWN_PROJECT


def test_what_names_no_webhook_changes_nothing() -> None:
    before: Project = happened(ADDED)
    after = happened(ADDED, WebhookEnded(webhook="gone", reason="410"))
    assert replace(after, sequence=before.sequence, time=before.time) == before
