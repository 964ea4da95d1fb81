"""What was found compatible, written down: pip installs exactly that, and the bill of materials keeps to its schema."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from psmp.deep.manifest import requirements
from psmp.deep.sbom import sbom
from psmp.deep.verdict import resolve
from psmp.words.checks import Declaration
from psmp.words.values import Dependency, Target
from tests.little_index import LittleIndex, Release, serving

pytestmark = pytest.mark.integration

HERE = Target(python=f"{sys.version_info.major}.{sys.version_info.minor}")
LATER = Target(python="3.13" if sys.version_info < (3, 13) else "3.12")
PUBLISHED = (
    Release("base", "1.0"),
    Release("base", "2.0"),
    Release(
        "app", "1.0", (f"base<2 ; python_version < '{LATER.python}'", f"base ; python_version >= '{LATER.python}'")
    ),
    Release("plain", "1.0+local.1"),
)


def needs(artifact: str, *names: str) -> Declaration:
    return Declaration(
        artifact=artifact, agent="ann", dependencies=tuple(Dependency(name=name, purpose="why not") for name in names)
    )


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="the marker splits this Python from a later one")
async def test_pip_installs_what_the_manifest_says_by_hash(tmp_path: Path) -> None:
    with serving(LittleIndex(PUBLISHED)) as index:
        declared = [needs("a", "app"), needs("b", "plain")]
        found = await resolve(declared, [HERE, LATER], index=index.url, cache=tmp_path / "cache")
        manifest, folder = tmp_path / "requirements.txt", tmp_path / "installed"
        manifest.write_text(requirements(found))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "pip", "install", "--isolated", "--no-cache-dir", "--require-hashes", "--no-deps"),
            *("--index-url", index.url, "--target", str(folder), "-r", str(manifest)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert sorted(path.name for path in folder.iterdir()) == [
        "app-1.0.dist-info",
        "base-1.0.dist-info",
        "plain-1.0+local.1.dist-info",
    ]


async def test_the_same_question_has_the_same_bill(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    with serving(LittleIndex(PUBLISHED)) as index:
        one = await resolve([needs("a", "app"), needs("b", "plain")], [HERE], index=index.url, cache=tmp_path / "1")
        two = await resolve([needs("b", "plain"), needs("a", "app")], [HERE], index=index.url, cache=tmp_path / "2")
    told = [sbom(each, project="demo", tool="1", timestamp=moment) for each in (one, two)]
    assert told[0] == told[1]
    assert requirements(one) == requirements(two)
    app = json.loads(told[0])["components"][0]
    assert {"name": "psmp:artifact:a:purpose", "value": "why not"} in app["properties"]


async def test_a_folder_of_pages_is_an_index_too(tmp_path: Path) -> None:
    folder = tmp_path / "simple" / "base"
    folder.mkdir(parents=True)
    release = Release("base", "1.0")
    (folder / release.filename).write_bytes(release.content)
    (folder / "index.html").write_text(f'<!DOCTYPE html><a href="{release.filename}">{release.filename}</a>')
    found = await resolve([needs("a", "base")], [HERE], index=(tmp_path / "simple").as_uri(), cache=tmp_path / "cache")
    assert [package.version for package in found.findings[0].packages] == ["1.0"]
