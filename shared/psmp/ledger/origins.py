"""How the logs of a deployment are named, in checkpoints and receipts: schema-less URLs (C2SP tlog-checkpoint)."""

import re
from typing import Final

from psmp.words.ids import ProjectKey

DEPLOYMENT: Final = re.compile(r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\Z")
"""What a deployment may be named: as a host is, ``psmp.example.org``."""

HERE: Final = "psmp.localhost"
"""The name of a deployment that was given none."""


def origin(deployment: str, key: ProjectKey) -> str:
    """The name of a project's log."""
    return f"{deployment}/{key.tenant}/{key.project}"


def anchor(deployment: str) -> str:
    """The name of the one log whose leaves are the texts of all projects' checkpoints. No project's is named so."""
    return f"{deployment}/anchor"


def receipts(deployment: str) -> str:
    """The name of the keys that sign receipts."""
    return f"{deployment}/receipts"


def statements(deployment: str) -> str:
    """The name of the keys that sign the manifests of bundles and statements about projects."""
    return f"{deployment}/statements"


def dispatches(deployment: str) -> str:
    """The name of the keys that sign the tokens by which agents of a graph may start."""
    return f"{deployment}/dispatch"


def project_of(written: str, deployment: str) -> ProjectKey | None:
    """The project whose log is named ``written``; None when it is no project's, or of another deployment."""
    match written.removeprefix(f"{deployment}/").split("/"):
        case [tenant, project] if written.startswith(f"{deployment}/"):
            return ProjectKey(tenant, project)
    return None
