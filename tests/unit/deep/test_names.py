"""Every id has a package name of its own that is normalised already."""

import re

from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from psmp.deep.names import PREFIX, root_name
from psmp.words.ids import ID_PATTERN

IDS = st.from_regex(ID_PATTERN, fullmatch=True)


@given(IDS)
def test_every_id_has_a_name_that_is_normalised(artifact: str) -> None:
    name = root_name(artifact)
    assert name == canonicalize_name(name)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)


@given(st.lists(st.text("aA-_x0", min_size=1, max_size=6).map("a".__add__), unique=True))
def test_different_ids_have_different_names(artifacts: list[str]) -> None:
    assert len({root_name(each) for each in artifacts}) == len(artifacts)


def test_a_plain_id_is_kept() -> None:
    assert root_name("ml-work") == "psmp-root-ml-work"


def test_what_looks_marked_is_marked_again() -> None:
    marked = root_name("ML_Work")
    assert re.fullmatch(r"psmp-root-ml-work-x[0-9a-f]{12}", marked)
    assert root_name(marked.removeprefix(PREFIX)) != marked
