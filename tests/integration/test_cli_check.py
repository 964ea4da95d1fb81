"""``psmp check`` as a process: no server, no network, one answer for each set as it comes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PSMP = (sys.executable, "-m", "psmp.cli.app", "check")
TEAMS = Path(__file__).parents[1] / "scenarios" / "teams.jsonl"


def run(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PSMP, *arguments], input=text, capture_output=True, text=True, timeout=60, check=False)


def answers(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def one(*needs: str) -> str:
    """A set in which each artifact needs another range of one package."""
    declarations = [
        {"artifact": f"a{number}", "dependencies": [{"name": "x", "constraint": need}]}
        for number, need in enumerate(needs)
    ]
    return json.dumps({"id": ",".join(needs), "declarations": declarations})


@pytest.mark.parametrize(
    ("text", "verdict", "end"),
    [
        (one(">=1", "<2"), "compatible", 0),
        (one(">=2", "<2"), "conflict", 3),
        (one("=>2"), "invalid", 2),
        ("nonsense", "invalid", 2),
        ('{"declarations": [{"artifact": "a"}], "targets": []}', "invalid", 2),
        (json.dumps(json.loads(one(">=2", "<2")), indent=2), "conflict", 3),
    ],
)
def test_a_verdict_has_its_end(text: str, verdict: str, end: int) -> None:
    done = run(text=text)
    assert (done.returncode, done.stderr) == (end, "")
    assert [answer["verdict"] for answer in answers(done)] == [verdict]


def test_every_line_of_a_file_gets_its_answer_and_the_worst_one_is_the_end() -> None:
    done = run(str(TEAMS))
    assert done.returncode == 3
    expected = [json.loads(line) for line in TEAMS.read_text(encoding="utf-8").splitlines()]
    assert [(each["id"], each["verdict"]) for each in answers(done)] == [
        (each["id"], each["expect"]["direct"]) for each in expected
    ]


def test_a_line_is_answered_before_the_next_one_comes() -> None:
    with subprocess.Popen([*PSMP, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for needs, verdict in ((("<2", ">=1"), "compatible"), (("<2", ">=2"), "conflict")):
            process.stdin.write(one(*needs) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["verdict"] == verdict
        process.stdin.close()
        assert process.wait(timeout=30) == 3


def test_one_bad_line_stops_nobody() -> None:
    done = run(text="\n".join((one("<2"), '{"declarations": 3}', "{", one(">=1"))))
    assert [answer["verdict"] for answer in answers(done)] == ["compatible", "invalid", "invalid", "compatible"]
    assert done.returncode == 2


def test_people_get_a_page() -> None:
    done = run("-o", "table", text=one(">=2", "<2"))
    page = " ".join(done.stdout.split())
    assert "Because a0 requires x>=2 and a1 requires x<2, no version of x satisfies the runtime scope." in page
    assert "1 a1 -> x>=2 in a1 (was <2)" in page


def test_a_missing_file_is_named() -> None:
    done = run("nowhere.json")
    assert done.returncode == 2
    assert "nowhere.json" in done.stderr


def test_nothing_is_loaded_that_speaks_to_a_network() -> None:
    code = (
        "import sys, io; sys.stdin = io.TextIOWrapper(io.BytesIO(b'{\"declarations\": []}'));"
        "from psmp.cli.app import run; run(['check']); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert not set(done.stdout.split()) & {"nats", "asyncpg", "psmp.client", "psmp.stack", "psmp.store"}
