"""What decisions were made of beside the log: commands and dead letters, as far as they are kept."""

from datetime import timedelta

import pytest

from psmp.log.port import Damaged
from psmp.personal import fields
from psmp.personal.sealing import Key, seal
from psmp.words import subjects
from psmp.words.commands import (
    AmendArtifact,
    AnswerResolution,
    PlaceHold,
    RequestSlot,
    RetryLetter,
    TransitionProject,
)
from psmp.words.envelope import Person, Provenance, seal_command
from psmp.words.events import CommandRefused, HoldPlaced, ProjectTransitioned, SubjectErased
from psmp.words.fidelity import Count
from psmp.words.ids import OPERATOR, SYSTEM
from psmp.words.refusals import Code
from psmp.words.sealed import ERASED
from psmp.words.values import Phase
from psmp_intake.rules import ruling
from psmp_replay.inputs import Letter, Sent
from psmp_replay.replay import Judged, Replay
from tests.histories import KEY
from tests.recording import TRACE, Recording
from tests.unit.replay.stories import begun, clashing, last, needs, policy, replayed


class TestOfCommands:
    """Intake decides on commands; these are kept for a time, and whoever sent one may have sent others so named."""

    def test_whose_command_is_kept_no_more_is_not_replayable(self) -> None:
        world = clashing()
        sent = len(world.inputs.commands)
        world.inputs.commands.clear()
        found = replayed(world)
        assert found.services["intake"] == Count(gone=sent)
        assert found.why == {"its command is kept no more": sent}
        assert found.services["checker"] == Count(same=2)

    def test_what_else_was_sent_under_its_id_does_no_harm(self) -> None:
        world = begun()
        identity = world.send("bob", AmendArtifact(artifact="api"))
        world.send("eve", needs("api", ">=2"), identity)
        world.send("eve", RequestSlot(), identity)
        for subject, body in (
            ("psmp.cmd.acme.rag.eve.slot.request", b'{"id":"' + identity.encode() + b'"}'),
            ("psmp.cmd.acme.rag.*", b'{"id":"' + identity.encode() + b'"}'),
            ("psmp.cmd.acme.rag.eve.slot.request", b"{"),
            ("psmp.cmd.acme.rag.eve.slot.request", b"[]"),
        ):
            world.inputs.hear(Sent(subject, body))
        assert world.answer("eve", identity)
        assert last(world).outcome == "same"

    def test_a_command_has_one_outcome(self) -> None:
        world = begun()
        identity = world.send("eve", needs("api", ">=2"))
        assert world.answer("eve", identity)
        assert not world.answer("eve", identity)
        assert last(world) == Judged("different", "there was nothing to be said")

    def test_who_speaks_in_anothers_name_is_refused_again(self) -> None:
        world = begun()
        identity = world.send("eve", needs("api", ">=2"), by="ada")
        assert not world.answer("eve", identity)
        assert last(world).outcome == "same"

    def test_no_refusal_begins_a_log(self) -> None:
        world = Recording()
        identity = world.send("eve", RequestSlot())
        refused = CommandRefused(command="slot.request", code=Code.UNKNOWN_PROJECT, reason="no", hint="")
        world.history.add(refused, "eve", identity)
        replay = Replay(KEY, world.inputs)
        with pytest.raises(Damaged):
            replay.take(world.records[0])


class TestOfDeadLetters:
    def test_whose_letter_is_gone_is_not_replayable(self) -> None:
        world = begun()
        world.bury(3)
        assert last(world).outcome == "same"
        world.inputs.letters[3] = Letter("checker", "psmp.log.x", "otherwise")
        assert last(world).outcome == "different"
        world.inputs.letters.clear()
        assert last(world) == Judged("gone", "its dead letter is kept no more")

    def test_a_retried_one_has_the_resolver_begin_anew(self) -> None:
        world = clashing(policy(auto_resolve=True))
        for number in range(20):
            world.now += timedelta(seconds=9)
            world.rest(watch=False)
            if "conflict-C-1" in world.state.alerts:
                break
            if world.state.resolutions.attempts:
                name, attempt = next(iter(world.state.resolutions.attempts.items()))
                refuse(world, name, attempt.agents[0], number)
        world.bury(7)
        assert world.ask("ada", RetryLetter(letter=7, reason="again"))
        before = len(world.records)
        assert world.resolve()
        assert len(world.records) == before + 1
        assert world.records[-1].kind == "resolution.requested"
        assert last(world).outcome == "same"


def refuse(world: Recording, name: str, agent: str, number: int) -> None:
    """An owner says no, and the resolver hears it."""
    assert world.ask(agent, AnswerResolution(resolution=name, answer="no", reason=f"no {number}"))
    world.resolve()


class TestOfPersons:
    """What is personal was sealed by chance and a key: what it was sealed to is taken from the record."""

    @pytest.mark.parametrize("erased", [False, True])
    def test_whose_words_were_sealed_or_erased_is_decided_with_what_stands_there(self, *, erased: bool) -> None:
        world = begun()
        wish = TransitionProject(to=Phase.IN_PROGRESS, reason="my daughter is ill")
        body = seal_command(KEY, "ada", wish, world.stamp(), person=Person("Ada", "ada@example.org"))
        world.inputs.hear(Sent(subjects.command(KEY, "ada", wish.KIND), body))
        identity = next(reversed(world.inputs.commands))
        ((subject, plain),) = world.inputs.of(identity, "ada")
        key = Key(KEY, "ada", "0" * 16, bytes(32))
        said = fields.replaced(plain, lambda field, text: ERASED if erased else seal(key, field, text, bytes(12)))
        event = ruling.rule(world.state, subject, said, said.time)
        assert isinstance(event, ProjectTransitioned)
        world.say(event, ruling.spoken(subject, said, TRACE))
        assert b"daughter" not in world.records[-1].body
        assert last(world).outcome == "same"

    def test_a_hold_is_decided_in_the_project_that_is_held(self) -> None:
        world = begun()
        wish = PlaceHold(tenant=KEY.tenant, project=KEY.project, reason="case 4")
        body = seal_command(SYSTEM, OPERATOR, wish, world.stamp())
        world.inputs.hear(Sent(subjects.command(SYSTEM, OPERATOR, wish.KIND), body))
        identity = next(reversed(world.inputs.commands))
        ((subject, command),) = world.inputs.of(identity, OPERATOR)
        assert ruling.desk(subject, command) == KEY
        event = ruling.rule(world.state, subject, command, command.time)
        assert isinstance(event, HoldPlaced)
        world.say(event, ruling.spoken(subject, command, TRACE))
        assert last(world).outcome == "same"

    def test_that_nobody_is_known_who_could_be_erased_is_recorded(self) -> None:
        world = begun()
        event = CommandRefused(command="subject.erase", code=Code.UNKNOWN_SUBJECT, reason="nothing is kept of marla")
        root = world.stamp().id
        world.say(event, Provenance("/psmp/intake", OPERATOR, root, root))
        assert last(world).outcome == "recorded"

    def test_what_was_destroyed_is_recorded(self) -> None:
        world = begun()
        event = SubjectErased(tenant=KEY.tenant, subject="ada", keys=(), reason="request 17", approver="office")
        root = world.stamp().id
        world.say(event, Provenance("/psmp/intake", OPERATOR, root, root))
        assert last(world).outcome == "recorded"
