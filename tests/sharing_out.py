"""How pytest-xdist shares files of tests out to its workers: together what uses one stack, and the longest first."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

TOGETHER: Final = {
    "system/test_crash": "running",
    "system/test_governed": "running",
    "system/test_operations": "running",
    "system/test_idempotence": "running",
    "system/test_checkpoints": "running",
    "integration/test_cli": "dev",
    "integration/test_cli_resolving": "dev",
    "integration/test_mcp": "dev",
    "integration/test_cli_manifest": "dev",
    "integration/test_cli_receipts": "dev",
    "integration/test_cli_from_diff": "dev",
}
"""Files that use the same stack, which one worker starts once."""

LONGEST: Final = (
    *TOGETHER,
    "system/test_regressed",
    "system/test_dashboard",
    "system/test_erasure",
    "integration/test_cli_demo",
    "integration/test_cli_decisions",
    "integration/test_gateway_fuzz",
    "integration/test_slots",
    "integration/test_ci",
    "integration/test_cli_transitive",
    "integration/test_stack",
    "integration/test_orchestration",
    "integration/test_deployment",
    "integration/test_cli_checkpoints",
    "integration/test_gateway_live",
    "integration/test_cli_stack",
    "integration/test_checker_replicas",
    "integration/test_solver",
    "integration/test_gateway_mcp",
    "integration/test_gateway_access",
    "integration/test_gateway_record",
    "integration/test_gateway_api",
    "integration/test_keys",
    "integration/test_pruning",
    "integration/test_typescript",
    "integration/test_client",
)
"""Files that begin first, so that at the end no worker has a long one while the others have nothing."""


class InOrder(LoadScopeScheduling):  # type: ignore[misc]  # what xdist has is untyped
    """Each file, or files that belong together, goes to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        name = _name(PurePath(nodeid.partition("::")[0]))
        return TOGETHER.get(name, name)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:  # noqa: ANN401 - xdist's
    """With ``--dist loadfile`` files begin in the order of the tests here, and not by how many tests they have."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return InOrder(config, log)


def in_order(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The longest files first, the others as they were."""
    rank = {name: number for number, name in enumerate(LONGEST)}
    return sorted(items, key=lambda item: rank.get(_name(item.path), len(rank)))


def _name(path: PurePath) -> str:
    """As in the tables above."""
    return f"{path.parent.name}/{path.stem}"
