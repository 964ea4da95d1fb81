"""``psmp declare --from-diff`` from clones at different commits, against a real stack and a real repository."""

from pathlib import Path
from typing import Any

import pytest

from psmp.client import connect_sync
from psmp.words.answers import Status
from tests.integration.cli import Ended, Shell
from tests.unit.cli.diffs.repositories import Repository, numbered

pytestmark = pytest.mark.integration

TEN_TO_TWELVE = numbered(*range(1, 10), "ten", "eleven", "twelve", *range(13, 31))
PROJECT = "merged"


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory, shared_dev: tuple[Path, dict[str, Any]]) -> Shell:
    with connect_sync(shared_dev[1]["url"], agent="ada") as client:
        client.create_project(PROJECT)
        client.transition(PROJECT, "PLANNING", reason="go")
    return Shell.at(tmp_path_factory.mktemp("dev"), XDG_STATE_HOME=str(shared_dev[0]))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "project")
    made.write(app__py=numbered(*range(1, 31)))
    made.commit()
    return made


def declare(dev: Shell, repository: Repository, agent: str, change: str, command: str = "declare") -> Ended:
    words = (command, PROJECT, "--agent", agent, "--artifact", f"of-{agent}", "--from-diff", change)
    return Shell(repository.folder, dev.environment).run(*words)


def branch(repository: Repository, name: str, start: str, text: str) -> None:
    repository.git("checkout", "--quiet", "-b", name, start)
    repository.write(app__py=text)
    repository.commit()


def status(dev: Shell) -> Status:
    return Status.model_validate_json(dev.run("status", PROJECT, "-o", "json").out)


def test_who_goes_on_from_what_was_merged_stands_and_who_meets_what_was_not_does_not(
    dev: Shell, repository: Repository
) -> None:
    branch(repository, "one", "main", TEN_TO_TWELVE)
    branch(repository, "three", "main", numbered(*range(1, 20), "twenty", *range(21, 31)))
    for agent in ("one", "three"):
        assert declare(dev, repository, agent, f"main..{agent}").code == 0
    repository.git("checkout", "--quiet", "main")
    repository.git("merge", "--quiet", "--no-ff", "one", "-m", "r1")

    branch(repository, "two", "main", TEN_TO_TWELVE.replace("eleven", "ELEVEN"))
    two = declare(dev, repository, "two", "main..two")
    assert (two.code, two.err) == (0, "")
    assert "not known" not in two.out
    claims = {each.artifact: each.paths[0] for each in status(dev).artifacts}
    assert [passage.base for passage in claims["of-two"].passages or ()] == [claims["of-one"].base]
    assert claims["of-one"].passages is None

    branch(repository, "four", "main", TEN_TO_TWELVE.replace("20", "TWENTY"))
    four = declare(dev, repository, "four", "main..four")
    assert four.code == 3
    assert "three writes lines [20, 21) of app.py" in four.out

    repository.git("checkout", "--quiet", "two")
    repository.write(app__py=TEN_TO_TWELVE.replace("twelve", "TWELVE"))
    repository.commit()
    assert declare(dev, repository, "four", "main..two", "amend").code == 3
    repository.write(app__py=TEN_TO_TWELVE.replace("\n5\n", "\nfive\n"))
    repository.commit()
    assert declare(dev, repository, "four", "main..two", "amend").code == 0
    assert status(dev).conflicts == ()


def test_a_base_that_is_known_only_elsewhere_is_said_and_the_declaration_stands(
    dev: Shell, repository: Repository, tmp_path: Path
) -> None:
    repository.write(else__py=numbered(*range(1, 9)))
    repository.commit()
    repository.write(else__py=numbered("one", *range(2, 9)))
    assert declare(dev, repository, "near", "HEAD").code == 0
    other = Repository(tmp_path / "other")
    other.write(else__py=numbered(*range(1, 12)))
    other.commit()
    other.write(else__py=numbered(*range(1, 11), "eleven"))
    far = declare(dev, other, "far", "HEAD")
    assert far.code == 0
    assert "else.py: others claim it at a base" in far.err
