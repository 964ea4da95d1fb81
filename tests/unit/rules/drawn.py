"""What the projects of the governance test are made of: few names and versions, so that things meet."""

from typing import Final

from hypothesis import strategies as st

from psmp.words.values import Dependency, Policy, Target
from tests.unit.rules.oracle import PACKAGES, WINDOWS

AGENTS: Final = st.sampled_from(["ada", "bob", "eve"])
ARTIFACTS: Final = st.sampled_from(["api", "cli", "web"])
NEEDS: Final = st.lists(
    st.builds(
        Dependency,
        name=st.sampled_from(PACKAGES),
        constraint=st.sampled_from(["", "==1.0", "==2.0", ">=2", "<2", ">=1", "!=1.0,<=1.0", "~=1.0"]),
        marker=st.sampled_from([None, None, None, WINDOWS]),
        scope=st.sampled_from(["runtime", "runtime", "dev"]),
    ),
    max_size=3,
    unique_by=lambda need: need.name,
).map(tuple)

PYTHONS: Final = st.sampled_from([None, None, None, ">=3.12"])
TARGETS: Final = st.sampled_from(
    [
        (Target(),),
        (Target(python="3.12"),),
        (Target(python="3.12", platform="windows"),),
        (Target(python="3.12"), Target(python="3.12", platform="windows")),
    ]
)

CONSTRAINTS: Final = st.sampled_from(["", "==1.0", ">=2", "<2", ">=1"])
BEGINNINGS: Final = ("new", "crowded", "crowded", "blocked", "blocked", "idle", "waived")
POLICIES: Final = st.builds(
    Policy,
    strict_mode=st.booleans(),
    auto_resolve=st.booleans(),
    max_concurrent_agents=st.just(2),
    slots_per_agent=st.sampled_from([None, 2]),
    lease_seconds=st.just(30),
    term_seconds=st.just(60),
    wait_seconds=st.just(40),
    answer_seconds=st.just(20),
    resolvers=st.just(("eve",)),
    fenced=st.sampled_from([None, True]),
)
