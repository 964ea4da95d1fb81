"""Tokens of graphs of agents: who starts by one, when it counts, and what it is refused for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from psmp.rules.orchestration import tokens
from psmp.rules.orchestration.tokens import Claims, Shown
from psmp.words.commands import (
    AbandonMaeg,
    AmendArtifact,
    CorrectSubPac,
    CreateProject,
    FinishSlot,
    RequestSlot,
    TransitionProject,
)
from psmp.words.envelope import open_event, written
from psmp.words.events import SlotGranted, SlotRefused
from psmp.words.refusals import Code, Gs
from psmp.words.values import Phase
from psmp_keeper.rules import next_slot
from tests.histories import KEY
from tests.orchestrated import LEAD, MAEG, answer, begun, declaration, does, report, start, submission, token
from tests.recording import Recording
from tests.unit.rules.orchestration.graphs import fan
from tests.unit.rules.world import SIGNER


class TestTokens:
    def test_a_token_lets_its_agent_start_once(self) -> None:
        world = begun(fan())
        said = token(world, "n1")
        start(world, "n1")
        assert answer(world, "agent-1", RequestSlot(token=said)).code is Code.TOKEN_SPENT

    def test_a_token_that_waits_in_the_queue_is_not_shown_a_second_time(self) -> None:
        world = begun(fan(), max_concurrent_agents=1, slots_per_agent=3)
        start(world, "n2")
        said = token(world, "n1")
        assert world.ask("agent-1", RequestSlot(token=said, wait_seconds=50))
        refused = answer(world, "agent-1", RequestSlot(token=said, wait_seconds=50))
        assert (refused.code, "shown already" in refused.reason) == (Code.TOKEN_SPENT, True)
        does(world, "n2", report(world.state.runs[MAEG].of("n2").fence))
        assert world.state.runs[MAEG].of("n1").state == "EXECUTING"

    def test_what_lapsed_while_its_agent_waited_is_refused_by_the_keeper(self) -> None:
        world = begun(fan(), max_concurrent_agents=1)
        fence = start(world, "n2")
        assert world.ask("agent-1", RequestSlot(token=token(world, "n1"), wait_seconds=900))
        world.now += timedelta(seconds=100)
        world.rest(watch=False)
        assert world.state.runs[MAEG].of("n1").state == "DISPATCHED", "while it waits its token counts"
        assert world.ask(LEAD, AbandonMaeg(maeg=MAEG, reason="no more"))
        assert world.ask("agent-2", FinishSlot(fence=fence, failure="given up"))
        world.rest(watch=False)
        (told,) = [open_event(each.body).data for each in world.records if each.kind == SlotRefused.KIND]
        assert isinstance(told, SlotRefused)
        assert told.reason == "n1 is not dispatched any more by the token that was shown"

    def test_each_step_of_the_verification_is_taken(self) -> None:
        world = begun(fan())
        run, at = world.state.runs[MAEG], written(world.now)
        held = run.of("n1").token
        assert held is not None
        said = tokens.claims(KEY, run, "n1", held)

        def code(at: str = at, who: str = "agent-1", **changes: Any) -> object:
            claims = Claims.model_validate(said.model_dump() | changes)
            shown = Shown(tokens.made(claims, SIGNER), who, KEY, at)
            refused = tokens.verified(shown, run, claims)
            return refused.code if refused else None

        assert code() is None
        assert code(aud="acme/other") is Code.TOKEN_INVALID  # 1
        assert code(session=held.id) is Code.TOKEN_INVALID  # 1
        assert code(node="n3") is Code.TOKEN_INVALID  # 2: n3 was never dispatched
        assert code(who="agent-2") is Gs.AGENT_SIDE_CHANNEL  # 3
        assert code(attempt=2) is Code.TOKEN_SPENT  # 4
        assert code(at=held.until) is Code.TOKEN_EXPIRED  # 5
        forged = Shown(tokens.made(said, replace(SIGNER, seed=bytes(range(32)))), "agent-1", KEY, at)
        refused = tokens.verified(forged, run, said)
        assert refused is not None
        assert refused.code is Code.TOKEN_INVALID  # 2
        early = replace(run, waits={**run.waits}, stale=frozenset({"n1"}))
        refused = tokens.verified(Shown(tokens.made(said, SIGNER), "agent-1", KEY, at), early, said)  # 6
        assert refused is not None
        assert (refused.code, refused.reason) == (Gs.DISPATCH_DEPENDENCY_UNMET, "what n1 takes in has changed")
        assert tokens.verified(forged, None, said) is not None

    def test_a_token_made_again_is_the_same_and_what_is_none_is_read_as_none(self) -> None:
        world = begun(fan())
        assert token(world, "n1") == token(world, "n1")
        assert tokens.read(token(world, "n1")) is not None
        assert [tokens.read(each) for each in ("", "a.b", "a.b.c", f"x.{'e30'}.y")] == [None] * 4
        run = world.state.runs[MAEG]
        sent = tokens.dispatch(KEY, run, "n1", SIGNER)
        assert sent is not None
        assert (sent.token, sent.agent, sent.inputs, sent.task) == (token(world, "n1"), "agent-1", {}, "do it")
        other = replace(SIGNER, seed=bytes(range(32)))
        assert tokens.dispatch(KEY, run, "n1", other) is None
        assert tokens.dispatch(KEY, run, "n3", SIGNER) is None

    def test_whose_inputs_have_changed_while_its_agent_waited_is_refused_by_the_keeper(self) -> None:
        world = begun(fan(), max_concurrent_agents=1)
        for node in ("n1", "n2"):
            does(world, node, report(start(world, node)))
        assert world.ask("zoe", RequestSlot())
        assert world.ask("agent-3", RequestSlot(token=token(world, "n3"), wait_seconds=900))
        assert world.ask("zoe", FinishSlot(failure="done"))
        fine = next_slot(world.state)
        assert isinstance(fine, SlotGranted)
        stale = replace(world.state.runs[MAEG], stale=frozenset({"n3"}))
        refused = next_slot(replace(world.state, runs={MAEG: stale}))
        assert isinstance(refused, SlotRefused)
        assert (refused.agent, refused.reason) == ("agent-3", "what n3 takes in has changed")

    def test_whose_predecessor_is_done_again_does_not_start(self) -> None:
        world = begun(fan())
        for node in ("n1", "n2"):
            does(world, node, report(start(world, node)))
        said = token(world, "n3")
        assert world.ask(LEAD, CorrectSubPac(maeg=MAEG, node="n1", reason="better"))
        refused = answer(world, "agent-3", RequestSlot(token=said))
        assert (refused.code, "n3 waits for sync, n1" in refused.reason) == (Gs.DISPATCH_DEPENDENCY_UNMET, True)
        world.rest(watch=False)
        does(world, "n1", report(start(world, "n1")))
        start(world, "n3")

    def test_whoever_has_done_all_its_nodes_is_free(self) -> None:
        world = begun(fan())
        assert answer(world, "agent-3", RequestSlot()).code is Gs.DISPATCH_DEPENDENCY_UNMET
        assert answer(world, "agent-1", RequestSlot()).code is Gs.DISPATCH_DEPENDENCY_UNMET
        does(world, "n1", report(start(world, "n1")))
        assert world.ask("agent-1", RequestSlot())
        assert answer(world, "agent-1", report(max(world.state.slots.held))).code is Code.NO_ASSIGNMENT

    def test_nonsense_is_no_token_and_what_was_there_before_is_not_of_the_graph(self) -> None:
        world = Recording()
        assert world.ask(LEAD, CreateProject(name="Site"))
        assert world.ask(LEAD, TransitionProject(to=Phase.PLANNING, reason="go"))
        assert world.ask("agent-1", declaration(path="etc/old"))
        assert world.ask(LEAD, submission())
        world.rest(watch=False)
        assert world.ask("agent-1", AmendArtifact(artifact="app", summary="still mine"))
        assert answer(world, "agent-1", RequestSlot(token="x" * 9)).code is Code.TOKEN_INVALID
        assert not world.ask("agent-1", report(1)), "no slot is held"

    def test_whoever_waits_while_its_predecessor_is_done_again_is_refused(self) -> None:
        world = begun(fan(), max_concurrent_agents=1)
        for node in ("n1", "n2"):
            does(world, node, report(start(world, node)))
        assert world.ask("zoe", RequestSlot())
        assert world.ask("agent-3", RequestSlot(token=token(world, "n3"), wait_seconds=900))
        assert world.ask(LEAD, CorrectSubPac(maeg=MAEG, node="n1", reason="better"))
        assert world.ask("zoe", FinishSlot(failure="done"))
        world.rest(watch=False)
        refused = [open_event(each.body).data for each in world.records if each.kind == SlotRefused.KIND]
        assert [each.reason for each in refused if isinstance(each, SlotRefused)] == ["n3 waits for sync, n1"]
