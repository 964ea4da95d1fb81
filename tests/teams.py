"""Teams that clash in every way that there is: packages of two ecosystems, interpreters, scopes, places, files."""

import random
from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st

from psmp.words.commands import DeclareArtifact
from psmp.words.values import Dependency, Target
from tests.unit.compat.paths import worlds

Team = list[tuple[str, DeclareArtifact]]

TARGETS: Final = (Target(python="3.11"), Target(python="3.12", platform="windows"))
ARTIFACTS: Final = tuple(f"a{number}" for number in range(6))

_PYPI: Final = ("", ">=2", "<2", "==1.5.*", ">=1,<1.5", "==2.1", "!=2.1,>=2", "~=1.4", ">=3a1")
_NPM: Final = ("", "^1.2.0", "^2", ">=1 <2 || 3", "2.1.0", "~1.4")
_MARKERS: Final = (None, None, None, "sys_platform == 'win32'", "python_version < '3.12'")
_PYTHONS: Final = (None, None, None, ">=3.12", "<3.12", ">=3.10")
_REFERENCES: Final = (None, None, None, None, None, "https://host.example/pkg-2.0-py3-none-any.whl")


@st.composite
def needs(draw: st.DrawFn) -> Dependency:
    ecosystem = draw(st.sampled_from(["pypi", "pypi", "npm"]))
    if ecosystem == "npm":
        name, constraint = draw(st.sampled_from(["react", "pkg"])), draw(st.sampled_from(_NPM))
        return Dependency(name=name, constraint=constraint, ecosystem="npm")
    reference = draw(st.sampled_from(_REFERENCES))
    return Dependency(
        name=draw(st.sampled_from(["pkg", "Pkg", "other"])),
        constraint="" if reference else draw(st.sampled_from(_PYPI)),
        scope=draw(st.sampled_from(["runtime", "runtime", "dev", "build"])),
        marker=draw(st.sampled_from(_MARKERS)),
        reference=reference,
    )


@st.composite
def teams(draw: st.DrawFn) -> Team:
    """From two to six artifacts of three agents."""
    return [
        (
            worlds.agent_of(artifact),
            DeclareArtifact(
                artifact=artifact,
                type="code",
                dependencies=tuple(draw(st.lists(needs(), max_size=4))),
                paths=tuple(draw(st.lists(worlds.claims(), max_size=2))),
                requires_python=draw(st.sampled_from(_PYTHONS)),
                environment=draw(st.sampled_from([None, None, None, "apart"])),
                flexible=draw(st.booleans()) or None,
            ),
        )
        for artifact in draw(st.lists(st.sampled_from(ARTIFACTS), min_size=2, max_size=6, unique=True))
    ]


def crowd(chance: random.Random, agents: int, packages: Sequence[str]) -> Team:
    """A team as it may be met: each agent with one artifact, which needs some of the packages by plain constraints."""
    return [
        (
            f"agent-{number}",
            DeclareArtifact(
                artifact=f"work-{number}",
                type="code",
                dependencies=tuple(
                    Dependency(name=name, constraint=chance.choice(_PYPI[:6]))
                    for name in chance.sample(packages, min(len(packages), 3))
                ),
            ),
        )
        for number in range(agents)
    ]
