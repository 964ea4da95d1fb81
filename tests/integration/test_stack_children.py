"""Children of the stack: heard, ended with all that is theirs, and never started without a leash."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from psmp.leash import Leash, LeashLost
from psmp.leash import program as leash
from psmp.stack import Ended, NotReady
from psmp.stack.children import Child, Program, run
from psmp.stack.output import Output
from psmp.stack.waiting import until
from tests.integration.stack_owner import lives, no_longer

pytestmark = pytest.mark.integration


@pytest.fixture
async def held() -> AsyncIterator[Leash]:
    held = Leash.start()
    yield held
    await held.close()


@pytest.fixture
def output(tmp_path: Path) -> Output:
    return Output(tmp_path / "child.log")


def program(*argv: str, end_signal: signal.Signals = signal.SIGKILL) -> Program:
    return Program(name="child", argv=argv, env={"PATH": os.defpath}, end_signal=end_signal)


def script(text: str) -> Program:
    return program("/bin/sh", "-c", text)


async def test_a_child_is_heard_and_its_status_known(held: Leash, output: Output) -> None:
    child = Child(script("echo to one; echo to the other >&2; exit 7"), held, output)
    assert await child.wait() == 7
    assert child.code == 7
    assert output.tail() == ("to one", "to the other")
    assert output.path.read_text() == "to one\nto the other\n"


async def test_a_childs_input_is_empty(held: Leash, output: Output) -> None:
    await run(program("cat"), held, output, within=10)


async def test_a_program_that_is_not_there_says_so(held: Leash, output: Output) -> None:
    with pytest.raises(Ended, match=r"no-such-program.*not found"):
        await run(program("/no-such-program"), held, output, within=10)


async def test_one_who_waits_and_gives_up_does_not_spoil_it_for_the_others(held: Leash, output: Output) -> None:
    child = Child(program("sleep", "600"), held, output)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(child.wait(), 0.01)
    child.kill()
    assert await child.wait() == -signal.SIGKILL


async def test_a_child_that_does_not_stop_is_killed(held: Leash, output: Output) -> None:
    child = Child(script("trap 'echo no' TERM; echo ready; while :; do sleep 0.05; done"), held, output)
    await child.ready(lambda: says(output, "ready"), within=10)
    assert await child.stop(within=0.2) == -signal.SIGKILL


async def test_a_child_that_is_not_ready_in_time_is_quoted(held: Leash, output: Output) -> None:
    child = Child(script("echo still thinking; sleep 600"), held, output)
    await until(lambda: says(output, "still thinking"), within=60)
    with pytest.raises(NotReady, match=r"(?s)not ready within 0.01 s.*still thinking"):
        await child.ready(lambda: says(output, "ready"), within=0.01)
    child.end()
    await child.wait()


async def test_a_run_that_takes_too_long_is_ended(held: Leash, output: Output) -> None:
    with pytest.raises(NotReady):
        await run(program("sleep", "600"), held, output, within=0.05)


async def test_letting_go_ends_every_child_and_no_more_can_be_started(held: Leash, output: Output) -> None:
    children = [Child(program("sleep", "600"), held, output) for _ in range(3)]
    held.let_go()
    assert [await child.wait() for child in children] == [-signal.SIGKILL] * 3
    with pytest.raises(LeashLost):
        Child(program("sleep", "600"), held, output)


async def test_a_child_ends_by_the_signal_it_asked_for(held: Leash, output: Output) -> None:
    child = Child(program("sleep", "600", end_signal=signal.SIGQUIT), held, output)
    held.let_go()
    assert await child.wait() == -signal.SIGQUIT


async def test_nothing_starts_when_the_leash_is_lost(held: Leash, output: Output) -> None:
    os.kill(held.pid, signal.SIGKILL)
    await no_longer([held.pid])
    child = Child(program("sleep", "600"), held, output)
    assert await child.wait() in {125, -signal.SIGPIPE}
    with pytest.raises(LeashLost):
        held.remove(Path("/nowhere"))


async def test_the_leash_ignores_what_would_end_everybody() -> None:
    groups: dict[int, int] = {}
    doomed: list[str] = []
    for order in ("hold 1 9", "hold 0 9", "hold -1 9", "hold x 9", "hold 12", "", "free x", "hold 77 9", "remove /a b"):
        leash.follow(order, groups, doomed)
    assert groups == {77: 9}
    assert doomed == ["/a b"]


async def test_the_leash_survives_the_signals_of_a_terminal(held: Leash, output: Output) -> None:
    child = Child(program("sleep", "600"), held, output)
    held.remove(Path("/nowhere"))
    await until(lambda: ignores_signals(held.pid), within=60)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(held.pid, number)
    assert lives(held.pid)
    held.let_go()
    await child.wait()


async def test_output_is_bounded_in_memory_and_on_disk(
    held: Leash, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psmp.stack.output._LARGEST_FILE", 10_000)
    heard: list[str] = []
    output = Output(output.path, heard.append)
    await run(program(sys.executable, "-c", "for i in range(5000): print('line', i)"), held, output, within=30)
    assert output.tail(2) == ("line 4998", "line 4999")
    assert len(output.tail(10_000)) == 200
    assert len(heard) == 5000
    assert output.path.stat().st_size <= 10_000
    assert output.path.with_name("child.log.1").stat().st_size <= 10_100


async def says(output: Output, line: str) -> bool:
    return line in output.tail()


async def ignores_signals(pid: int) -> bool:
    """Whether the leash has come so far as to ignore SIGTERM; elsewhere than on Linux that cannot be seen."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        pytest.skip("needs /proc")
    mask = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigIgn"))
    return bool(mask >> (signal.SIGTERM - 1) & 1)
