"""Headers, cursors, problems, filters and the report: what the gateway knows by itself."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from psmp.rules.limits import MINUTE, Buckets, Limit
from psmp.words.ids import UUID_PATTERN, ProjectKey
from psmp.words.refusals import Code, Gs
from psmp.words.values import Severity
from psmp_gateway.rules import cursors, headers, live, problems
from psmp_gateway.rules.headers import Unusable
from psmp_gateway.rules.live import Filter, seen
from psmp_gateway.rules.problems import Error


@pytest.mark.parametrize(
    ("prefer", "usual", "seconds"),
    [
        *((None, None, None), (None, 10.0, 10.0), ("", 10.0, 10.0), ("wait", None, 10.0), ("wait=5", None, 5.0)),
        *(('wait="7"', None, 7.0), ("WAIT=3", None, 3.0), ("wait=900", None, 30.0), ("wait=0", 10.0, None)),
        *(("respond-async", 10.0, None), ("respond-async, wait=5", 10.0, None), ("wait=5; x=y", None, 5.0)),
        *(("handling=lenient", 10.0, 10.0), ("handling=lenient, wait=2", None, 2.0), ("wait=-1", 10.0, 10.0)),
    ],
)
def test_how_long_is_waited(prefer: str | None, usual: float | None, seconds: float | None) -> None:
    assert headers.wait_of(prefer, usual) == seconds


def test_a_version_is_named_by_its_sequence() -> None:
    assert headers.tag(7) == '"7"'
    assert headers.named(None) is headers.named("*") is None
    assert headers.named('"7"') == frozenset({7})
    assert headers.named('"6", W/"7"') == frozenset({6, 7})
    assert headers.is_known('"7"', 7)
    assert headers.is_known("*", 7)
    assert not headers.is_known(None, 7)
    for wrong in ("7", '"x"', '"6",', ""):
        with pytest.raises(Unusable, match="entity tag"):
            headers.named(wrong)


@given(st.text("abc-./:~!", min_size=1, max_size=255), st.text("abc", min_size=1), st.text("abc", min_size=1))
def test_a_key_names_one_command_of_one_agent_in_one_project(key: str, agent: str, project: str) -> None:
    named = headers.command_id("t", project, agent, key)
    assert re.fullmatch(UUID_PATTERN, named)
    assert named == headers.command_id("t", project, agent, key)
    others = [("u", project, agent, key), ("t", project + "x", agent, key), ("t", project, agent + "x", key)]
    assert named not in {headers.command_id(*each) for each in (*others, ("t", project, agent, key[:-1] + "?"))}


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 256, "a\n"])
def test_a_key_that_no_header_can_carry_is_none(key: str) -> None:
    with pytest.raises(Unusable, match="Idempotency-Key"):
        headers.command_id("t", "p", "a", key)


@pytest.mark.parametrize(
    ("said", "token"),
    [(None, None), ("", None), ("Bearer", None), ("Bearer  ", None), ("Basic x", None), ("bearer x", "x")],
)
def test_a_token_is_shown_as_a_bearers(said: str | None, token: str | None) -> None:
    assert headers.bearer(said) == token


@given(st.text(min_size=0, max_size=64))
def test_a_cursor_is_read_as_it_was_written(name: str) -> None:
    assert cursors.read(cursors.write(name), cursors.NAME) == (name,)


@pytest.mark.parametrize("wrong", ["x", "W10", cursors.write(3), cursors.write("a", "b"), "_-"])
def test_what_is_no_cursor_of_the_list_is_refused(wrong: str) -> None:
    with pytest.raises(cursors.BadCursor):
        cursors.read(wrong, cursors.NAME)


def test_every_refusal_has_a_status_and_a_title() -> None:
    assert {str(code) for code in (*Code, *Gs)} <= set(problems.PROBLEMS)
    assert all(400 <= status < 600 and title for status, title in problems.PROBLEMS.values())
    assert {each.code for each in problems.kinds().items} == set(problems.PROBLEMS)


def test_a_problem_has_the_status_and_the_title_of_its_code() -> None:
    errors = tuple(Error(pointer=f"/{number}", detail="x") for number in range(300))
    said = problems.problem("PROJECT_BLOCKED", "why", "what next", errors=errors)
    assert (said.type, said.status, said.title, said.code, said.detail, said.hint) == (
        *("urn:psmp:problem:project-blocked", 409, "The project is blocked"),
        *("PROJECT_BLOCKED", "why", "what next"),
    )
    assert len(said.errors) == problems.MOST_ERRORS
    assert (problems.problem("NEW", "x").status, problems.problem("NEW", "x").title) == (409, "It was refused")
    assert (problems.status_of("NEW"), problems.status_of("UNKNOWN_PROJECT")) == (409, 404)


def event(kind: str, data: object, tenant: str = "t", project: str = "p") -> live.Seen:
    return seen(7, ProjectKey(tenant, project), kind, to_json({"data": data}))


CLASH = event("conflict.detected", {"conflicts": [{"severity": "low"}, {"severity": "critical"}]})
ALERT = event("alert.raised", {"severity": "medium"})
OTHER = event("project.created", {})


def test_an_event_is_spelled_with_its_position_and_its_very_bytes() -> None:
    assert OTHER.frame == b'id: 7\nevent: project.created\ndata: {"data":{}}\n\n'
    assert OTHER.body == b'{"data":{}}'
    lines = seen(8, ProjectKey("t", "p"), "project.created", b'{"a":\n1}')
    assert (lines.body, lines.frame.count(b"data: ")) == (b'{"a":\n1}', 2)


def test_words_to_readers_have_the_same_form() -> None:
    assert live.beat(3, 4, "") == b'id: 3\nevent: psmp.beat\ndata: {"position":3,"behind":4}\n\n'
    assert b'"trouble":"away"' in live.beat(3, 4, "away")
    assert live.resync(7, "slow").startswith(b"event: psmp.resync\ndata: ")
    assert live.closed("over").startswith(b"event: psmp.closed\ndata: ")
    assert live.frame("x", b"") == b"event: x\ndata: \n\n"


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (Filter("t"), [CLASH, ALERT, OTHER]),
        (Filter("u"), []),
        (Filter("t", frozenset({"p"})), [CLASH, ALERT, OTHER]),
        (Filter("t", frozenset({"q", "r"})), []),
        (Filter("t", kinds=["conflict.*"]), [CLASH]),
        (Filter("t", kinds=["*.created", "alert.raised"]), [ALERT, OTHER]),
        (Filter("t", severities=[Severity.CRITICAL]), [CLASH]),
        (Filter("t", severities=[Severity.LOW, Severity.MEDIUM]), [CLASH, ALERT]),
        (Filter("t", kinds=["alert.*"], severities=[Severity.LOW]), []),
    ],
)
def test_a_reader_is_shown_what_it_wants(wanted: Filter, shown: list[live.Seen]) -> None:
    assert [each for each in (CLASH, ALERT, OTHER) if wanted.wants(each)] == shown


def test_one_project_is_read_by_its_own_subjects_several_by_all() -> None:
    found = [Filter("t", each).project for each in (None, frozenset({"p"}), frozenset({"p", "q"}))]
    assert found == ["*", "p", "*"]


def test_a_filter_of_one_tenant_shows_nothing_of_another_whatever_else_it_wants() -> None:
    foreign = replace(CLASH, key=ProjectKey("u", "p"))
    assert not Filter("t", frozenset({"p"}), ["*.*"], list(Severity)).wants(foreign)


def test_what_is_left_of_a_limit_is_told() -> None:
    buckets = Buckets(Limit(60, 10))
    assert (buckets.left("a", 0), Buckets(Limit(0, 1)).left("a", 0)) == (10, 0)
    for _ in range(10):
        buckets.take("a", 0)
    assert (buckets.left("a", 0), buckets.left("a", MINUTE // 60), buckets.left("b", 0)) == (0, 1, 10)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/plain", "text/plain"),
        ("text/html, TEXT/PLAIN;q=0.5, */*;q=0.1", "text/plain"),
        ("text/*", "text/plain"),
        ("application/*", "application/json"),
        ("application/json;q=0, */*", "application/json"),
        ("application/json; q=0.0", None),
        ("text/html", None),
        ("", "application/json"),
    ],
)
def test_an_answer_comes_in_a_form_that_is_accepted_or_not_at_all(accept: str | None, form: str | None) -> None:
    assert headers.accepts(accept, "application/json", "text/plain") == form
