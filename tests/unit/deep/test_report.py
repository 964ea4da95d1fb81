"""The resolver's explanation is read as facts, and what is not understood is doubt and no proof."""

import pytest

from psmp.deep.report import Doubt, Fact, Proof, read_report

HEAD = "error: No solution found when resolving dependencies\n  cause: "
ROOTS = "we can conclude that your requirements are unsatisfiable.\n"


def read(body: str) -> Proof | Doubt:
    return read_report(HEAD + body)


def test_a_proof_over_several_paragraphs() -> None:
    told = read(
        """Because only psmp-root-ml==0 is available and psmp-root-ml==0 depends on tensorflow==2.15.*, we can \
conclude that all versions of psmp-root-ml depend on tensorflow==2.15.*. (1)

         Because tensorflow>=2.15.0rc0,<=2.15.1 depends on numpy>=1.23.5,<2.0.0 and psmp-root-data==0 depends on \
numpy>=2.0, we can conclude that psmp-root-data==0 and tensorflow>=2.15.0rc0,<=2.15.1 are incompatible.
         And because we know from (1) that all versions of psmp-root-ml depend on tensorflow==2.15.*, we can conclude \
that psmp-root-data==0 and all versions of psmp-root-ml are incompatible.
         And because you require psmp-root-ml and psmp-root-data, we can conclude that your requirements are \
unsatisfiable.

hint: Something was published by nobody that has no usable wheels
"""
    )
    assert told == Proof(
        (
            Fact("psmp-root-ml", ("==0",), "tensorflow", ("==2.15.*",)),
            Fact("tensorflow", (">=2.15.0rc0,<=2.15.1",), "numpy", (">=1.23.5,<2.0.0",)),
            Fact("psmp-root-data", ("==0",), "numpy", (">=2.0",)),
        ),
        frozenset({"psmp-root-ml", "psmp-root-data", "tensorflow", "numpy"}),
    )


def test_alternatives_extras_markers_and_two_needs_in_one() -> None:
    told = read(
        """Because httpx[http2]==1.0 depends on one of:
             h2>=3,<4
             h2>4
         and idna{sys_platform != 'win32'}<3, we can conclude that httpx[http2]==1.0 cannot be used.
         And because you require httpx[http2] and h2, """
        + ROOTS
    )
    assert told == Proof(
        (
            Fact("httpx[http2]", ("==1.0",), "h2", (">=3,<4", ">4")),
            Fact("httpx[http2]", ("==1.0",), "idna", ("<3",)),
        ),
        frozenset({"httpx", "h2", "idna"}),
    )


@pytest.mark.parametrize(
    "premises",
    [
        "there is no version of a==1 and you require a==1",
        "there are no versions of a and you require a",
        "only a<=1 is available and you require a>=2",
        "only the following versions of a are available:\n      a<=1\n      a>=3\n  and you require a==2",
        "all of:\n    a<1\n    a>1\n  were yanked and you require a",
        "a==1 was published after the exclude newer time and you require a",
        "a==1 requires Python>=3.12 and you require a",
        "the requested Python version (3.11) does not satisfy Python>=3.12 and a==1 depends on Python>=3.12",
        "a==1 has no wheels with a matching Python ABI tag (e.g., `cp311`) and you require a",
        "a==1 has no wheels with a matching platform tag (e.g., `manylinux_2_17_x86_64`) and you require a",
        "a==1 has no Linux-compatible wheels and you require a",
        "we know from (1) that a and b are incompatible and we know from (2) that a depends on c",
        "we know from (1) that a<2 and b are incompatible and only b==1 is available",
        "we know from (1) that a<2 and b are incompatible and b==1 depends on c",
    ],
)
def test_forms_of_proof(premises: str) -> None:
    assert isinstance(read(f"Because {premises}, {ROOTS}"), Proof)


@pytest.mark.parametrize(
    ("premise", "why"),
    [
        ("a was not found in the package registry", "the index has no project a"),
        ("a was not found in the cache", "project a could not be looked up"),
        ("a was not found in the provided package locations", "project a could not be looked up"),
        ("a==1 has no usable wheels", "a==1 is published as source only, and nothing is built here"),
        ("a==1 has no publish time", "the index does not say when a==1 was published"),
        ("a==1 has invalid metadata", "the index has metadata of a==1 that cannot be read"),
        ("a==1 has inconsistent metadata", "the index has metadata of a==1 that cannot be read"),
        ("a==1 has an invalid package format", "the index has a file of a==1 that cannot be read"),
        ("a==1 does not include a `METADATA` file", "the index has a file of a==1 without metadata"),
        ("a==1 needs to be downloaded from a registry", "a==1 could not be looked up"),
        ("a==1 has no available distributions", "the index has no file of a==1 that can be used"),
    ],
)
def test_what_uv_could_not_look_into_is_no_proof(premise: str, why: str) -> None:
    assert read(f"Because {premise} and you require a, {ROOTS}") == Doubt(why)
    assert read(f"Because only b==1 is available and {premise}, {ROOTS}") == Doubt(why)


def test_the_version_of_python_counts_like_a_package() -> None:
    told = read(f"Because a==1 requires Python>=3.12 and you require a, {ROOTS}")
    assert told == Proof((), frozenset({"a", "Python"}))


def test_the_first_doubt_is_told() -> None:
    told = read(f"Because a was not found in the cache and b==1 has no usable wheels, {ROOTS}")
    assert told == Doubt("project a could not be looked up")


@pytest.mark.parametrize(
    "body",
    [
        "Because a==1 is not to our liking and you require a, " + ROOTS,
        "Because a==1 depends on b and you require a, we hope that nothing happens.",
        "Because ?! and you require a, " + ROOTS,
        "Because you require a, we can conclude that it never ends",
        "Because you require a, we can conclude that it ends. Although it does not.",
        "Because we know from (1) that",
        "Because a==1 depends on one of:\n  b<1\n  b>2",
        "Because a==1 depends on b and ?! depends on c, " + ROOTS,
    ],
)
def test_what_is_not_understood_is_no_proof(body: str) -> None:
    told = read(body)
    assert isinstance(told, Doubt)
    assert told.reason.startswith("the resolver's explanation could not be read from ")


@pytest.mark.parametrize("text", ["", "error: nothing", "  cause: Because a, we can conclude that b."])
def test_what_is_no_explanation_is_no_proof(text: str) -> None:
    assert read_report(text) == Doubt("the resolver's answer could not be read")


def test_a_reason_that_somebody_wrote_makes_no_facts() -> None:
    told = read(f"Because a==1 was yanked (reason: bad. Because b==1 depends on c) and a==2 depends on d, {ROOTS}")
    assert told == Proof((), frozenset({"a", "d"}))
