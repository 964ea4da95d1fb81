"""``--dep`` and ``--path``: needs and claims as they are typed."""

import pytest

from psmp.cli.manifests import ManifestFault
from psmp.cli.needs import Misspelt, claim, need
from psmp.words.values import Dependency, PathClaim


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("pandas==1.5.*", Dependency(name="pandas", constraint="==1.5.*")),
        ("pandas <3, >=2.0", Dependency(name="pandas", constraint=">=2.0,<3")),
        ("uvicorn[standard]", Dependency(name="uvicorn", extras=("standard",))),
        ("pandas>=2  # DataFrame API", Dependency(name="pandas", constraint=">=2", purpose="DataFrame API")),
        ("dev:pytest>=8", Dependency(name="pytest", constraint=">=8", scope="dev")),
        ("npm:react@^18.2", Dependency(name="react", constraint="^18.2", ecosystem="npm")),
        ("npm:@types/react", Dependency(name="@types/react", ecosystem="npm")),
        ("build:npm:vite@5", Dependency(name="vite", constraint="5", ecosystem="npm", scope="build")),
        ("tomli ; python_version < '3.11'", Dependency(name="tomli", marker='python_version < "3.11"')),
    ],
)
def test_a_need_is_read_as_it_is_typed(text: str, wanted: Dependency) -> None:
    assert need(text).dependencies == (wanted,)


def test_the_reason_given_for_all_is_that_of_a_need_without_its_own() -> None:
    assert need("pandas", "why not").dependencies[0].purpose == "why not"
    assert need("pandas # because", "why not").dependencies[0].purpose == "because"


@pytest.mark.parametrize("text", ["pandas=>2", "", "==2", "dev:", "npm:", "npm:a b"])
def test_what_is_no_need_is_a_fault_that_says_so(text: str) -> None:
    with pytest.raises(ManifestFault, match=r"^--dep: not a "):
        need(text)


def test_a_fault_is_told_of_the_option_that_it_is_in() -> None:
    with pytest.raises(ManifestFault, match=r"^--require: not a ") as caught:
        need("pandas=>2", option="--require")
    assert "--require 'name>=1.0'" in caught.value.hint
    with pytest.raises(ManifestFault, match=r"^--require: not a package") as caught:
        need("npm:", option="--require")
    assert "--require 'npm:" in caught.value.hint
    with pytest.raises(Misspelt, match=r"^--require prod:pandas: "):
        need("prod:pandas", option="--require")


def test_an_unknown_prefix_is_named_with_the_known_ones() -> None:
    with pytest.raises(Misspelt, match="prod: is not known") as caught:
        need("prod:pandas")
    assert "dev:" in caught.value.hint
    assert "npm:" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("app/main.py", PathClaim(path="app/main.py")),
        ("app/main.py:read", PathClaim(path="app/main.py", mode="read")),
        ("C:/app.py:delete", PathClaim(path="C:/app.py", mode="delete")),
        ("C:/app.py", PathClaim(path="C:/app.py")),
    ],
)
def test_a_claim_is_read_as_it_is_typed(text: str, wanted: PathClaim) -> None:
    assert claim(text) == wanted


def test_a_misspelt_mode_is_no_part_of_the_path() -> None:
    with pytest.raises(Misspelt, match="'wirte' is no mode"):
        claim("app/main.py:wirte")
