"""Where the watchdog's words come from, and the first of them."""

from typing import Final

from psmp.words.envelope import Provenance
from psmp.words.events import ProjectCreated
from psmp.words.values import Policy, Target

SOURCE: Final = "/psmp/watchdog"
ACTOR: Final = "psmp_watchdog"

FOUNDING: Final = ProjectCreated(name="PSMP's own services", targets=(Target(),), policy=Policy())
"""The deployment's own project begins."""


def provenance(root: str) -> Provenance:
    """From a command whose outcome it is, or from ourselves: then ``root`` is a fresh id."""
    return Provenance(SOURCE, ACTOR, root, root)
