"""Data goes to stdout in the format that was asked for, talk to stderr, colour only to terminals that want it."""

import io
import json

import pytest

from psmp.cli.output import Format, Output, coloured, console
from tests.unit.cli.examples import LINES


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _a_plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "CI", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_a_terminal_is_coloured() -> None:
    assert coloured(Terminal())


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("CI", "true"), ("TERM", "dumb")])
def test_a_terminal_that_wants_no_colour_has_none(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    stream = Terminal()
    console(stream).print("bold", style="bold red")
    assert "\x1b" not in stream.getvalue()


def test_a_pipe_is_never_coloured_and_as_wide_as_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert console(io.StringIO()).width == 120
    monkeypatch.setenv("COLUMNS", "60")
    assert console(io.StringIO()).width == 60
    assert not coloured(io.StringIO())


def test_several_documents_are_an_array_or_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    Output(Format.JSON).many(LINES, lambda: "")
    assert [each["project"] for each in json.loads(capsys.readouterr().out)] == ["rag-chatbot", "search"]
    Output(Format.JSONL).many(LINES, lambda: "")
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["state"] for line in lines] == ["BLOCKED", "PLANNING"]


def test_one_document_is_one_line_in_jsonl(capsys: pytest.CaptureFixture[str]) -> None:
    Output(Format.JSONL).one(LINES[0], lambda: "")
    assert capsys.readouterr().out.count("\n") == 1


def test_people_get_the_page_and_programs_do_not(capsys: pytest.CaptureFixture[str]) -> None:
    Output(Format.TABLE).one({"a": 1}, lambda: "a page")
    assert capsys.readouterr().out == "a page\n"
    Output(Format.JSON).one({"a": 1}, lambda: "a page")
    assert capsys.readouterr().out == '{\n  "a": 1\n}\n'


def test_talk_is_no_data(capsys: pytest.CaptureFixture[str]) -> None:
    Output(Format.JSON).say("beside the point")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "beside the point\n")


def test_text_with_brackets_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    Output(Format.TABLE).show("[red]uvicorn[standard] :smile:[/red]")
    assert capsys.readouterr().out == "[red]uvicorn[standard] :smile:[/red]\n"
