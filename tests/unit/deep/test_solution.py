"""What the resolver found is read with its hashes and reasons, and what is no set is not known."""

from psmp.deep.solution import Package, Solved, Undetermined, read_solution

OUTPUT = """\
anyio==4.0 \\
    --hash=sha256:bb \\
    --hash=sha256:aa
    # via fastapi, psmp-root-web
fastapi==0.110 \\
    --hash=sha256:cc
    # via psmp-root-api
odd==1.bad.0    # via fastapi
psmp-root-api @ file:///somewhere/psmp-root-api
psmp-root-web @ file:///somewhere/psmp-root-web
wheel @ https://host/wheel-1-py3-none-any.whl
    # via psmp-root-api
"""
WARNINGS = """\
Resolved 5 packages in 1ms
warning: `anyio==4.0` is yanked (reason: "it is
broken")
warning: `odd==1` is yanked
warning: The package `fastapi==0.110` does not have an extra named `all`
warning: something else
"""


def test_a_set_with_hashes_and_reasons() -> None:
    told = read_solution(OUTPUT, WARNINGS, {"psmp-root-api": "api", "psmp-root-web": "WEB"})
    assert told == Solved(
        (
            Package("anyio", "4.0", ("sha256:aa", "sha256:bb"), ("WEB",), ("fastapi",)),
            Package("fastapi", "0.110", ("sha256:cc",), ("api",)),
            Package("odd", "1.bad.0", via=("fastapi",)),
            Package("wheel", "", direct=("api",), url="https://host/wheel-1-py3-none-any.whl"),
        ),
        ("anyio==4.0 is yanked (it is broken)", "fastapi==0.110 has no extra all", "odd==1 is yanked"),
    )


def test_a_prerelease_is_noted() -> None:
    assert read_solution("a==1rc1\nb==1\n", "", {}) == Solved(
        (Package("a", "1rc1"), Package("b", "1")), ("a==1rc1 is a pre-release",)
    )


def test_nothing_to_install_is_a_set_too() -> None:
    assert read_solution("\n", "", {}) == Solved(())


def test_what_is_no_set_is_not_known() -> None:
    assert read_solution("!!", "", {}) == Undetermined("the resolver's answer could not be read", "!!")
