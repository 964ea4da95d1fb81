"""``psmp resolve``, ``tasks`` and ``answer`` as real processes: what is looked at, carried out, asked and refused."""

import shlex
import time

import pytest

from psmp.client import BlockingClient
from tests.integration.cli import WITHIN, Shell
from tests.integration.of_dev import ada, declare, dev, project, shell

__all__ = ["ada", "dev", "project", "shell"]

pytestmark = pytest.mark.integration


def clashed(ada: BlockingClient, project: str) -> None:
    ada.as_agent("coder").declare(project, "of-coder", dependencies=["pandas>=2"])
    assert not ada.as_agent("ds").declare(project, "of-ds", dependencies=["pandas<2"]).accepted


def test_a_suggestion_is_looked_at_before_and_then_accepted(shell: Shell, project: str, ada: BlockingClient) -> None:
    clashed(ada, project)
    resolve = ("resolve", project, "--agent", "ada")
    plan = shell.run(*resolve, "--accept-suggestion", "1", "--dry-run")
    assert plan.code == 0, plan.err
    assert "✓ C-1 cleared, no other conflict made" in plan.out
    assert "need not be asked" in plan.out, "ada has made the project"
    futile = shell.run(*resolve, "--require", "pandas<1", "--artifact", "of-ds", "--dry-run", "-o", "json")
    assert (futile.code, futile.json["resolves"]) == (3, False)
    assert "C-1 would go on" in futile.json["reason"]
    assert ada.status(project).resolutions == ()

    page = shell.run("status", project).out
    (command,) = [line.strip() for line in page.splitlines() if line.strip().startswith("psmp resolve")]
    assert command == f"psmp resolve {project} C-1 --accept-suggestion 1"
    done = shell.run(*shlex.split(command)[1:], "--agent", "ada", "--reason", "2 it is")
    assert (done.code, "C-1 cleared" in done.out) == (0, True), done.err
    assert ada.status(project).conflicts == ()
    none = shell.run(*resolve, "--accept-suggestion", "1")
    assert (none.code, "has no conflict open" in none.err) == (4, True)


def test_a_plan_says_who_may_carry_it_out(shell: Shell, project: str, ada: BlockingClient) -> None:
    clashed(ada, project)
    (changed, *_) = ada.status(project).conflicts[0].suggestions[0].changes
    other = {"coder": "ds", "ds": "coder"}[changed.agent]
    words = ("resolve", project, "C-1", "--accept-suggestion", "1")
    for agent, retry in ((other, True), ("eve", False)):
        plan = shell.run(*words, "--dry-run", "--agent", agent)
        assert (plan.code, "must agree" in plan.out, "leave out --dry-run" in plan.out) == (5, True, False)
        assert f"{agent} may not do it alone, ada may" in plan.out
        assert (f"psmp resolve {project} C-1 --retry --agent {agent}" in plan.out) == retry
        assert shell.run(*words, "--agent", agent).code == 5, "as the plan says"
    told = shell.run(*words, "--dry-run", "--agent", other, "-o", "json").json
    assert (told["resolves"], told["allowed"], told["asked"]) == (True, False, [changed.agent])
    assert shell.run(*words, "--dry-run", "--agent", "ada", "-o", "json").json["allowed"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "which way out?\nnext: give one of --accept-suggestion, "),
        (("--accept-suggestion", "1", "--retry"), "--accept-suggestion and --retry: one way at a time"),
        (("--accept-suggestion", "1", "--artifact", "of-ds"), "what of of-ds is to be changed?"),
        (("--isolate", "no name!", "--artifact", "of-ds"), "--isolate no name!: not a name of an environment"),
        (("--require", "pandas>>2", "--artifact", "of-ds"), "--require: not a requirement"),
        (("--require", "pandas"), "which artifact is to be changed?"),
    ],
)
def test_a_way_out_that_is_not_one_is_refused_in_the_words_of_the_command(
    shell: Shell, project: str, ada: BlockingClient, words: tuple[str, ...], said: str
) -> None:
    clashed(ada, project)
    ended = shell.run("resolve", project, "--agent", "ada", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_a_stale_look_and_a_waiver_by_the_name_that_people_use(shell: Shell, project: str, ada: BlockingClient) -> None:
    ada.create_project(f"{project}-n", name=f"Call me {project}")
    ada.transition(f"{project}-n", "PLANNING", reason="go")
    clashed(ada, f"{project}-n")
    seen = ada.status(f"{project}-n").sequence
    ada.as_agent("eve").declare(f"{project}-n", "job", dependencies=["pandas==1.5"])
    resolve = ("resolve", f"Call me {project}", "--agent", "ada")
    deadline = time.monotonic() + WITHIN
    while (stale := shell.run(*resolve, "--accept-suggestion", "1", "--seen", str(seen))).code == 4:
        assert time.monotonic() < deadline, "the list of projects lags behind"
    assert (stale.code, "CONFLICT_CHANGED" in stale.err) == (8, True)
    plan = shell.run(*resolve, "--waive", "7d", "--dry-run")
    assert plan.code == 0, plan.err
    assert "C-1 would stay open and block nothing for 604800 s; nothing would block the project" in plan.out
    denied = shell.run(*resolve[:3], "ds", "--waive", "7d", "--dry-run", "-o", "json")
    assert (denied.code, denied.json["allowed"]) == (5, False)
    assert ada.status(f"{project}-n").resolutions == ()
    wrong = shell.run(*resolve, "--waive", "a week")
    assert (wrong.code, "write it so: 30m, 12h, 7d" in wrong.err) == (2, True)
    for reason in ("", "  "):
        mute = shell.run(*resolve, "--waive", "7d", "--reason", reason)
        assert (mute.code, "add --reason" in mute.err) == (2, True)
    endless = shell.run(*resolve, "--waive", "366d", "--reason", "for ever")
    assert (endless.code, "365d is the longest" in endless.err) == (2, True)
    waived = shell.run(*resolve, "--waive", "7d", "--reason", "for the demo")
    assert (waived.code, "waived for 604800 s" in waived.out) == (0, True), waived.err
    assert "for the demo" in shell.run("status", f"{project}-n").out


def test_who_is_asked_sees_it_and_answers(shell: Shell, project: str, ada: BlockingClient) -> None:
    clashed(ada, project)
    plan = shell.run("resolve", project, "--agent", "ada", "--retry", "--dry-run")
    assert (plan.code, "must agree" in plan.out, "✓ C-1 cleared" in plan.out) == (0, True, True), plan.err
    assert ada.status(project).resolutions == ()
    waits = shell.run("resolve", project, "--agent", "ada", "--retry", "--timeout", "1")
    assert waits.code == 8, waits.err
    (attempt,) = ada.status(project).resolutions
    (owner,) = attempt.unanswered
    assert owner in waits.out
    asked = shell.run("tasks", project, "--agent", owner).out
    assert f"psmp answer R-1 yes {project}\n" in asked
    assert f"psmp answer R-1 no {project}\n" in asked
    assert f"until {attempt.since[:10]}" in asked
    astray = shell.run("answer", "R-1", "yes", project, "--agent", owner, "--require", "x", "--artifact", f"of-{owner}")
    assert (astray.code, "answer amend" in astray.err) == (2, True), "yes with a change is not said to be yes"
    answered = shell.run("answer", "R-1", "yes", project, "--agent", owner)
    assert (answered.code, f"{owner} answers R-1: yes" in answered.out) == (0, True), answered.err
    assert "nothing is asked of you" in shell.run("tasks", project, "--agent", owner).out


def test_who_is_asked_would_rather_change_it_otherwise(shell: Shell, project: str, ada: BlockingClient) -> None:
    clashed(ada, project)
    assert shell.run("resolve", project, "--agent", "ada", "--retry", "--timeout", "1").code == 8
    (attempt,) = ada.status(project).resolutions
    (owner,) = attempt.unanswered
    answer = (project, "--agent", owner, "--artifact", f"of-{owner}")
    bare = shell.run("answer", "R-1", "amend", *answer)
    assert (bare.code, "is to be changed" in bare.err) == (2, True)
    wanted = "pandas==2.1" if owner == "ds" else "pandas==1.5"
    both = shell.run("answer", "R-1", "yes", *answer, "--require", wanted)
    assert (both.code, "yes changes nothing" in both.err) == (2, True)
    amended = shell.run("answer", "R-1", "amend", *answer, "--require", wanted)
    assert (amended.code, f"{owner} answers R-1" in amended.out) == (0, True), amended.err
    deadline = time.monotonic() + WITHIN
    while (status := ada.status(project)).conflicts:
        assert time.monotonic() < deadline
    needs = {each.artifact: each.dependencies[0].constraint for each in status.artifacts}
    assert needs[f"of-{owner}"] == wanted.removeprefix("pandas")


def test_a_project_can_be_made_to_resolve_by_itself(shell: Shell, project: str, ada: BlockingClient) -> None:
    name = f"{project}-auto"
    shell.run("create", name, "--agent", "ada", "--auto-resolve", "--resolver", "fixer", "--privileged", "ds")
    ada.transition(name, "PLANNING", reason="go")
    policy = ada.status(name).policy
    assert (policy.auto_resolve, policy.resolvers, policy.privileged) == (True, ("fixer",), ("ds",))
    ada.as_agent("coder").declare(name, "of-coder", dependencies=["pandas>=2"])
    assert declare(shell, name, "ds", "pandas<2", "--flexible") == 3
    deadline = time.monotonic() + WITHIN
    while ada.status(name).conflicts:
        assert time.monotonic() < deadline
    assert {each.artifact: each.version for each in ada.status(name).artifacts} == {"of-coder": 1, "of-ds": 2}
