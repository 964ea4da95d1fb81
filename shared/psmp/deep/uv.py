"""uv as a resolver: one process for each question, bounded in time, memory and output; it executes nothing it finds.

Each artifact is a folder of its own with a static ``pyproject.toml`` (PEP 621), from which uv reads what it needs
without building anything. From the index come wheels' metadata alone (PEP 658): source builds are off.
"""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

from uv import find_uv_bin

from psmp.deep.problem import USUAL_MACHINE, Root
from psmp.deep.report import Proof, read_report
from psmp.deep.solution import Answer, Undetermined, Unsolvable, read_solution
from psmp.leash import Leash
from psmp.words.values import Target

_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_AUTHORITIES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSL_CLIENT_CERT")
PASSED_ON: Final = (*_PROXIES, *(name.lower() for name in _PROXIES), *_AUTHORITIES)
"""All that uv is told of the environment: how to reach an index, and whose certificates to trust."""

PLATFORMS: Final = {
    ("linux", "x86_64"): "x86_64-unknown-linux-gnu",
    ("linux", "arm64"): "aarch64-unknown-linux-gnu",
    ("macos", "x86_64"): "x86_64-apple-darwin",
    ("macos", "arm64"): "aarch64-apple-darwin",
    ("windows", "x86_64"): "x86_64-pc-windows-msvc",
    ("windows", "arm64"): "aarch64-pc-windows-msvc",
}
"""What uv calls a platform and machine."""

# A shell in the child becomes uv: Python code between fork and exec is not safe beside threads. First it tells the
# leash, whose pipe is its input, that it ends with us; until then it keeps the pipe open, so that it is never too late.
# Then it sets the limit; where the system knows none there is none.
_LIMITED: Final = (
    'printf "hold %s 9\\n" "$$" >&0 || exit 125; ulimit -v "$1" 2>/dev/null; told=$2; shift 2; exec "$@" <"$told"'
)
_NOT_HELD: Final = frozenset({125, -signal.SIGPIPE})

_FAULTS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(shape, re.IGNORECASE), reason)
    for shape, reason in (
        (r"HTTP status server error \((\d+)", "the index answered with an error ({0})"),
        (r"HTTP status client error \((40[13])", "the index refuses access ({0})"),
        (r"HTTP status client error \((\d+)", "the index answered with an error ({0})"),
        (r"timed out|timeout", "the index did not answer in time"),
        (r"Failed to fetch|error sending request|Could not connect|dns error", "the index could not be reached"),
        (r"No such file or directory|does not exist", "the index could not be reached"),
        (r"Received some unexpected|Couldn't parse|Failed to (?:parse|read|deserialize)", "{line}"),
    )
)

# What uv says beside an explanation that without it would look like a proof.
_GAPS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"`([^`]+)` is missing an upload date"), "the index does not say when {0} was published"),
    (re.compile(r"returned an? (\d+) \w+ error"), "the index refuses access ({0})"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one answer may take.

    ``seconds`` for everything, ``question_seconds`` for one run of uv, ``memory_mib`` of address space and
    ``output_mib`` for each run, and so many runs (``questions``). ``causes`` is how many minimal clashing sets are
    looked for in one environment.
    """

    seconds: float = 120
    question_seconds: float = 30
    memory_mib: int = 4096
    output_mib: int = 32
    questions: int = 200
    causes: int = 16


@dataclass(frozen=True, slots=True)
class Question:
    """What uv is asked: can ``roots`` and the requirements ``lines`` be installed together in ``target``?

    With ``prereleases`` these are as good as any version; otherwise they are taken where nothing else is published.
    ``alone`` leaves out what the packages of ``lines`` need. ``python`` replaces the target's version. ``detailed``
    asks for hashes and reasons too.
    """

    target: Target
    roots: tuple[Root, ...] = ()
    lines: tuple[str, ...] = ()
    prereleases: bool = False
    alone: bool = False
    python: str | None = None
    detailed: bool = False


@dataclass(frozen=True, slots=True)
class Uv:
    """uv with one index, one moment and one cache folder, which is nobody else's.

    ``ground`` is an empty folder for as long as this is used: for the projects of the artifacts, and as uv's home.
    ``leash`` ends every uv when this process ends, even by SIGKILL.
    """

    index: str
    cache: Path
    ground: Path
    leash: Leash
    exclude_newer: datetime | None = None
    limits: Limits = Limits()

    async def ask(self, question: Question, *, seconds: float) -> Answer:
        """Put the question; the answer comes within ``seconds``, whatever it is. Cancelled, it leaves no process."""
        try:
            binary = find_uv_bin()
            told = await asyncio.to_thread(_lay_out, self.ground, question)
            process = self._start(binary, told, question, seconds)
        except OSError as error:
            return Undetermined(f"the resolver could not be started: {error.strerror or error}")
        return await self._answer(process, question, seconds)

    async def _answer(self, process: subprocess.Popen[bytes], question: Question, seconds: float) -> Answer:
        most = self.limits.output_mib << 20
        hearing = asyncio.ensure_future(asyncio.to_thread(_hear, process, most))
        try:
            await asyncio.wait({hearing}, timeout=seconds)
            late = not hearing.done()
        finally:
            if not hearing.done():
                _kill(process)
                await asyncio.wait({hearing})
            self.leash.free(process.pid)
        if late:
            return Undetermined(f"no answer within {seconds:.3g} s")
        code, output, errors = hearing.result()
        if code in _NOT_HELD and not errors:
            return Undetermined("the resolver could not be started: what would end it with us is gone")
        if max(len(output), len(errors)) >= most:
            return Undetermined(f"the resolver said more than {self.limits.output_mib} MiB")
        said = errors.decode(errors="replace")
        if code == 0:
            artifacts = {root.name: root.artifact for root in question.roots}
            return read_solution(output.decode(errors="replace"), said, artifacts)
        return _understood(code, said)

    def _start(self, binary: str, told: Path, question: Question, seconds: float) -> subprocess.Popen[bytes]:
        # Not by the event loop: uvloop would leave the leash's pipe open in uv, under another number.
        memory = str(self.limits.memory_mib << 10)
        return subprocess.Popen(  # noqa: S603 -- a shell of our own words, and what is asked is data to it
            ("/bin/sh", "-c", _LIMITED, "sh", memory, str(told), binary, *self.arguments(question)),
            stdin=self.leash.pipe,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.ground,
            env=self._environment(seconds),
            start_new_session=True,
        )

    def arguments(self, question: Question) -> list[str]:
        """What uv is called with; the same question has the same arguments."""
        target = question.target
        machine = target.machine or USUAL_MACHINE[target.platform]
        arguments = ["pip", "compile", "-", "--no-config", "--no-progress", "--color", "never", "--no-header"]
        arguments += ["--cache-dir", str(self.cache / "uv"), "--keyring-provider", "disabled"]
        arguments += ["--only-binary", ":all:", "--no-sources", "--python", sys.executable]
        arguments += ["--python-version", question.python or target.python]
        arguments += ["--python-platform", PLATFORMS[target.platform, machine]]
        arguments += ["--prerelease", "allow" if question.prereleases else "if-necessary"]
        if self.exclude_newer:
            arguments += ["--exclude-newer", self.exclude_newer.isoformat()]
        if question.alone:
            arguments.append("--no-deps")
        arguments += ["--generate-hashes", "--annotation-style", "line"] if question.detailed else ["--no-annotate"]
        return arguments

    def _environment(self, seconds: float) -> dict[str, str]:
        """Nothing of the user's: no home with a netrc, no settings.

        The index stands here and not among the arguments, which anybody on the machine can read: its address may hold
        a password.
        """
        passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        own = {
            "HOME": str(self.ground),
            "UV_DEFAULT_INDEX": self.index,
            "UV_HTTP_RETRIES": "0",
            "UV_HTTP_TIMEOUT": str(max(1, round(seconds))),
            "UV_PYTHON_DOWNLOADS": "never",
        }
        return passed | own


def _lay_out(ground: Path, question: Question) -> Path:
    """Write a project for each root under ``ground``, unless it is there already; the file with what to tell uv."""
    lines = list(question.lines)
    for root in question.roots:
        # A string of JSON is a string of TOML.
        needs = json.dumps([need.line for need in root.needs], ensure_ascii=False)
        project = f'[project]\nname = "{root.name}"\nversion = "0"\ndependencies = {needs}\n'.encode()
        folder = ground / sha256(project).hexdigest()
        if not folder.exists():
            folder.mkdir()
            (folder / "pyproject.toml").write_bytes(project)
        lines.append(f"{root.name} @ {folder.as_uri()}")
    text = "\n".join(lines).encode()
    told = ground / f"{sha256(text).hexdigest()}.txt"
    told.write_bytes(text)
    return told


def _hear(process: subprocess.Popen[bytes], most: int) -> tuple[int, bytes, bytes]:
    """How the process ends, and what it says on both its outputs, up to ``most`` bytes each; waits for it."""
    output, errors = process.stdout, process.stderr
    if output is None or errors is None:  # pragma: no cover -- it was started with both pipes
        raise ValueError("a process without pipes")
    with output, errors, ThreadPoolExecutor(1) as beside:
        told = beside.submit(_read, output, most, process)
        faults = _read(errors, most, process)
        said = told.result()
    return process.wait(), said, faults


def _read(stream: IO[bytes], most: int, process: subprocess.Popen[bytes]) -> bytes:
    said = bytearray()
    while chunk := os.read(stream.fileno(), 1 << 16):
        said += chunk
        if len(said) >= most:
            _kill(process)
            break
    return bytes(said)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process, and all that it may have started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _understood(code: int, said: str) -> Answer:
    """What it means that uv ended with ``code``, saying this: 1 is a proof or one that failed, all else a fault."""
    if code == 1 and "No solution found" in said:
        for shape, reason in _GAPS:
            if match := shape.search(said):
                return Undetermined(reason.format(*match.groups()), said)
        read = read_report(said)
        return Unsolvable(read, said) if isinstance(read, Proof) else Undetermined(read.reason, said)
    if code < 0 or "memory allocation" in said:
        return Undetermined("the resolver crashed, or its memory did not suffice", said)
    line = next(_lines(said), "it did not say why")
    for shape, reason in _FAULTS:
        if match := shape.search(said):
            return Undetermined(reason.format(*match.groups(), line=f"the resolver gave up: {line}"), said)
    return Undetermined(f"the resolver gave up: {line}", said)


def _lines(said: str) -> Iterator[str]:
    return (match[1][:200] for match in re.finditer(r"^error: (.+)$", said, re.MULTILINE))
