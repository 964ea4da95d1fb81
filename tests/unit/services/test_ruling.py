"""A command is read for the project it was sent to, and a hold is placed where it is to hold."""

from dataclasses import replace

import pytest

from psmp.words.commands import Command, CreateProject, PlaceHold, ReleaseHold, RequestSlot
from psmp.words.envelope import Stamp, open_command, seal_command
from psmp.words.events import HoldPlaced, HoldReleased
from psmp.words.ids import OPERATOR, SYSTEM, ProjectKey, uuid7
from psmp.words.refusals import Code, Refused
from psmp.words.strict import Malformed
from psmp.words.subjects import CommandSubject
from psmp.words.values import Policy
from psmp_intake.rules.ruling import desk, read, rule
from psmp_intake.rules.state import Decision
from tests.unit.services.history import KEY, PLANNED, project

STAMP = Stamp(uuid7(1, bytes(10)), "2026-11-26T08:00:00.000000Z")
PLACE = PlaceHold(tenant=KEY.tenant, project=KEY.project, reason="case 4")
RELEASE = ReleaseHold(tenant=KEY.tenant, project=KEY.project, reason="it is closed")


def decided(command: Command, at: ProjectKey) -> Decision:
    subject = CommandSubject(at, OPERATOR, command.KIND)
    envelope = open_command(seal_command(at, OPERATOR, command, STAMP), command.KIND)
    return rule(project(PLANNED), subject, envelope, STAMP.time)


def test_a_command_for_another_project_than_it_was_sent_to_is_malformed() -> None:
    subject = CommandSubject(KEY, "coder", RequestSlot.KIND)
    assert read(subject, seal_command(KEY, "coder", RequestSlot(), STAMP)).key == KEY
    other = ProjectKey(KEY.tenant, "other")
    with pytest.raises(Malformed, match=f"was sent for {KEY}"):
        read(subject, seal_command(other, "coder", RequestSlot(), STAMP))


def test_whoever_is_not_privileged_can_name_nobody_privileged() -> None:
    wish = CreateProject(name="Site", policy=Policy(privileged=("coder",)))
    envelope = open_command(seal_command(KEY, "ada", wish, STAMP), wish.KIND)
    subject = CommandSubject(KEY, "ada", wish.KIND)
    refused = rule(None, subject, envelope, STAMP.time)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.reason) == (Code.NOT_ALLOWED, "ada is no privileged client, and cannot name any")
    assert not isinstance(rule(None, replace(subject, privileged=True), envelope, STAMP.time), Refused)


def test_a_hold_is_written_into_the_log_of_the_project_that_it_names() -> None:
    assert decided(PLACE, SYSTEM) == HoldPlaced(reason="case 4")
    assert decided(RELEASE, SYSTEM) == HoldReleased(reason="it is closed")
    envelope = open_command(seal_command(SYSTEM, OPERATOR, PLACE, STAMP), PLACE.KIND)
    assert desk(CommandSubject(SYSTEM, OPERATOR, PLACE.KIND), envelope) == KEY


def test_a_hold_that_is_sent_to_the_project_itself_is_refused_there() -> None:
    refused = decided(PLACE, KEY)
    assert isinstance(refused, Refused)
    assert refused.code is Code.NOT_ALLOWED
