"""When a person is called: for a result that waits for one, a node that has failed too often, a whole to agree to."""

import re
from collections.abc import Iterator
from typing import Final

from psmp.rules.orchestration.deciding import awaited, for_a_person, needs_approval
from psmp.rules.orchestration.running import Run
from psmp.rules.orchestration.seen import so_often
from psmp.rules.project import Project
from psmp.words.events import AlertCleared, AlertRaised
from psmp.words.orchestration.checks import HumanCheck
from psmp.words.values import Severity

PREFIX: Final = "maeg-"
_DASHES: Final = re.compile(r"-+")


def due(project: Project) -> Iterator[AlertRaised | AlertCleared]:
    """Calls that are to be made, and calls that are over."""
    wanted = {each.alert: each for maeg, run in project.runs.items() if run.is_open for each in _calls(maeg, run)}
    for name, alert in wanted.items():
        if name not in project.alerts:
            yield alert
    for name in project.alerts:
        if name.startswith(PREFIX) and name not in wanted:
            yield AlertCleared(alert=name, reason="nobody is waited for any more")


def _calls(maeg: str, run: Run) -> Iterator[AlertRaised]:
    for node in for_a_person(run):
        work = run.of(node)
        why = work.reason or "; ".join(each.text for each in (work.ber.findings if work.ber else ()) if each.text)
        text = f"{node} of {maeg} has failed {so_often(work.failures)}, last: {why}"
        yield _alert(maeg, f"{node}-failed", text, f"psmp maeg correct {maeg} {node}, or psmp maeg abandon {maeg}")
    for node in sorted(run.executed, key=run.shape.rank.__getitem__):
        for number, role in _asked(run, node):
            about = f"{node}-review" if number == 1 else f"{node}-review-{number}"
            text = f"the result of {node} of {maeg} waits for the word of a {role}"
            yield _alert(maeg, about, text, f"psmp maeg review {maeg} {node} --role {role!r}")
    if run.root is not None and needs_approval(run):
        text = f"all of {maeg} is done and waits for a {run.shape.graph.pac.approver} to agree"
        yield _alert(maeg, "approval", text, f"psmp maeg approve {maeg}")


def _asked(run: Run, node: str) -> Iterator[tuple[int, str]]:
    """The roles of the persons that the review of a node waits for, and which of those that it asks each is."""
    if run.of(node).ber is None:
        return
    waiting = {check.role for check in awaited(run, node)}
    asked = dict.fromkeys(each.role for each in run.shape.agents[node].checks if isinstance(each, HumanCheck))
    yield from ((number, role) for number, role in enumerate(asked, 1) if role in waiting)


def _alert(maeg: str, about: str, text: str, hint: str) -> AlertRaised:
    return AlertRaised(
        alert=_DASHES.sub("-", f"{PREFIX}{maeg.removeprefix('MAEG-')}-{about}"),
        severity=Severity.HIGH,
        text=text[:2000],
        hint=hint,
        person=True,
    )
