"""Has this version write its logs, and keeps them: ``python -m tests.replays``."""

import asyncio
import hashlib
import tempfile
from pathlib import Path

import psmp
from psmp.cli.deciding import recorded
from psmp.log.jetstream import JetStreamEventLog
from psmp.wire.connection import Address, connect
from psmp.words.ids import SYSTEM, ProjectKey
from tests.integration.cli import Shell
from tests.little_index import LittleIndex, serving
from tests.replays import FOLDER, PUBLISHED, play


async def record(url: str, operators: str, folder: Path) -> None:
    """Plays on the stack that runs there, and writes a file for each project."""
    async with psmp.connect(url, agent="owner", timeout=60) as client:
        names = await play(client)
    nats = await connect(Address(operators), "test-recorder", inbox="_INBOX_operator")
    for key in (*(ProjectKey("default", name) for name in ("rag-chatbot", *names)), SYSTEM):
        lines = [line async for line in recorded(nats, JetStreamEventLog(nats), key)]
        (folder / f"{key.project}.jsonl").write_bytes(b"".join(lines))
    await nats.close()
    written = sorted(folder.glob("*.jsonl"))
    sums = (f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in written)
    (folder / "SHA256SUMS").write_text("".join(sums))


def main() -> None:
    """Starts a stack with an index of a few packages, and stops it."""
    folder = FOLDER / psmp.__version__
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, serving(LittleIndex(PUBLISHED)) as index:
        shell = Shell.at(Path(place))
        with shell.dev("--index", index.url) as said:
            demo = shell.run("demo", "--attach", "-o", "json")
            assert demo.code == 0, demo.err
            asyncio.run(record(said["url"], said["operator_url"], folder))
            ended = shell.run("replay", "--decisions")
    print(ended.out, ended.err)  # noqa: T201


if __name__ == "__main__":
    main()
