"""The deployment's name, as an option: the origin of every log begins with it."""

from typing import Annotated

from cyclopts import Parameter

from psmp.cli.exits import Exit
from psmp.cli.faults import Complaint
from psmp.ledger.origins import DEPLOYMENT, HERE

Deployment = Annotated[
    str | None, Parameter(env_var="PSMP_DEPLOYMENT", help=f"The name of the deployment; default: {HERE}.")
]


def deployment_of(given: str | None) -> str:
    """The name that is meant; raises ``Complaint`` when it is none."""
    name = given or HERE
    if not DEPLOYMENT.match(name):
        raise Complaint(Exit.USAGE, f"{name!r} names no deployment", "a name as hosts have: psmp.example.org")
    return name
