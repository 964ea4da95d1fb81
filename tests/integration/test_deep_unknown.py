"""What the transitive check says where it cannot know: why, and never that it is fine or a conflict."""

import asyncio
import io
import os
import signal
import sys
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from psmp.deep.resolution import Resolution
from psmp.deep.uv import Limits
from psmp.deep.verdict import Progress, resolve
from psmp.leash import Leash
from psmp.words.checks import Declaration
from psmp.words.values import Dependency, Target
from tests.little_index import LittleIndex, Release, serving

pytestmark = pytest.mark.integration

LINUX = Target(python="3.11", platform="linux")
QUICK = Limits(seconds=20, question_seconds=10)


def needs(artifact: str, **constraints: str) -> Declaration:
    return Declaration(
        artifact=artifact,
        dependencies=tuple(Dependency(name=name, constraint=said) for name, said in constraints.items()),
    )


async def judge(index: str, cache: Path, *declarations: Declaration, limits: Limits = QUICK) -> Resolution:
    return await resolve(declarations, [LINUX], index=index, cache=cache, limits=limits)


def why(resolution: Resolution) -> str:
    """The reason of the only finding, which is unknown."""
    (finding,) = resolution.findings
    assert (resolution.verdict, finding.verdict, resolution.clashes) == ("unknown", "unknown", ())
    return finding.reason


async def test_no_index_to_reach(tmp_path: Path, unused_tcp_port: int) -> None:
    found = await judge(f"http://127.0.0.1:{unused_tcp_port}/simple", tmp_path, needs("a", numpy=""))
    assert why(found) == "the index could not be reached"
    assert found.unknown == ("python3.11-linux: the index could not be reached",)


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    found = await judge((tmp_path / "nowhere").as_uri(), tmp_path / "cache", needs("a", numpy=""))
    assert found.verdict == "unknown"


async def test_a_project_that_the_index_lacks(tmp_path: Path) -> None:
    with serving(LittleIndex([Release("numpy", "1.0")])) as index:
        found = await judge(index.url, tmp_path, needs("a", numpy="", nothing=">=1"))
    assert why(found) == "the index has no project nothing"


async def test_a_missing_project_that_a_package_needs_is_no_conflict(tmp_path: Path) -> None:
    releases = [Release("app", "1.0", ("nothing>=1",)), Release("app", "2.0", ("numpy<1",)), Release("numpy", "1.0")]
    with serving(LittleIndex(releases)) as index:
        found = await judge(index.url, tmp_path, needs("a", app=""), needs("b", numpy=">=1"))
    assert why(found) == "the index has no project nothing"


@pytest.mark.parametrize("status", [500, 503, 403])
async def test_an_index_that_answers_with_a_fault(tmp_path: Path, status: int) -> None:
    with serving(LittleIndex([Release("numpy", "1.0")], faults={"numpy": status})) as index:
        found = await judge(index.url, tmp_path, needs("a", numpy=">=1"))
    assert str(status) in why(found)


async def test_an_index_that_never_answers_is_given_up_at_the_deadline(tmp_path: Path) -> None:
    begun = time.monotonic()
    with serving(LittleIndex([], silent=frozenset({"numpy"}))) as index:
        found = await judge(index.url, tmp_path, needs("a", numpy=""), limits=Limits(question_seconds=0.5))
    assert why(found) == "no answer within 0.5 s"
    assert time.monotonic() - begun < 30
    assert not ours()


async def test_too_little_memory(tmp_path: Path) -> None:
    with serving(LittleIndex([Release("numpy", "1.0")])) as index:
        found = await judge(index.url, tmp_path, needs("a", numpy=""), limits=Limits(memory_mib=64))
    assert "memory did not suffice" in why(found)


async def test_more_said_than_is_read(tmp_path: Path) -> None:
    with serving(LittleIndex([Release("numpy", "1.0")])) as index:
        found = await judge(index.url, tmp_path, needs("a", numpy=""), limits=Limits(output_mib=0))
    assert why(found) == "the resolver said more than 0 MiB"


WHOLE_CHECK = """
import asyncio, sys
from pathlib import Path
from psmp.deep.verdict import resolve
from psmp.words.checks import Declaration
from psmp.words.values import Dependency, Target
asked = [Declaration(artifact="a", dependencies=(Dependency(name="silent"),))]
import uvloop
run = uvloop.run if sys.argv[3] == "uvloop" else asyncio.run
run(resolve(asked, [Target()], index=sys.argv[1], cache=Path(sys.argv[2])))
"""


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_whoever_asks_is_killed_and_the_resolver_dies_with_it(tmp_path: Path, loop: str) -> None:
    with serving(LittleIndex([], silent=frozenset({"silent"}))) as index:
        asker = await asyncio.create_subprocess_exec(sys.executable, "-c", WHOLE_CHECK, index.url, str(tmp_path), loop)
        assert await asyncio.to_thread(index.called.wait, 30)
        children = psutil.Process(asker.pid).children(recursive=True)
        assert "uv" in {each.name() for each in children}
        asker.kill()
        await asker.wait()
        _, left = await asyncio.to_thread(psutil.wait_procs, children, timeout=30)
    assert left == []
    assert list(tmp_path.glob("question-*")) == []


async def test_without_a_leash_no_resolver_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(LittleIndex([Release("numpy", "1.0")])) as index, monkeypatch.context() as patched:
        start = Leash.start

        def dead() -> Leash:
            leash = start()
            os.kill(leash.pid, signal.SIGKILL)
            psutil.Process(leash.pid).wait()
            return leash

        patched.setattr(Leash, "start", dead)
        patched.setattr(Leash, "remove", lambda *_: None)
        found = await judge(index.url, tmp_path, needs("a", numpy=""))
    assert why(found) == "the resolver could not be started: what would end it with us is gone"


async def test_no_more_runs_than_allowed(tmp_path: Path) -> None:
    with serving(LittleIndex([Release("numpy", "1.0")])) as index:
        none = await judge(index.url, tmp_path, needs("a", numpy=""), limits=Limits(questions=0))
        late = await judge(index.url, tmp_path, needs("a", numpy=""), limits=Limits(seconds=0))
    assert why(none) == "the check needed more than 0 runs of the resolver"
    assert why(late) == "the check took longer than 0 s"


async def test_metadata_that_cannot_be_read(tmp_path: Path) -> None:
    releases = [Release("numpy", "1.0", metadata=b"Metadata-Version: 2.1\nName: numpy\nVersion: one\n\n")]
    with serving(LittleIndex(releases)) as index:
        found = await judge(index.url, tmp_path, needs("a", numpy=""))
    assert "metadata" in why(found)


async def test_a_page_that_is_not_what_it_says(tmp_path: Path) -> None:
    with serving(LittleIndex([], faults={"numpy": 200})) as index:
        found = await judge(index.url, tmp_path, needs("a", numpy=""))
    assert found.verdict == "unknown"


def source_that_writes(marker: Path) -> bytes:
    """A source distribution that leaves a mark when anything of it is executed."""
    out = io.BytesIO()
    code = f"open({str(marker)!r}, 'w').close()\nfrom setuptools import setup\nsetup()\n".encode()
    told = b"Metadata-Version: 2.1\nName: old\nVersion: 1.0\n"
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in (("old-1.0/setup.py", code), ("old-1.0/PKG-INFO", told)):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


async def test_what_is_published_as_source_only_is_not_built(tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    with serving(LittleIndex([Release("old", "1.0", source=source_that_writes(marker))])) as index:
        found = await judge(index.url, tmp_path / "cache", needs("a", old=""))
        assert not any(path.startswith("/files/") for path in index.asked)
    assert why(found) == "old==1.0 is published as source only, and nothing is built here"
    assert not marker.exists()


async def test_a_source_beside_wheels_for_others_is_not_built_either(tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    releases = [
        Release("old", "1.0", source=source_that_writes(marker)),
        Release("old", "1.0", tag="cp39-cp39-manylinux_2_17_x86_64"),
    ]
    with serving(LittleIndex(releases)) as index:
        found = await judge(index.url, tmp_path / "cache", needs("a", old=""))
    assert why(found) == "old==1.0 is published as source only, and nothing is built here"
    assert not marker.exists()


async def test_no_wheel_for_the_target_and_no_source_is_a_missing_version(tmp_path: Path) -> None:
    with serving(LittleIndex([Release("old", "1.0", tag="cp39-cp39-manylinux_2_17_x86_64")])) as index:
        found = await judge(index.url, tmp_path / "cache", needs("a", old=""))
    assert [clash.kind for clash in found.clashes] == ["no-version"]


async def test_an_index_without_times_cannot_be_asked_for_a_moment(tmp_path: Path) -> None:
    moment = datetime(2024, 6, 1, tzinfo=UTC)
    with serving(LittleIndex([Release("numpy", "1.0")], dated=False)) as index:
        found = await resolve([needs("a", numpy="")], [LINUX], index=index.url, cache=tmp_path, exclude_newer=moment)
    assert "when" in why(found)


async def test_a_moment_is_kept_to(tmp_path: Path) -> None:
    releases = [Release("numpy", "1.0"), Release("numpy", "2.0", published="2025-01-01T00:00:00Z")]
    asked = [needs("a", numpy="")]
    moment = datetime(2024, 6, 1, tzinfo=UTC)
    with serving(LittleIndex(releases)) as index:
        found = await resolve(asked, [LINUX], index=index.url, cache=tmp_path, exclude_newer=moment)
        again = await resolve(asked, [LINUX], index=index.url, cache=tmp_path, exclude_newer=moment, previous=found)
    assert [package.version for package in found.findings[0].packages] == ["1.0"]
    assert again is found


async def test_a_moment_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        await resolve([], [LINUX], index="", cache=tmp_path, exclude_newer=datetime(2024, 1, 1))  # noqa: DTZ001


async def test_it_depends_on_the_release_of_the_python_series(tmp_path: Path) -> None:
    with serving(LittleIndex([Release("new", "1.0", python=">=3.11.4")])) as index:
        found = await judge(index.url, tmp_path, needs("a", new=""))
        exact = await resolve(
            [needs("a", new="")], [Target(python="3.11.5")], index=index.url, cache=tmp_path, limits=QUICK
        )
    assert why(found) == "it depends on which release of Python 3.11 is meant"
    assert exact.verdict == "compatible"


async def test_a_python_too_new_for_every_release_is_a_proof(tmp_path: Path) -> None:
    with serving(LittleIndex([Release("new", "1.0", python=">=3.12")])) as index:
        found = await judge(index.url, tmp_path, needs("a", new=""))
    assert found.verdict == "conflict"


async def test_it_depends_on_a_machine_that_nobody_named(tmp_path: Path) -> None:
    with serving(LittleIndex([Release("new", "1.0", tag="py3-none-manylinux_2_17_aarch64")])) as index:
        found = await judge(index.url, tmp_path, needs("a", new=""))
        named = [
            (await resolve([needs("a", new="")], [target], index=index.url, cache=tmp_path)).verdict
            for target in (Target(machine="x86_64"), Target(machine="arm64"))
        ]
    assert why(found) == "it depends on the machine: x86_64 would not do, another would"
    assert named == ["conflict", "compatible"]


async def test_a_python_too_old_for_the_target_is_not_taken_for_fine(tmp_path: Path) -> None:
    """uv takes it all the same, and pip would not."""
    with serving(LittleIndex([Release("old", "1.0", python=">=3.8,<3.11"), Release("app", "1", ("old",))])) as index:
        found = await judge(index.url, tmp_path, needs("a", app=""))
        again = await judge(index.url, tmp_path, needs("a", app=""))
        older = await resolve([needs("a", app="")], [Target(python="3.10")], index=index.url, cache=tmp_path)
    assert why(found) == why(again)
    assert why(found).startswith("old==1.0 is for Python >=3.8,<3.11, whose end the resolver does not heed")
    assert older.verdict == "compatible"


async def test_what_each_release_says_of_python_is_fetched_once(tmp_path: Path) -> None:
    with serving(LittleIndex([Release("old", "1.0")])) as index:
        for _ in range(3):
            await judge(index.url, tmp_path, needs("a", old=""))
        assert index.asked.count("/simple/old/") == 2


async def test_a_reference_is_not_fetched_and_the_rest_is_checked(tmp_path: Path) -> None:
    referring = Declaration(
        artifact="a", dependencies=(Dependency(name="numpy", reference="https://127.0.0.1/numpy-9-py3-none-any.whl"),)
    )
    releases = [Release("numpy", "1.0"), Release("app", "1.0", ("numpy<1",)), Release("h2", "1.0")]
    with serving(LittleIndex(releases)) as index:
        fine = await judge(index.url, tmp_path, referring, needs("b", h2=""))
        mixed = await judge(index.url, tmp_path, referring, needs("b", app=""), needs("c", numpy=">=1"))
        beside = await judge(index.url, tmp_path, referring, needs("b", h2=">=2"), needs("c", h2="<2"))
    assert why(fine).startswith(
        "a requires numpy from https://127.0.0.1/numpy-9-py3-none-any.whl, which is not fetched"
    )
    assert why(mixed) == "numpy comes from elsewhere than the index, and is not fetched"
    assert beside.verdict == "conflict"


async def test_prereleases_and_yanked_releases_are_noted(tmp_path: Path) -> None:
    releases = [
        Release("early", "1.0rc1"),
        Release("bad", "1.0", yanked="it does not work"),
        Release("base", "1.0"),
        Release("base", "2.0rc1"),
        Release("app", "1.0", ("base>=1.5",)),
    ]
    with serving(LittleIndex(releases)) as index:
        found = await judge(index.url, tmp_path, needs("a", early="", bad="==1.0", app=""))
    (finding,) = found.findings
    assert found.verdict == "compatible"
    assert "bad==1.0 is yanked (it does not work)" in finding.notes
    assert "base==2.0rc1 is a pre-release" in finding.notes


async def test_cancelled_it_leaves_no_process(tmp_path: Path) -> None:
    with serving(LittleIndex([], silent=frozenset({"numpy"}))) as index:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(judge(index.url, tmp_path, needs("a", numpy="")))
            assert await asyncio.to_thread(index.called.wait, 10)
            assert ours()
            task.cancel()
    assert task.cancelled()
    assert not ours()


async def test_progress_is_told(tmp_path: Path) -> None:
    told: list[Progress] = []
    with serving(LittleIndex([Release("numpy", "1.0"), Release("app", "1.0", ("numpy<1",))])) as index:
        await resolve(
            [needs("a", app=""), needs("b", numpy=">=1")],
            [LINUX],
            index=index.url,
            cache=tmp_path,
            progress=told.append,
        )
    assert list(dict.fromkeys(each.doing for each in told)) == ["solving", "finding causes", "finding ways out"]
    assert [each.asked for each in told] == sorted(each.asked for each in told)
    assert told[-1].asked > 4
    assert {(each.at, each.of) for each in told} == {(1, 1)}


async def test_nothing_of_the_users_settings_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CONSTRAINT", "/nowhere")
    with serving(LittleIndex([Release("numpy", "1.0")])) as index:
        found = await judge(index.url, tmp_path, needs("a", numpy=""))
    assert found.verdict == "compatible"


def ours() -> list[psutil.Process]:
    """The resolvers that this process has started and that are still there."""
    return [each for each in psutil.Process().children(recursive=True) if each.name() in {"uv", "sh"}]
