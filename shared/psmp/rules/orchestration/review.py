"""The review of a result (BER): the checks that always hold and those that its node declares, against the evidence.

The orchestrator makes it from what it has gathered; an agent has no word in it. What always holds can be switched off
by no graph: conflicts, outputs, scope, lane, data that no edge gave, time and cost.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, assert_never

from psmp.rules.orchestration.schemas import breach
from psmp.rules.orchestration.scopes import allows, narrowed, path_fault, within
from psmp.rules.orchestration.shape import Shape
from psmp.words.orchestration.checks import (
    AcceptedCheck,
    Ber,
    Check,
    Evidence,
    Finding,
    HumanCheck,
    Made,
    ReportedCheck,
    Standing,
    Verdict,
)
from psmp.words.orchestration.codes import Gs
from psmp.words.orchestration.graph import AgentNode, Lane, Scope


@dataclass(frozen=True, slots=True)
class Case:
    """One result and what it is judged by. ``spent_micros`` is what all attempts before it have cost together."""

    shape: Shape
    node: AgentNode
    scope: Scope
    lane: Lane
    outputs: Mapping[str, Any]
    evidence: Evidence
    spent_micros: int = 0


def case(shape: Shape, node: str, outputs: Mapping[str, Any], evidence: Evidence, spent_micros: int = 0) -> Case:
    """The result of a node with all that the graph says of it."""
    scope, lane = bounds(shape, node)
    return Case(shape, shape.agents[node], scope, lane, outputs, evidence, spent_micros)


def bounds(shape: Shape, node: str) -> tuple[Scope, Lane]:
    """The scope and the lane that a node must keep to."""
    agent, pac = shape.agents[node], shape.graph.pac
    lane = next(each for each in pac.lanes if each.lane == agent.lane)
    return narrowed(pac.scope, shape.sub_pacs[node].scope), lane


def review(of: Case) -> Ber:
    """PASS when every check passes, FAIL when one fails, else PENDING: a person has yet to speak."""
    standing = tuple(_found(name, *check(of)) for name, check in STANDING.items())
    findings = (*standing, *(_declared(check, of.evidence) for check in of.node.checks))
    return Ber(verdict=_verdict(findings), findings=findings)


def doubted(shape: Shape, node: str, outputs: Mapping[str, Any], ber: Ber) -> str:
    """Why that cannot be the review of a node's result; "" when it can."""
    due = [*STANDING, *(check.check for check in shape.agents[node].checks)]
    if [each.check for each in ber.findings] != due:
        return f"a review of {node} makes these checks: {', '.join(due)}"
    if ber.verdict != _verdict(ber.findings):
        return f"the verdict on {node} does not follow from what was found"
    why = _wrong_outputs(shape, node, outputs)
    return f"{node} cannot pass: {why}" if why and ber.verdict != "FAIL" else ""


def _verdict(findings: tuple[Finding, ...]) -> Verdict:
    verdicts = {each.verdict for each in findings}
    return "FAIL" if "FAIL" in verdicts else "PENDING" if "PENDING" in verdicts else "PASS"


def _found(name: Standing, why: str, code: Gs | None) -> Finding:
    return Finding(check=name, verdict="FAIL", text=why, code=code) if why else Finding(check=name, verdict="PASS")


Why = tuple[str, Gs | None]
_FINE: Final[Why] = ("", None)


def _first(found: Iterator[str], code: Gs | None = None) -> Why:
    why = next(found, "")
    return (why, code) if why else _FINE


def _conflicts(of: Case) -> Why:
    return _first(f"{each} is open" for each in of.evidence.conflicts)


def _outputs(of: Case) -> Why:
    return _wrong_outputs(of.shape, of.node.node, of.outputs), None


def _wrong_outputs(shape: Shape, name: str, outputs: Mapping[str, Any]) -> str:
    """Which output is not as the node gives it, or as one takes it that it flows to."""
    node = shape.agents[name]
    for port in dict.fromkeys((*node.outputs, *outputs)):
        if port not in outputs:
            return f"output {port} is missing"
        if port not in node.outputs:
            return f"there is no output {port}"
        why = breach(node.outputs[port], outputs[port])
        if why:
            return f"output {port}: {why}"
    for taker in shape.fed[name]:
        for taken, feed in shape.feeds[taker].items():
            why = breach(shape.agents[taker].inputs[taken], outputs[feed.output]) if feed.node == name else ""
            if why:
                return f"output {feed.output} is not what {taker} takes as {taken}: {why}"
    return ""


def _scope(of: Case) -> Why:
    return _first(_beyond_scope(of), Gs.SUB_PAC_SCOPE_EXPANSION)


def _beyond_scope(of: Case) -> Iterator[str]:
    for made in of.evidence.made:
        yield from beyond_scope(of.scope, made)
    if of.scope.tools is not None:
        yield from (f"tool {tool} is not in its scope" for tool in of.evidence.tools if tool not in of.scope.tools)


def beyond_scope(scope: Scope, made: Made) -> Iterator[str]:
    """What of an artifact is not in a scope."""
    if scope.paths is not None:
        yield from (f"{path} is not in its scope" for path in made.paths if not _is_in(path, scope.paths))
    if scope.dependencies is not None:
        for each in made.dependencies:
            if not allows(scope.dependencies, each):
                yield f"{each.name} {each.constraint}".rstrip() + " is not in its scope"


def _lane(of: Case) -> Why:
    beyond = (why for made in of.evidence.made for why in beyond_lane(of.lane, made))
    return _first(beyond, Gs.SUB_PAC_LANE_VIOLATION)


def beyond_lane(lane: Lane, made: Made) -> Iterator[str]:
    """What of an artifact is not of a lane."""
    if lane.types is not None and made.type not in lane.types:
        yield f"{made.artifact} is {made.type}, which is not of lane {lane.lane}"
    if lane.paths is not None:
        yield from (f"{path} is not of lane {lane.lane}" for path in made.paths if not _is_in(path, lane.paths))


def _is_in(path: str, allowed: tuple[str, ...]) -> bool:
    return not path_fault(path) and within(path, allowed)


def _channels(of: Case) -> Why:
    given = {(feed.node, feed.output) for feed in of.shape.feeds.get(of.node.node, {}).values()}
    used = (f"output {name} of {node} came by no edge" for node, name in of.evidence.used if (node, name) not in given)
    return _first(used, Gs.AGENT_SIDE_CHANNEL)


def _time(of: Case) -> Why:
    most, took = of.scope.seconds, of.evidence.seconds
    return (f"it took {took} s of {most} s", None) if most is not None and took > most else _FINE


def _cost(of: Case) -> Why:
    cost, own, whole = of.evidence.cost_micros, of.scope.budget_micros, of.shape.graph.pac.scope.budget_micros
    if own is not None and cost > own:
        return f"it cost {cost} of {own}", None
    together = of.spent_micros + cost
    return (f"all together cost {together} of {whole}", None) if whole is not None and together > whole else _FINE


STANDING: Final[Mapping[Standing, Callable[[Case], Why]]] = {
    "NO_OPEN_CONFLICT": _conflicts,
    "OUTPUTS_VALID": _outputs,
    "SCOPE_KEPT": _scope,
    "LANE_KEPT": _lane,
    "NO_SIDE_CHANNEL": _channels,
    "TIME_WITHIN_LIMIT": _time,
    "COST_WITHIN_LIMIT": _cost,
}
"""The checks that are made of every result."""


def _declared(check: Check, evidence: Evidence) -> Finding:
    match check:
        case AcceptedCheck():
            return _accepted(evidence)
        case ReportedCheck():
            return _tested(check, evidence)
        case HumanCheck():
            return _agreed(check, evidence)
        case never:
            assert_never(never)


def _accepted(evidence: Evidence) -> Finding:
    if not evidence.made:
        return Finding(check="ARTIFACT_ACCEPTED", verdict="FAIL", text="no artifact was declared")
    waiting = [each.artifact for each in evidence.made if not each.accepted]
    text = f"{waiting[0]} is not accepted" if waiting else ""
    return Finding(check="ARTIFACT_ACCEPTED", verdict="FAIL" if waiting else "PASS", text=text)


def _tested(check: ReportedCheck, evidence: Evidence) -> Finding:
    tests = evidence.tests
    if tests is None:
        return Finding(check="TESTS_REPORTED", verdict="FAIL", text="no tests are reported")
    enough = tests.passed >= check.least and not tests.failed
    text = "" if enough else f"{tests.passed} passed of at least {check.least}, {tests.failed} failed"
    return Finding(check="TESTS_REPORTED", verdict="PASS" if enough else "FAIL", text=text)


def _agreed(check: HumanCheck, evidence: Evidence) -> Finding:
    person = next((each for each in evidence.words if each.role == check.role), None)
    if person is not None:
        verdict: Verdict = "PASS" if person.agrees else "FAIL"
        return Finding(check="HUMAN_REVIEW", verdict=verdict, text=f"{person.by}: {person.reason}")
    if evidence.waited_seconds >= check.seconds:
        return Finding(check="HUMAN_REVIEW", verdict="FAIL", text=f"no {check.role} spoke within {check.seconds} s")
    return Finding(check="HUMAN_REVIEW", verdict="PENDING", text=f"a {check.role} has yet to speak")
