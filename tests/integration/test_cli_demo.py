"""``psmp demo``: ends well only if everything that it claims was observed."""

import json
import re
import signal
import time
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli import WITHIN, Shell

pytestmark = pytest.mark.integration

README = Path(__file__).parents[2] / "README.md"


def story(**changes: Any) -> dict[str, Any]:
    raw = resources.files("psmp.story").joinpath("rag-chatbot.json").read_bytes()
    found: dict[str, Any] = json.loads(raw)
    return found | changes


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell.at(tmp_path)


def test_the_story_comes_out_as_it_claims_and_leaves_nothing(shell: Shell) -> None:
    began = time.monotonic()
    told = shell.run("demo", PSMP_CREDENTIALS="/nowhere", PSMP_NATS_CREDENTIALS="/nowhere")
    assert told.code == 0, told.out + told.err
    assert time.monotonic() - began < WITHIN
    said = re.sub(r"\s+", " ", told.out)
    assert "DataScienceAgent declares embedding-pipeline" in said
    assert "no version of langchain satisfies the runtime scope" in said
    assert "refused PROJECT_BLOCKED" in said
    assert "C-1 cleared" in said
    assert "every step came out as the story says 19 expectations" in said
    assert "equal by hash" in said
    assert "✗ step" not in said
    assert "api reviewed, attempt 1: FAIL, no tests are reported" in said
    assert "MAEG-LOGIN is settled" in said
    assert "3 outcomes recomputed, each proved to stand under the root" in said
    assert "✓ the settlement is proved from the exported record alone" in said
    assert "nothing is left running" in told.err
    assert not (shell.folder / "state").exists()


def test_the_transcripts_in_the_readme_are_real_ones(shell: Shell) -> None:
    """But for the times, and where they say themselves that something is left out."""
    page = README.read_text()
    blocks = re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    transcript = "".join(each for each in blocks if each.startswith(("  6 ", "   49 ms")))
    assert transcript.count("reviewed") == 3
    told = [timeless(line) for line in shell.run("demo", COLUMNS="120").out.splitlines()]
    lines = [timeless(line) for line in transcript.splitlines()]
    assert [line for line in lines if not any(each.startswith(line.removesuffix("...")) for each in told)] == []


def timeless(line: str) -> str:
    return re.sub(r"\s+[\d.]+ m?s$|^ +[\d.]+ m?s  ", "", line)


def test_stories_are_played_on_a_stack_that_runs_and_reported_to_programs(shell: Shell) -> None:
    resolved = story()
    resolved["project"]["id"] = "resolved"
    resolved["steps"][8] = {
        "agent": "CoderAgent",
        "resolve": {"accept_suggestion": 1, "reason": "the loaders can move"},
        "expect": {"verdict": "accepted", "state": "IN_PROGRESS"},
    }
    resolved["steps"].insert(9, {"agent": "CoderAgent", "begin": {}, "needs": "transitive"})
    (shell.folder / "resolved.json").write_text(json.dumps(resolved))
    wrong = story()
    wrong["steps"][5]["expect"] = {"verdict": "conflict", "subject": "pydantic"}
    (shell.folder / "wrong.json").write_text(json.dumps(wrong))
    with shell.dev():
        first, second = (shell.run("demo", "--attach", "-o", "json") for _ in range(2))
        assert [first.code, second.code] == [0, 0]
        assert [first.json["project"], second.json["project"]] == ["rag-chatbot", "rag-chatbot-2"]
        assert first.json["held"]
        assert [step["outcome"] for step in first.json["steps"]].count("conflict") == 1
        assert len(first.json["checks"]) == 19 + 4
        seconds = [each.json["second"] for each in (first, second)]
        assert [each["project"] for each in seconds] == ["three-agents", "three-agents-2"]
        assert [len(each["checks"]) for each in seconds] == [4, 4]
        assert all(each["held"] for each in seconds)

        other = shell.run("demo", "--attach", "--scenario", "resolved.json", "-o", "json")
        assert other.code == 0, other.out
        assert other.json["steps"][8]["action"] == "resolve"
        assert other.json["steps"][9]["skipped"]

        failed = shell.run("demo", "--attach", "--scenario", "wrong.json")
        assert failed.code == 1
        lines = [line.strip() for line in failed.out.splitlines() if line.strip().startswith("✗ step 6")]
        assert lines == [
            "✗ step 6: the outcome is conflict  accepted",
            "✗ step 6: the conflict is on pydantic  no conflict",
        ]


@pytest.mark.parametrize("text", ["{", '{"title": "x"}', None])
def test_what_is_no_story_is_not_begun(shell: Shell, text: str | None) -> None:
    if text is not None:
        (shell.folder / "mine.json").write_text(text)
    ended = shell.run("demo", "--scenario", "mine.json")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("psmp: mine.json: ")


def test_an_interrupted_story_stops_clean(shell: Shell) -> None:
    with shell.running("demo", "--pace", "60") as process:
        assert process.stdout is not None
        while "starts the project" not in (line := process.stdout.readline()):
            assert line, "it ended by itself"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=WITHIN) == 130
        assert process.stderr is not None
        assert "nothing is left running" in process.stderr.read()
