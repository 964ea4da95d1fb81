"""Laws of replay: whatever all services decided, in any order and however late, is decided the same again."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from psmp.rules.lifecycle import OPEN
from psmp_replay.replay import Replay
from tests.histories import KEY
from tests.recording import Recording
from tests.unit.rules.test_governance import Governance


class Replayed(Governance):
    """The project of the governance test, recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.world: Recording = Recording()

    @precondition(lambda self: "letter-7" not in self.state.alerts)
    @rule()
    def a_message_is_given_up(self) -> None:
        self.world.bury(7)

    @precondition(lambda self: self.state.phase in OPEN)
    @rule(silent=st.booleans())
    def recover(self, *, silent: bool) -> None:
        """It is stuck for long; everybody is heard all the time, or nobody."""
        self.world.now += timedelta(seconds=self.state.policy.stall_seconds / 4 + 1)
        if not silent:
            self.world.beats = dict.fromkeys(("ada", "bob", "eve"), self.world.now)
        while self.world.watch():
            pass

    @rule()
    def everybody_catches_up(self) -> None:
        self.world.rest()

    def nothing_waits_for_ever(self) -> None:
        """Seen to elsewhere."""

    def every_phase_has_a_way_out(self) -> None:
        """Seen to elsewhere."""

    def who_was_passed_on_to_another_service_is_awaited_until_it_is_answered(self) -> None:
        """Seen to elsewhere, where an event has the id of its command."""

    def a_waiver_is_of_what_clashed_when_it_was_given(self) -> None:
        """Seen to elsewhere."""

    def what_is_written_down_is_read_back(self) -> None:
        """Seen to elsewhere."""

    def teardown(self) -> None:
        """Decided again by who knows nothing but the record."""
        replay = Replay(KEY, self.world.inputs)
        for record in self.world.records:
            judged = replay.take(record)
            assert judged.outcome in {"same", "recorded"}, (judged, record.body)
        report = replay.report()
        assert report.total.same + report.total.recorded == len(self.world.records) == report.sequence
        assert report.total.fidelity in {None, 100.0}


TestReplayed = Replayed.TestCase
TestReplayed.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
