"""The clock of then is the event's own time, or a little before it."""

from dataclasses import replace
from datetime import datetime, timedelta

from psmp.words.commands import ResolveConflict
from psmp.words.events import SlotRefused
from psmp_replay.moment import Causes, Moment
from psmp_watchdog.rules import origin
from tests.recording import Recording
from tests.unit.replay.stories import begun, clashing, last, policy, proposed


class TestOfTime:
    """The clock of then is the event's own time, or a little before it."""

    def test_whose_time_is_over_is_told_by_the_events_time(self) -> None:
        world = begun()
        world.now += timedelta(seconds=21)
        world.beats = dict.fromkeys(("ada", "bob"), world.now)
        assert world.watch()
        assert world.records[-1].kind == "slot.refused"
        assert last(world).outcome == "same"

    def test_who_waits_and_was_never_heard_is_refused_for_that(self) -> None:
        world = begun(policy(lease_seconds=10))
        world.now += timedelta(seconds=15)
        world.beats = {"ada": world.now}
        assert world.watch()
        assert "was not heard" in world.records[-1].body.decode()
        assert last(world).outcome == "same"

    def test_what_became_due_while_it_was_written_does_not_count(self) -> None:
        """The term of ada's slot is over one moment after the watchdog has looked at the clock."""
        world = begun(policy(term_seconds=21))
        (slot,) = world.state.slots.held.values()
        world.now = datetime.fromisoformat(slot.renewed) + timedelta(seconds=21)
        world.beats = dict.fromkeys(("ada", "bob"), world.now)
        assert world.watch()
        assert world.records[-1].kind == "slot.refused"
        assert last(world).outcome == "same"

    def test_what_was_long_due_counts(self) -> None:
        world = begun(policy(term_seconds=20))
        world.now += timedelta(seconds=100)
        reason = "no slot was free for 20 s"
        request = world.state.slots.queue[0].request
        world.say(SlotRefused(agent="bob", request=request, reason=reason), origin.provenance(request))
        assert last(world).outcome == "different"

    def test_proposals_and_waivers_have_their_time(self) -> None:
        for world in (proposed(), waived()):
            beats = dict.fromkeys(("ada", "bob"), world.now + timedelta(hours=1))
            world.now, world.beats = world.now + timedelta(hours=1), beats
            while world.watch():
                assert last(world).outcome == "same"
            assert {"resolution.refused", "waiver.expired"} & {record.kind for record in world.records}
        for world in (proposed(), waived()):
            world.say(SlotRefused(agent="bob", request=world.last.id, reason="no"), origin.provenance(world.last.id))
            assert last(world).outcome == "different"

    def test_a_clock_that_is_behind_that_of_the_server_is_allowed_where_it_is_told(self) -> None:
        world = begun()
        world.now += timedelta(seconds=19)
        request = world.state.slots.queue[0].request
        reason = "no slot was free for 20 s"
        world.say(SlotRefused(agent="bob", request=request, reason=reason), origin.provenance(request))
        assert last(world).outcome == "different"
        assert last(world, skew=5).outcome == "same"

    def test_clocks_are_the_events_own_time_and_those_round_what_was_due_lately(self) -> None:
        world = begun()
        moment = Moment(*(world.last, world.state, world.docket.state, world.project.answers, Causes(), world.inputs))
        at = moment.at
        tick, second = timedelta(microseconds=1), timedelta(seconds=1)
        edges = [at - 61 * second, at - second, at, at + second]
        assert list(moment.clocks(edges)) == [
            *(at, at, at - tick),
            *(at - second + tick, at - second, at - second - tick),
        ]
        allowed = list(replace(moment, skew=second).clocks([at + second, at + 2 * second]))
        assert allowed == [at, at + second, at + second, at + second - tick]


def waived() -> Recording:
    """What clashes may do so for a minute."""
    world = clashing()
    assert world.ask("eve", ResolveConflict(conflict="C-1", strategy="waive", reason="so", seconds=60))
    world.rest(watch=False)
    assert world.state.resolutions.waivers
    return world
